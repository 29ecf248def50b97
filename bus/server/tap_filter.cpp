#include "bus/server/tap_filter.hpp"

#include <charconv>
#include <utility>

#include "bus/limits_monitors.hpp"

namespace xbus::server {
namespace {

using xmpp::Condition;
using xmpp::Jid;
using xmpp::StanzaError;
using Kind = xml::StanzaView::Kind;

Err<StanzaError> bad(std::string why) {
  return Err{StanzaError(Condition::bad_request, std::move(why))};
}

std::optional<bool> boolean(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return {};
}

// Each word once; false for a word that is none of the three, and for none at all.
bool read_kinds(std::string_view text, TapFilter& filter) {
  filter.iqs = filter.messages = filter.presences = false;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    bool* kind = word == "iq"         ? &filter.iqs
                 : word == "message"  ? &filter.messages
                 : word == "presence" ? &filter.presences
                                      : nullptr;
    if (kind == nullptr || std::exchange(*kind, true)) return false;
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return filter.iqs || filter.messages || filter.presences;
}

std::string kinds_text(const TapFilter& filter) {
  std::string text;
  const auto add = [&](bool wanted, const char* word) {
    if (wanted) text += (text.empty() ? "" : " ") + std::string(word);
  };
  add(filter.iqs, "iq");
  add(filter.messages, "message");
  add(filter.presences, "presence");
  return text;
}

// One attribute of <start/>; what is wrong with it, or nothing.
std::string read(const xml::Attribute& attribute, TapStart& start) {
  const std::string& name = attribute.name;
  const std::string& value = attribute.value;
  TapFilter& filter = start.filter;
  if (!attribute.ns.empty()) return attribute.ns == xml::ns_xml ? "" : "no such attribute";
  if (name == "scope") {
    if (value != "own" && value != "all") return "scope is own or all";
    start.scope = value == "all" ? TapScope::all : TapScope::own;
  } else if (name == "kinds") {
    if (!read_kinds(value, filter)) return "kinds are iq, message, presence";
  } else if (name == "from" || name == "to") {
    auto jid = Jid::parse(value);
    if (!jid) return name + " is no JID";
    (name == "from" ? filter.from : filter.to) = std::move(*jid);
  } else if (name == "payload" || name == "name") {
    if (value.empty() || value.size() > limits::xml_namespace_bytes_max)
      return name + " is empty or too long";
    (name == "payload" ? filter.payload_ns : filter.payload_name) = value;
  } else if (name == "errors") {
    const auto wanted = boolean(value);
    if (!wanted) return "errors is true or false";
    filter.errors = *wanted;
  } else {
    return "no such attribute";
  }
  return {};
}

Kind kind_of(std::string_view name) {
  if (name == "iq") return Kind::iq;
  if (name == "message") return Kind::message;
  return name == "presence" ? Kind::presence : Kind::other;
}

uint64_t number(const xml::Element& element, std::string_view name) {
  const std::string_view text = element.attr_or(name, {});
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::string_view name_of(TapScope scope) { return scope == TapScope::all ? "all" : "own"; }

xml::Element to_element(const TapStart& start) {
  xml::Element element("start", ns_monitor);
  const TapFilter& filter = start.filter;
  if (start.scope) element.set("scope", name_of(*start.scope));
  if (!filter.iqs || !filter.messages || !filter.presences)
    element.set("kinds", kinds_text(filter));
  if (!filter.from.empty()) element.set("from", filter.from.str());
  if (!filter.to.empty()) element.set("to", filter.to.str());
  if (!filter.payload_ns.empty()) element.set("payload", filter.payload_ns);
  if (!filter.payload_name.empty()) element.set("name", filter.payload_name);
  if (filter.errors) element.set("errors", "true");
  for (const Jid& jid : filter.with) element.add("with").add_text(jid.str());
  return element;
}

Result<TapStart, StanzaError> tap_start_from(const xml::Element& element) {
  if (!element.is("start", ns_monitor)) return bad("no such request");
  TapStart start;
  for (const xml::Attribute& attribute : element.attributes()) {
    const std::string why = read(attribute, start);
    if (!why.empty()) return bad(why);
  }
  for (const xml::Node& node : element.nodes()) {
    if (!node.is_element()) {
      if (node.text.find_first_not_of(" \t\r\n") != std::string::npos) return bad("text in start");
      continue;
    }
    const xml::Element& child = node.element.front();
    if (!child.is("with", ns_monitor) || child.element_count() != 0) return bad("no such element");
    auto jid = Jid::parse(child.text());
    if (!jid) return bad("with is no JID");
    if (start.filter.with.size() >= limits::monitor_addresses_max) return bad("too many addresses");
    start.filter.with.push_back(std::move(*jid));
  }
  return start;
}

TapScope tap_scope_from(const xml::Element& started) {
  return started.attr_or("scope", {}) == "all" ? TapScope::all : TapScope::own;
}

bool stands_for(const Jid& asked, const Jid& address) {
  if (asked.is_full()) return asked == address;
  if (asked.is_domain()) return asked.domain() == address.domain();
  return asked.bare_str() == address.bare_str();
}

bool passes(const TapFilter& filter, const Seen& seen) {
  const bool kind = (seen.kind == Kind::iq && filter.iqs) ||
                    (seen.kind == Kind::message && filter.messages) ||
                    (seen.kind == Kind::presence && filter.presences);
  if (!kind || (filter.errors && seen.type != "error")) return false;
  if (!filter.payload_ns.empty() && seen.payload_ns != filter.payload_ns) return false;
  if (!filter.payload_name.empty() && seen.payload_name != filter.payload_name) return false;
  if (!filter.from.empty() && !stands_for(filter.from, seen.from)) return false;
  return filter.to.empty() || (!seen.to.empty() && stands_for(filter.to, seen.to));
}

Seen seen_of(const xml::Element& stanza) {
  Seen seen;
  seen.kind = kind_of(stanza.name());
  seen.type = stanza.attr_or("type", {});
  if (const xml::Element* payload = stanza.first_element()) {
    seen.payload_ns = payload->ns();
    seen.payload_name = payload->name();
  }
  if (auto omitted = stanza.first("omitted", ns_monitor)) {
    seen.payload_ns = omitted->attr_or("ns", {});
    seen.payload_name = omitted->attr_or("name", {});
  }
  if (auto from = Jid::parse(stanza.attr_or("from", {}))) seen.from = std::move(*from);
  if (auto to = Jid::parse(stanza.attr_or("to", {}))) seen.to = std::move(*to);
  return seen;
}

std::optional<Tapped> tapped_from(const xml::Element& message) {
  if (message.name() != "message" || message.attr_or("type", {}) != "headline") return {};
  Tapped tapped;
  const xml::Element* told = message.first("tapped", ns_monitor);
  if (told != nullptr) tapped.missed = number(*told, "missed");
  const xml::Element* forwarded = message.first("forwarded", xmpp::ns_forwarded);
  if (forwarded != nullptr) tapped.forwarded = xmpp::forwarded_from(*forwarded);
  if (told == nullptr && !tapped.forwarded) return {};
  return tapped;
}

xml::Element to_element(const Omitted& omitted) {
  xml::Element element("omitted", ns_monitor);
  element.set("reason", omitted.reason);
  if (!omitted.ns.empty()) element.set("ns", omitted.ns);
  if (!omitted.name.empty()) element.set("name", omitted.name);
  return element;
}

std::optional<Omitted> omitted_in(const xml::Element& stanza) {
  const xml::Element* element = stanza.first("omitted", ns_monitor);
  if (element == nullptr) return {};
  return Omitted{std::string(element->attr_or("reason", {})),
                 std::string(element->attr_or("ns", {})),
                 std::string(element->attr_or("name", {}))};
}

}  // namespace xbus::server
