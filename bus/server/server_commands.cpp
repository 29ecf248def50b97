#include "bus/server/server_commands.hpp"

#include "bus/crypto/random.hpp"
#include "bus/server/hub.hpp"
#include "bus/xmpp/commands.hpp"

namespace xbus::server {

namespace {

using xmpp::CommandAnswer;
using xmpp::CommandRequest;
using xmpp::Condition;
using xmpp::StanzaError;

xmpp::Form counters_form(Hub& hub) {
  xmpp::Form form;
  form.type = xmpp::FormType::result;
  form.title = "Counters of " + hub.options.domain;
  for (const Family& family : families(hub)) {
    for (const auto& [value, number] : family.samples) {
      xmpp::Field field;
      field.var = std::string(family.name) + (value.empty() ? "" : "." + value);
      field.type = xmpp::FieldType::text_single;
      field.label = std::string(family.help) + (value.empty() ? "" : " [" + value + "]");
      field.values = {std::to_string(number)};
      form.fields.push_back(std::move(field));
    }
  }
  return form;
}

void answer_command(Hub& hub, const IqRequest& request, const IqAnswer& answer) {
  if (!request.set) return answer.error(StanzaError(Condition::service_unavailable));
  const auto command = xmpp::command_request_from(request.payload);
  if (!command) return answer.error(command.error());
  if (!hub.is_admin(request.from)) return answer.error(StanzaError(Condition::forbidden));
  if (command->node != counters_node) return answer.error(StanzaError(Condition::item_not_found));
  // It is done in one step, so there is no session to go on with.
  if (!command->session.empty()) return answer.error(xmpp::stanza_error(xmpp::CommandError::bad_sessionid));
  if (command->action != CommandRequest::Action::execute)
    return answer.error(xmpp::stanza_error(xmpp::CommandError::bad_action));
  answer.result(xmpp::to_element(CommandAnswer{
      command->node, crypto::random_id(9), CommandAnswer::Status::completed, counters_form(hub), {}}));
}

}  // namespace

void add_commands(IqHandlers& handlers) {
  handlers.add(IqHandlers::For::server, xmpp::ns_commands, answer_command);
}

}  // namespace xbus::server
