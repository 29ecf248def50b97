#include "bus/xmpp/stanza.hpp"

#include <array>
#include <charconv>

#include "bus/limits.hpp"

namespace xbus::xmpp {

namespace {

constexpr std::array<std::string_view, 4> iq_types = {"get", "set", "result", "error"};
constexpr std::array<std::string_view, 5> message_types = {"normal", "chat", "error", "groupchat",
                                                           "headline"};
constexpr std::array<std::string_view, 8> presence_types = {
    "", "unavailable", "error", "probe", "subscribe", "subscribed", "unsubscribe", "unsubscribed"};
constexpr std::array<std::string_view, 5> shows = {"", "chat", "away", "xa", "dnd"};

template <class Enum, size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view value) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == value) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <class Enum, size_t N>
std::string_view name(const std::array<std::string_view, N>& names, Enum value) {
  return names[static_cast<size_t>(value)];
}

bool is_content_ns(std::string_view ns) {
  return ns == xml::ns_client || ns == xml::ns_server || ns == xml::ns_component;
}

// An attribute of a view as text; references are rare, so they cost only where they stand.
std::string text_of(const xml::AttributeView& attribute) {
  if (attribute.value.find('&') == std::string_view::npos) return std::string(attribute.value);
  return xml::unescape_attribute(attribute.value);
}

// The shape of a stanza, however it is held.
struct Shape {
  xml::StanzaView::Kind kind;
  bool has_id;
  const std::string_view* type;  // nullptr when absent
  size_t children;
  bool has_error_child;
};

StanzaFault check_iq(const Shape& shape) {
  if (!shape.has_id) return StanzaFault::iq_without_id;
  if (!shape.type) return StanzaFault::iq_type_missing;
  auto type = iq_type_of(*shape.type);
  if (!type) return StanzaFault::iq_type_unknown;
  switch (*type) {
    case IqType::get:
    case IqType::set:
      return shape.children == 1 ? StanzaFault::none : StanzaFault::iq_request_children;
    case IqType::result:
      return shape.children <= 1 ? StanzaFault::none : StanzaFault::iq_result_children;
    case IqType::error:
      return shape.has_error_child ? StanzaFault::none : StanzaFault::error_without_child;
  }
  return StanzaFault::none;
}

StanzaFault check(const Shape& shape) {
  using Kind = xml::StanzaView::Kind;
  const bool is_error = shape.type && *shape.type == "error";
  switch (shape.kind) {
    case Kind::iq:
      return check_iq(shape);
    case Kind::message:
      return is_error && !shape.has_error_child ? StanzaFault::error_without_child
                                                : StanzaFault::none;
    case Kind::presence:
      if (is_error && !shape.has_error_child) return StanzaFault::error_without_child;
      // type="" is written by someone, and no value of section 4.7.1.
      if (shape.type && (shape.type->empty() || !presence_type_of(*shape.type))) {
        return StanzaFault::presence_type_unknown;
      }
      return StanzaFault::none;
    case Kind::other:
      break;
  }
  return StanzaFault::unsupported_stanza;
}

xml::StanzaView::Kind kind_of(const xml::Element& stanza) {
  using Kind = xml::StanzaView::Kind;
  if (!is_content_ns(stanza.ns())) return Kind::other;
  if (stanza.name() == "iq") return Kind::iq;
  if (stanza.name() == "message") return Kind::message;
  if (stanza.name() == "presence") return Kind::presence;
  return Kind::other;
}

// An error never answers an error, nor a result (section 8.3.1).
bool may_be_answered(xml::StanzaView::Kind kind, std::string_view type) {
  using Kind = xml::StanzaView::Kind;
  if (kind == Kind::other || type == "error") return false;
  return kind != Kind::iq || type != "result";
}

// The address the error comes from is the one the stanza was meant for; a malformed one is left out
// (section 8.3.1).
void set_from(xml::Element& answer, std::string_view to, const StanzaError& error) {
  if (error.condition == Condition::jid_malformed && !Jid::parse(to)) return;
  answer.set("from", to);
}

// Adds what the element weighs, in the unit of limits::error_payload_bytes_max.
void weigh(const xml::Element& element, size_t& total) {
  total += 1 + element.name().size() + element.ns().size();
  for (const xml::Attribute& a : element.attributes())
    total += 1 + a.name.size() + a.ns.size() + a.value.size();
  for (const xml::Node& node : element.nodes()) {
    if (total > limits::error_payload_bytes_max) return;
    if (node.is_element()) {
      weigh(node.element.front(), total);
    } else {
      total += node.text.size();
    }
  }
}

}  // namespace

std::string_view name_of(IqType type) { return name(iq_types, type); }
std::string_view name_of(MessageType type) { return name(message_types, type); }
std::string_view name_of(PresenceType type) { return name(presence_types, type); }
std::string_view name_of(Show show) { return name(shows, show); }

std::optional<IqType> iq_type_of(std::string_view value) { return find<IqType>(iq_types, value); }
MessageType message_type_of(std::string_view value) {
  return find<MessageType>(message_types, value).value_or(MessageType::normal);
}
std::optional<PresenceType> presence_type_of(std::string_view value) {
  return find<PresenceType>(presence_types, value);
}

std::optional<IqType> iq_type(const xml::Element& stanza) {
  if (stanza.name() != "iq") return std::nullopt;
  return iq_type_of(stanza.attr_or("type", ""));
}
MessageType message_type(const xml::Element& stanza) {
  return message_type_of(stanza.attr_or("type", ""));
}
std::optional<PresenceType> presence_type(const xml::Element& stanza) {
  if (stanza.name() != "presence") return std::nullopt;
  return presence_type_of(stanza.attr_or("type", ""));
}

Show show_of(const xml::Element& presence) {
  const xml::Element* show = presence.first("show", presence.ns());
  if (!show) return Show::available;
  return find<Show>(shows, show->text()).value_or(Show::available);
}

int8_t priority_of(const xml::Element& presence) {
  const xml::Element* priority = presence.first("priority", presence.ns());
  if (!priority) return 0;
  const std::string text = priority->text();
  const char* end = text.data() + text.size();
  int value = 0;
  // xs:byte: a plus sign is allowed, which from_chars does not take.
  const char* begin =
      text.starts_with('+') && !text.starts_with("+-") ? text.data() + 1 : text.data();
  auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end || value < -128 || value > 127) return 0;
  return static_cast<int8_t>(value);
}

Result<Jid, JidError> address(const xml::Element& stanza, std::string_view attribute) {
  const std::string* text = stanza.attr(attribute);
  if (!text) return Jid();
  return Jid::parse(*text);
}

xml::Element iq(IqType type, std::string_view id, const Jid& to, xml::Element payload,
                std::string_view content_ns) {
  xml::Element stanza("iq", std::string(content_ns));
  stanza.set("type", name_of(type)).set("id", id);
  if (!to.empty()) stanza.set("to", to.str());
  stanza.add(std::move(payload));
  return stanza;
}

xml::Element message(MessageType type, const Jid& to, std::string_view content_ns) {
  xml::Element stanza("message", std::string(content_ns));
  if (type != MessageType::normal) stanza.set("type", name_of(type));
  if (!to.empty()) stanza.set("to", to.str());
  return stanza;
}

xml::Element presence(PresenceType type, const Jid& to, std::string_view content_ns) {
  xml::Element stanza("presence", std::string(content_ns));
  if (type != PresenceType::available) stanza.set("type", name_of(type));
  if (!to.empty()) stanza.set("to", to.str());
  return stanza;
}

xml::Element result_for(const xml::Element& request, std::optional<xml::Element> payload) {
  xml::Element answer("iq", request.ns());
  answer.set("type", name_of(IqType::result));
  if (const std::string* id = request.attr("id")) answer.set("id", *id);
  if (const std::string* from = request.attr("from")) answer.set("to", *from);
  if (const std::string* to = request.attr("to")) answer.set("from", *to);
  if (payload) answer.add(std::move(*payload));
  return answer;
}

std::optional<xml::Element> error_for(const xml::Element& stanza, const StanzaError& error,
                                      CopyPayload copy) {
  const xml::StanzaView::Kind kind = kind_of(stanza);
  if (!may_be_answered(kind, stanza.attr_or("type", ""))) return std::nullopt;
  xml::Element answer(stanza.name(), stanza.ns());
  answer.set("type", "error");
  // An iq error has an id whatever came (section 8.3.1): an empty one for none.
  const std::string* id = stanza.attr("id");
  if (id || kind == xml::StanzaView::Kind::iq) answer.set("id", id ? *id : "");
  if (const std::string* from = stanza.attr("from")) answer.set("to", *from);
  if (const std::string* to = stanza.attr("to")) set_from(answer, *to, error);
  if (copy == CopyPayload::yes) {
    size_t weight = 0;
    for (const xml::Element* child : stanza.elements()) weigh(*child, weight);
    if (weight <= limits::error_payload_bytes_max) {
      for (const xml::Element* child : stanza.elements()) {
        if (!child->is("error", stanza.ns())) answer.add(*child);
      }
    }
  }
  answer.add(to_element(error, stanza.ns()));
  return answer;
}

std::optional<xml::Element> error_for(const xml::StanzaView& stanza, const StanzaError& error,
                                      std::string_view content_ns) {
  const bool has_type = stanza.type.present();
  if (!may_be_answered(stanza.kind, has_type ? text_of(stanza.type) : std::string()))
    return std::nullopt;
  xml::Element answer{std::string(stanza.name), std::string(content_ns)};
  answer.set("type", "error");
  if (stanza.id.present() || stanza.kind == xml::StanzaView::Kind::iq)
    answer.set("id", text_of(stanza.id));
  if (stanza.from.present()) answer.set("to", text_of(stanza.from));
  if (stanza.to.present()) set_from(answer, text_of(stanza.to), error);
  answer.add(to_element(error, content_ns));
  return answer;
}

StanzaFault check(const xml::StanzaView& stanza) {
  std::string expanded;
  std::string_view type = stanza.type.value;
  if (type.find('&') != std::string_view::npos) type = expanded = xml::unescape_attribute(type);
  // Whether one of the children is an <error/> is not known here; none at all is.
  return check(Shape{.kind = stanza.kind,
                     .has_id = stanza.id.present(),
                     .type = stanza.type.present() ? &type : nullptr,
                     .children = stanza.children,
                     .has_error_child = stanza.children > 0});
}

StanzaFault check(const xml::Element& stanza) {
  const std::string* type = stanza.attr("type");
  std::string_view value = type ? std::string_view(*type) : std::string_view();
  return check(Shape{.kind = kind_of(stanza),
                     .has_id = stanza.attr("id") != nullptr,
                     .type = type ? &value : nullptr,
                     .children = stanza.element_count(),
                     .has_error_child = stanza.first("error", stanza.ns()) != nullptr});
}

std::optional<StanzaError> error_of(StanzaFault fault) {
  if (fault == StanzaFault::none || fault == StanzaFault::unsupported_stanza) return std::nullopt;
  return StanzaError(Condition::bad_request, std::string(name_of(fault)));
}

std::string_view name_of(StanzaFault fault) {
  switch (fault) {
    case StanzaFault::none:
      return "no fault";
    case StanzaFault::unsupported_stanza:
      return "neither iq nor message nor presence";
    case StanzaFault::iq_without_id:
      return "an iq needs an id";
    case StanzaFault::iq_type_missing:
      return "an iq needs a type";
    case StanzaFault::iq_type_unknown:
      return "the type of an iq is get, set, result or error";
    case StanzaFault::iq_request_children:
      return "an iq of type get or set holds exactly one child element";
    case StanzaFault::iq_result_children:
      return "an iq of type result holds at most one child element";
    case StanzaFault::error_without_child:
      return "a stanza of type error holds an error element";
    case StanzaFault::presence_type_unknown:
      return "presence has no such type";
  }
  return "";
}

}  // namespace xbus::xmpp
