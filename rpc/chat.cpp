#include "rpc/chat.hpp"

#include "bus/xmpp/delay.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/metadata.hpp"

namespace xbus {

namespace {

// Of our namespace: stands in what a service answers, and in what a relay passes on.
constexpr std::string_view answer_mark = "answer", relay_mark = "chat";
constexpr std::string_view behalf = "on-behalf-of";

const xml::Element* body_of(const xml::Element& message) { return message.first("body", message.ns()); }

xml::Element message_with(const xml::Element& question, std::string_view text) {
  xml::Element out("message", std::string(xml::ns_client));
  if (const std::string* type = question.attr("type")) out.set("type", *type);
  out.add("body").add_text(text);
  if (const xml::Element* thread = question.first("thread", question.ns())) out.add("thread").add_text(thread->text());
  return out;
}

}  // namespace

bool is_chat(const xml::Element& message) {
  const xmpp::MessageType type = xmpp::message_type(message);
  if (type != xmpp::MessageType::chat && type != xmpp::MessageType::normal) return false;
  const xml::Element* body = body_of(message);
  return body && !body->text().empty();
}

bool is_question(const xml::Element& message) {
  return is_chat(message) && !message.first("delay", xmpp::ns_delay) && !message.first(answer_mark, ns_call);
}

xml::Element answer_to(const xml::Element& question, std::string_view text) {
  xml::Element out = message_with(question, text);
  out.set("to", question.attr_or("from", ""));
  if (const std::string* id = question.attr("id")) out.set("id", *id);
  out.add(xml::Element(answer_mark, ns_call));
  return out;
}

xml::Element relayed_question(const xml::Element& question, std::string_view from, const xmpp::Jid& to,
                              const xmpp::Jid& on_behalf_of) {
  const xml::Element* body = body_of(question);
  xml::Element out = message_with(question, body ? body->text() : "");
  out.set("from", from).set("to", to.str());
  if (const std::string* id = question.attr("id")) out.set("id", *id);
  out.add(xml::Element(relay_mark, ns_call)).set(behalf, on_behalf_of.str());
  return out;
}

std::string_view on_behalf_of(const xml::Element& question) {
  const xml::Element* relayed = question.first(relay_mark, ns_call);
  return relayed ? relayed->attr_or(behalf, "") : std::string_view();
}

}  // namespace xbus
