#include "services/xbus/hop.hpp"

#include <algorithm>

#include "rpc/printable.hpp"
#include "services/xbus/finding.hpp"
#include "services/xbus/invocation.hpp"

namespace xbus::cli {
namespace {

using xmpp::Condition;
using Role = Hop::Role;
using Kind = client::Answer::Kind;

std::string_view word_of(Role role) {
  switch (role) {
    case Role::server:
      return "server";
    case Role::domain:
      return "domain";
    case Role::registry:
      return "registry";
    case Role::service:
      return "service";
    case Role::instance:
      return "instance";
    case Role::account:
      return "account";
    case Role::resource:
      break;
  }
  return "resource";
}

// Whoever says so is there, and merely does not know the question.
bool comes_from_the_entity(Condition condition) {
  return condition == Condition::feature_not_implemented || condition == Condition::bad_request ||
         condition == Condition::not_acceptable;
}

std::string nobody_there(Role role) {
  switch (role) {
    case Role::account:
      return "no such account, nobody logged in to it, or it does not show you its presence";
    case Role::resource:
      return "nobody is connected under this address";
    case Role::instance:
      return "the instance has gone, or does not answer pings";
    case Role::service:
      return "no instance of it is listed";
    case Role::registry:
      return "no registry is connected there: start xbus-registry";
    default:
      break;
  }
  return "nothing is connected there: a component that is down, or no such name";
}

std::string no_answer(Role role) {
  switch (role) {
    case Role::instance:
      return "it is connected and does not answer: its process hangs or is stopped";
    case Role::resource:
      return "it is connected and does not answer: it hangs, or its line is cut";
    case Role::server:
      return "the server hangs";
    default:
      break;
  }
  return "it takes what is sent to it and does not answer in time";
}

std::string column(std::string_view text, size_t width) {
  std::string out(text);
  const size_t wide = columns(out);
  if (wide < width) out.append(width - wide, ' ');
  return out;
}

double milliseconds(Duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

Duration mean(const Hop& hop) {
  return hop.answered == 0 ? Duration{} : hop.sum / static_cast<int64_t>(hop.answered);
}

}  // namespace

std::string meaning(Role role, const client::Answer& answer) {
  if (answer.kind == Kind::timed_out) return no_answer(role);
  if (answer.kind == Kind::lost) return "our own connection ended";
  switch (answer.error.condition) {
    case Condition::remote_server_not_found:
      return "no server of that domain can be found from here: the name is wrong, its component is "
             "down, or the server does not federate";
    case Condition::remote_server_timeout:
      return "the server of that domain, or the component, cannot be reached now";
    case Condition::service_unavailable:
    case Condition::recipient_unavailable:
    case Condition::item_not_found:
    case Condition::gone:
      return nobody_there(role);
    case Condition::forbidden:
    case Condition::not_allowed:
      if (role == Role::domain || role == Role::registry)
        return "the server lets nothing through to that domain: it is none of its own and it does "
               "not federate, or a policy forbids it";
      [[fallthrough]];
    case Condition::not_authorized:
    case Condition::registration_required:
    case Condition::subscription_required:
      return "it is there, and you may not ask it";
    case Condition::resource_constraint:
    case Condition::policy_violation:
      return "a limit is reached on the way: try again later";
    case Condition::redirect:
      return "it has moved";
    case Condition::internal_server_error:
      return "it fails: look at its log";
    default:
      return "the request is refused on the way";
  }
}

void Hop::note(const client::Answer& answer, Duration took) {
  ++asked;
  const bool there = answer.kind == Kind::result ||
                     (answer.kind == Kind::error && comes_from_the_entity(answer.error.condition));
  if (!there) {
    if (fault) return;  // the first says it
    try {
      payload_or_fault(answer);
    } catch (const Fault& why) {
      fault = why;
    }
    means = meaning(role, answer);
    return;
  }
  least = answered == 0 ? took : std::min(least, took);
  most = std::max(most, took);
  sum += took;
  ++answered;
}

std::string hop_line(const Hop& hop, const Terminal& terminal) {
  std::string line = column(hop.well() ? "ok" : "FAILED", 8) + column(word_of(hop.role), 10) +
                     column(printable(hop.name), 32);
  if (hop.answered > 0) {
    line += milliseconds_text(mean(hop));
  } else {
    line += std::string(10, ' ');
  }
  std::string rest;
  if (!hop.is.empty()) rest += "  " + hop.is;
  if (hop.asked > 1)
    rest += "  " + std::to_string(hop.answered) + " of " + std::to_string(hop.asked) + " answered";
  if (hop.answered > 1)
    rest += "," + milliseconds_text(hop.least) + " to" + milliseconds_text(hop.most);
  if (hop.fault) {
    const std::string* condition = hop.fault->find_detail("condition");
    rest += "  " + (condition != nullptr ? *condition : std::string(hop.fault->kind_name())) +
            ": " + hop.means;
  }
  line += printable(rest);
  return (hop.well() ? line : terminal.red(line)) + "\n";
}

Value hop_value(const Hop& hop) {
  Value out = Value::structure({{"hop", std::string(word_of(hop.role))},
                                {"jid", hop.name},
                                {"result", hop.well() ? "ok" : "failed"},
                                {"is", hop.is},
                                {"asked", static_cast<int64_t>(hop.asked)},
                                {"answered", static_cast<int64_t>(hop.answered)}});
  if (hop.answered > 0) {
    out.set("milliseconds", milliseconds(mean(hop)));
    out.set("least", milliseconds(hop.least));
    out.set("most", milliseconds(hop.most));
  }
  if (hop.fault) {
    const std::string* condition = hop.fault->find_detail("condition");
    out.set("condition", condition != nullptr ? *condition : std::string(hop.fault->kind_name()));
    out.set("means", hop.means);
    out.set("message", hop.fault->message());
    out.set("kind", std::string(hop.fault->kind_name()));
    out.set("status", exit_status(hop.fault->kind()));
  }
  return out;
}

}  // namespace xbus::cli
