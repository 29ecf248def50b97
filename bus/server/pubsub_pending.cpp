// The ad-hoc command that sends an owner again what it is to decide about: the pending subscriptions of a node
// (XEP-0060 section 8.7, XEP-0050).
#include <utility>

#include "bus/limits_topics.hpp"
#include "bus/server/pubsub.hpp"
#include "bus/xmpp/commands.hpp"

namespace xbus::server {

using router::pubsub::Affiliation;
using router::pubsub::SubscriptionState;
using xmpp::Condition;

namespace {

bool has_pending(const router::pubsub::Node& node) {
  for (const auto& [jid, subscription] : node.subscriptions.all()) {
    if (subscription.state == SubscriptionState::pending) return true;
  }
  return false;
}

// The nodes to choose from; the session is one step, so its id means nothing.
xmpp::CommandAnswer choice(const std::vector<std::string>& nodes) {
  xmpp::CommandAnswer answer{std::string(pubsub_get_pending), "pending",
                             xmpp::CommandAnswer::Status::executing, {}, {}};
  xmpp::Form form = xmpp::make_form(xmpp::FormType::form, xmpp::form_subscribe_authorization);
  xmpp::Field field;
  field.var = "pubsub#node";
  field.type = xmpp::FieldType::list_single;
  field.label = "The node to get pending subscriptions of";
  field.required = true;
  for (const std::string& node : nodes) field.options.push_back({node, node});
  form.fields.push_back(std::move(field));
  answer.form = std::move(form);
  return answer;
}

}  // namespace

void Pubsub::on_command(const Asked& asked, const xml::Element& command) {
  auto request = xmpp::command_request_from(command);
  if (!request) return refuse(asked, request.error());
  if (request->node != pubsub_get_pending)
    return refuse(asked, xmpp::StanzaError(Condition::item_not_found));
  xmpp::CommandAnswer done{request->node, request->session, xmpp::CommandAnswer::Status::completed, {}, {}};
  if (request->action == xmpp::CommandRequest::Action::cancel) {
    done.status = xmpp::CommandAnswer::Status::canceled;
    return answer(asked, xmpp::to_element(done));
  }
  if (!request->form) {
    std::vector<std::string> nodes;
    for (const auto& [name, node] : service_.nodes()) {
      if (has_pending(*node) && !must_own(*node, *this, asked.from)) nodes.push_back(name);
      if (nodes.size() >= limits::topic_page_entries_max) break;
    }
    return answer(asked, xmpp::to_element(choice(nodes)));
  }
  auto name = request->form->value("pubsub#node");
  if (!name) return refuse(asked, xmpp::stanza_error(xmpp::CommandError::bad_payload));
  auto owned = service_.owned(asked.from, *name);
  if (!owned) return refuse(asked, owned.error());
  answer(asked, xmpp::to_element(done));
  size_t asking = 0;
  for (const auto& [jid, subscription] : (*owned)->subscriptions.all()) {
    if (subscription.state != SubscriptionState::pending) continue;
    if (++asking > limits::topic_page_entries_max) break;
    ask_owner(**owned, subscription.jid, asked.from);
  }
}

}  // namespace xbus::server
