#include "services/xbus/sighting.hpp"

#include <array>
#include <cstdio>

#include "bus/limits.hpp"
#include "bus/server/tap_filter.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/jid.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/json.hpp"
#include "rpc/printable.hpp"
#include "services/xbus/trace.hpp"

namespace xbus::cli {
namespace {

bool is_request(const xml::Element& stanza) {
  const std::string_view type = stanza.attr_or("type", {});
  return stanza.name() == "iq" && (type == "get" || type == "set");
}

bool is_answer(const xml::Element& stanza) {
  const std::string_view type = stanza.attr_or("type", {});
  return stanza.name() == "iq" && (type == "result" || type == "error");
}

// What names nobody stands for the account of the one that asks.
std::string key_of(std::string_view asker, std::string_view asked, std::string_view id) {
  if (asked.empty()) asked = asker.substr(0, asker.find('/'));
  return std::string(asker) + '\n' + std::string(asked) + '\n' + std::string(id);
}

// What stands in a stanza, taken apart.
struct Content {
  std::string ns, name;  // of the payload
  std::optional<jabber_rpc::Request> call;
  std::optional<Result<Value, Fault>> answer;  // to one
  std::optional<xmpp::StanzaError> error;
  std::optional<server::Omitted> omitted;
  std::string body;  // of a message; of a presence what it says for a person
};

Content content_of(const xml::Element& stanza) {
  Content content;
  content.omitted = server::omitted_in(stanza);
  if (content.omitted) {
    content.ns = content.omitted->ns;
    content.name = content.omitted->name;
  } else if (const xml::Element* payload = stanza.first_element()) {
    content.ns = payload->ns();
    content.name = payload->name();
  }
  const bool rpc = content.ns == jabber_rpc::ns && !content.omitted;
  if (stanza.attr_or("type", {}) == "error") {
    content.error = xmpp::stanza_error_from(stanza);
  } else if (rpc && is_request(stanza)) {
    if (auto call = jabber_rpc::read_call(stanza)) content.call = std::move(*call);
  } else if (rpc && is_answer(stanza)) {
    content.answer = jabber_rpc::read_answer(stanza);
  }
  const char* said = stanza.name() == "message" ? "body" : "status";
  if (const xml::Element* body = stanza.first(said, xml::ns_client)) content.body = body->text();
  return content;
}

std::string arguments_text(const Value::Array& arguments) {
  std::string text;
  for (const Value& argument : arguments) text += (text.empty() ? "" : ", ") + json_text(argument);
  return text;
}

// Not yet printable.
std::string summary_of(const xml::Element& stanza, const Content& content) {
  if (content.error) {
    const std::string& text = content.error->text;
    return std::string(name_of(content.error->condition)) + (text.empty() ? "" : ": " + text);
  }
  if (content.call) return content.call->method + "(" + arguments_text(content.call->args) + ")";
  if (content.answer) {
    if (content.answer->ok()) return "= " + json_text(**content.answer);
    return content.answer->error().what();
  }
  const std::string payload = content.ns.empty() ? "" : content.name + " " + content.ns;
  if (content.omitted) return payload + " (left out: " + content.omitted->reason + ")";
  if (stanza.name() == "presence") {
    std::string text;
    if (const xml::Element* show = stanza.first("show", xml::ns_client)) text = show->text();
    if (!content.body.empty()) text += (text.empty() ? "" : " ") + json_quoted(content.body);
    return !text.empty() || content.ns == xml::ns_client ? text : payload;
  }
  return content.body.empty() ? payload : json_quoted(content.body);
}

bool is_trouble(const Content& content) {
  return content.error || (content.answer && !content.answer->ok());
}

double milliseconds(Duration took) {
  return std::chrono::duration<double, std::milli>(took).count();
}

std::string clock_text(Timestamp at) {
  const auto of_day =
      std::chrono::floor<std::chrono::milliseconds>(at - std::chrono::floor<std::chrono::days>(at));
  const std::chrono::hh_mm_ss time(of_day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:%02d.%03d",
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text.data();
}

}  // namespace

void Requests::see(Sighting& sighting) {
  const xml::Element& stanza = sighting.stanza;
  const std::string_view id = stanza.attr_or("id", {});
  const std::string_view from = stanza.attr_or("from", {}), to = stanza.attr_or("to", {});
  if (is_request(stanza)) {
    if (open_.size() >= limits::pending_calls_max) open_.erase(open_.begin());
    open_[key_of(from, to, id)] = sighting.at;
  } else if (is_answer(stanza)) {
    const auto request = open_.find(key_of(to, from, id));
    if (request == open_.end()) return;
    sighting.took = sighting.at - request->second;
    open_.erase(request);
  }
}

std::string sighting_line(const Sighting& sighting, const Terminal& terminal) {
  const xml::Element& stanza = sighting.stanza;
  const Content content = content_of(stanza);
  std::string head = clock_text(sighting.at) + " " + stanza.name();
  if (const std::string* type = stanza.attr("type")) head += " " + *type;
  const std::string_view from = stanza.attr_or("from", {}), to = stanza.attr_or("to", {});
  head += " " + (from.empty() ? "-" : std::string(from)) + " -> " +
          (to.empty() ? "-" : std::string(to));
  const std::string summary = summary_of(stanza, content);
  std::string tail;
  if (sighting.took) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), " %.1f ms", milliseconds(*sighting.took));
    tail = text.data();
  }
  head = printable(head);
  std::string shown = summary.empty() ? "" : " " + printable(summary);
  if (terminal.person) {
    const size_t taken = columns(head) + tail.size();
    shown = fitted(shown, terminal.width > taken + 8 ? terminal.width - taken : 8);
  }
  return head + (is_trouble(content) ? terminal.red(shown) : terminal.bold(shown)) +
         terminal.dim(tail) + "\n";
}

Value sighting_value(const Sighting& sighting) {
  const xml::Element& stanza = sighting.stanza;
  const Content content = content_of(stanza);
  Value value = Value::structure({{"time", time_text(sighting.at)}, {"kind", stanza.name()}});
  for (const char* name : {"type", "from", "to", "id"})
    if (const std::string* text = stanza.attr(name)) value.set(name, *text);
  if (!content.ns.empty()) {
    value.set("payload", content.ns);
    value.set("name", content.name);
  }
  if (content.call) {
    value.set("method", content.call->method);
    value.set("arguments", content.call->args);
  }
  if (content.answer && content.answer->ok()) value.set("value", **content.answer);
  if (content.answer && !content.answer->ok()) {
    const Fault& fault = content.answer->error();
    value.set("fault", Value::structure({{"kind", std::string(fault.kind_name())},
                                         {"code", static_cast<int32_t>(fault.code())},
                                         {"message", fault.message()}}));
  }
  if (content.error) {
    value.set("condition", std::string(name_of(content.error->condition)));
    if (!content.error->text.empty()) value.set("text", content.error->text);
  }
  if (!content.body.empty()) value.set("body", content.body);
  if (content.omitted) value.set("omitted", content.omitted->reason);
  if (sighting.took) value.set("milliseconds", milliseconds(*sighting.took));
  return value;
}

std::string sighting_xml(const Sighting& sighting, const Terminal& terminal) {
  const std::string text = laid_out(xml::write(sighting.stanza, xml::ns_client));
  return terminal.dim(clock_text(sighting.at)) + "\n" + printable(text, Lines::many) + "\n";
}

}  // namespace xbus::cli
