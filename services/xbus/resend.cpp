#include "services/xbus/resend.hpp"

#include <algorithm>
#include <array>

#include "bus/crypto/random.hpp"
#include "bus/server/admin_payloads.hpp"
#include "bus/server/tap_filter.hpp"
#include "bus/xmpp/commands.hpp"
#include "rpc/administration.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/printable.hpp"
#include "rpc/registry/protocol.hpp"
#include "services/xbus/sighting.hpp"

namespace xbus::cli {
namespace {

using Kind = client::Answer::Kind;

std::string_view outcome_of(Kind kind) {
  switch (kind) {
    case Kind::result:
      return "result";
    case Kind::error:
      return "error";
    case Kind::timed_out:
      return "timeout";
    case Kind::lost:
      return "lost";
    case Kind::not_sent:
      break;
  }
  return "not sent";
}

int status_of(const client::Answer& answer) {
  switch (answer.kind) {
    case Kind::result: {
      const xml::Element* payload = answer.stanza.first_element();
      if (payload == nullptr || payload->ns() != jabber_rpc::ns) return 0;
      const auto value = jabber_rpc::read_answer(answer.stanza);
      return value ? 0 : exit_status(value.error().kind());
    }
    case Kind::timed_out:
      return exit_status(FaultKind::timeout);
    case Kind::lost:
      return exit_status(FaultKind::lost);
    default:
      return exit_status(fault_from(answer.error).kind());
  }
}

// What is told of one of them.
struct Told {
  const xml::Element& stanza;
  std::string outcome, why;
  const xml::Element* answer = nullptr;
  std::optional<Duration> took = {};
};

bool print(const Invocation& invocation, const Told& told) {
  const Value asked = sighting_value({Timestamp(), told.stanza});
  Value answered = Value(Value::Struct());
  if (told.answer != nullptr) answered = sighting_value({Timestamp(), *told.answer, told.took});
  if (invocation.wants_json()) {
    Value line = Value::structure({{"kind", told.stanza.name()}, {"outcome", told.outcome}});
    for (const char* name : {"type", "to", "payload", "name", "method", "arguments", "body"})
      if (const Value* value = asked.find(name)) line.set(name, *value);
    for (const char* name : {"value", "fault", "condition", "text", "milliseconds"})
      if (const Value* value = answered.find(name)) line.set(name, *value);
    if (!told.why.empty()) line.set("why", told.why);
    return invocation.print_line(line);
  }
  // Two lines of a monitor without their times, that of the answer after its outcome.
  constexpr size_t clock = 13;
  std::string text = sighting_line({Timestamp(), told.stanza}, invocation.out).substr(clock);
  if (told.answer != nullptr) {
    text +=
        "  " + sighting_line({Timestamp(), *told.answer, told.took}, invocation.out).substr(clock);
  } else {
    text += "  " + told.outcome + (told.why.empty() ? "" : ": " + printable(told.why)) + "\n";
  }
  return invocation.print_text(text);
}

}  // namespace

bool is_resendable(const xml::Element& stanza) {
  const std::string_view type = stanza.attr_or("type", {});
  if (stanza.name() == "iq") return type == "get" || type == "set";
  return stanza.name() == "message" && type != "error" && stanza.attr("to") != nullptr;
}

std::string why_never_again(const xml::Element& stanza) {
  if (server::omitted_in(stanza)) return "what it held is not in the capture";
  const xml::Element* payload = stanza.first_element();
  if (payload == nullptr) return stanza.name() == "iq" ? "it holds nothing" : "";
  constexpr std::array<std::string_view, 4> administration = {
      server::ns_admin, server::ns_monitor, "jabber:iq:register", "jabber:iq:auth"};
  const std::string why = "administration is never sent again";
  for (const xml::Element* child : stanza.elements()) {
    if (std::find(administration.begin(), administration.end(), child->ns()) !=
        administration.end())
      return why;
    if (child->ns() == registry::ns_registry && stanza.attr_or("type", {}) == "set") return why;
    // A step of a command has no meaning outside its session, and an admin's has too much.
    if (child->ns() == xmpp::ns_commands) return "a command is a dialogue of its own";
  }
  if (payload->ns() == jabber_rpc::ns) {
    const auto call = jabber_rpc::read_query(*payload);
    if (call && (call->method == drain_method || call->method == log_level_method)) return why;
  }
  return {};
}

Task<std::optional<int>> resend(client::Client& client, const Invocation& invocation,
                                const xml::Element& stanza) {
  xml::Element copy = stanza;
  copy.unset("from");
  copy.unset("id");
  if (const std::string why = why_never_again(stanza); !why.empty()) {
    if (!print(invocation, {copy, "left out", why})) co_return std::nullopt;
    co_return 0;
  }
  if (stanza.name() == "message") {
    copy.set("id", crypto::random_id(9));
    const bool sent = client.send(copy);
    const bool written = print(
        invocation, {copy, sent ? "sent" : "not sent", sent ? "" : "too large, or not connected"});
    if (!written) co_return std::nullopt;
    co_return sent ? 0 : exit_status(FaultKind::unavailable);
  }
  const std::string* to = stanza.attr("to");
  const auto whom = to == nullptr ? client.jid().bare() : xmpp::Jid::parse(*to).value_or({});
  if (whom.empty()) {
    if (!print(invocation, {copy, "left out", "it is for no JID"})) co_return std::nullopt;
    co_return 0;
  }
  const Time before = client.loop().now();
  auto asking = client.request(whom, std::string(stanza.attr_or("type", {})),
                               *stanza.first_element(), invocation.time_max());
  const client::Answer answer = co_await std::move(asking);
  const bool there = answer.kind == Kind::result || answer.kind == Kind::error;
  Told told{copy, std::string(outcome_of(answer.kind)),
            answer.kind == Kind::not_sent ? answer.error.text : std::string(),
            there ? &answer.stanza : nullptr};
  told.took = client.loop().now() - before;
  if (!print(invocation, told)) co_return std::nullopt;
  co_return status_of(answer);
}

}  // namespace xbus::cli
