#include "bus/xmpp/commands.hpp"

#include <array>

namespace xbus::xmpp {

namespace {

constexpr std::array<std::string_view, 5> action_names = {"execute", "cancel", "prev", "next", "complete"};
constexpr std::array<std::string_view, 3> status_names = {"executing", "completed", "canceled"};
constexpr std::array<std::string_view, 3> note_names = {"info", "warn", "error"};
constexpr std::array<std::string_view, 6> error_names = {"malformed-action", "bad-action",    "bad-locale",
                                                         "bad-payload",      "bad-sessionid", "session-expired"};

}  // namespace

StanzaError stanza_error(CommandError error, std::string text) {
  StanzaError out(error == CommandError::session_expired ? Condition::not_allowed : Condition::bad_request,
                  std::move(text));
  out.application = xml::Element(error_names[static_cast<size_t>(error)], ns_commands);
  return out;
}

Result<CommandRequest, StanzaError> command_request_from(const xml::Element& command) {
  if (!command.is("command", ns_commands)) return Err{StanzaError(Condition::service_unavailable)};
  CommandRequest request;
  request.node = command.attr_or("node", "");
  if (request.node.empty()) return Err{StanzaError(Condition::bad_request, "a command has a node")};
  request.session = command.attr_or("sessionid", "");
  if (const std::string* action = command.attr("action")) {
    size_t i = 0;
    while (i < action_names.size() && action_names[i] != *action) ++i;
    if (i == action_names.size()) return Err{stanza_error(CommandError::malformed_action)};
    request.action = static_cast<CommandRequest::Action>(i);
  }
  if (const xml::Element* x = command.first("x", ns_data)) {
    auto form = form_from(*x);
    if (!form) return Err{stanza_error(CommandError::bad_payload, "the form cannot be read")};
    request.form = std::move(*form);
  }
  return request;
}

xml::Element to_element(const CommandAnswer& answer) {
  xml::Element command("command", ns_commands);
  command.set("node", answer.node).set("sessionid", answer.session);
  command.set("status", status_names[static_cast<size_t>(answer.status)]);
  if (answer.status == CommandAnswer::Status::executing)
    command.add("actions").set("execute", "complete").add("complete");
  if (answer.form) command.add(to_element(*answer.form));
  for (const CommandNote& note : answer.notes)
    command.add("note").set("type", note_names[static_cast<size_t>(note.type)]).add_text(note.text);
  return command;
}

DiscoInfo commands_info() {
  DiscoInfo info;
  info.node = ns_commands;
  info.identities = {{"automation", "command-list", {}, {}}};
  info.features = {std::string(ns_disco_info), std::string(ns_disco_items)};
  return info;
}

DiscoInfo command_info(std::string_view node, std::string_view name) {
  DiscoInfo info;
  info.node = node;
  info.identities = {{"automation", "command-node", std::string(name), {}}};
  info.features = {std::string(ns_disco_info), std::string(ns_commands), std::string(ns_data)};
  return info;
}

}  // namespace xbus::xmpp
