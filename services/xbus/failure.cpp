#include "services/xbus/failure.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "rpc/json.hpp"
#include "rpc/printable.hpp"

namespace xbus::cli {
namespace {

// What whoever reads the line can do about it; empty where the message says it all.
std::string_view advice(FaultKind kind) {
  switch (kind) {
    case FaultKind::no_such_domain:
      return "`xbus list` shows the services; another domain needs a server that this one reaches";
    case FaultKind::unavailable:
      return "`xbus list` shows who is there";
    case FaultKind::no_such_method:
      return "`xbus describe SERVICE` shows its methods";
    case FaultKind::invalid:
      return "`xbus describe SERVICE METHOD` shows what it takes";
    case FaultKind::timeout:
      return "--timeout SECONDS allows more";
    case FaultKind::lost:
      return "it may have run: look before calling again";
    case FaultKind::busy:
      return "try again later";
    case FaultKind::not_logged_in:
      return "check --account and the password";
    case FaultKind::forbidden:
      return "whoever runs it decides who may";
    default:
      return {};
  }
}

// What can be done about a name or an account that is managed; empty where the message says it all.
std::string_view managing_advice(std::string_view verb, FaultKind kind) {
  const bool account = verb == "account";
  switch (kind) {
    case FaultKind::not_found:
      return account ? "`xbus account list` shows the accounts"
                     : "`xbus name list` shows the names and their owners";
    case FaultKind::unavailable:
      return account ? "only xbusd is managed from here: another server has tools of its own"
                     : "`xbus doctor` shows whether there is a registry";
    case FaultKind::already_exists:
      return account ? "`xbus account passwd` changes its password" : "";
    case FaultKind::malformed:
    case FaultKind::invalid:
      return account ? "an account's name is what stands before the @: no spaces, none of \"&'/:<>@" : "";
    case FaultKind::forbidden:
      return account ? "the admins of the bus may" : "the admins of the bus may, and a name's owner may release it";
    default:
      return advice(kind);
  }
}

// Where topics are published to, watched and looked after.
std::string_view topic_advice(FaultKind kind) {
  switch (kind) {
    case FaultKind::not_found:
      return "`xbus topic` shows the topics; `xbus topic create` makes one";
    case FaultKind::already_exists:
    case FaultKind::forbidden:
      return "`xbus topic describe TOPIC` shows its owners";
    case FaultKind::unavailable:
    case FaultKind::no_such_method:
      return "xbusd has a pubsub service that can do it; --pubsub names another";
    case FaultKind::lost:
      return "it may be there: look before publishing again, or give it an id";
    case FaultKind::invalid:
    case FaultKind::malformed:
    case FaultKind::too_big:
      return "";
    default:
      return advice(kind);
  }
}

// What can be done about it, by what failed.
std::string hint_for(std::string_view doing, const Fault& fault) {
  if (doing == doing_connect && fault.kind() == FaultKind::unavailable)
    return "start xbusd, or say with --bus where the bus is; `xbus doctor` shows the step that "
           "fails";
  if (doing == doing_connect && fault.kind() == FaultKind::not_logged_in)
    return "`xbus doctor` shows the step that fails";
  const std::string_view verb = doing.substr(0, doing.find(' '));
  if (verb == "account" || verb == "name") return std::string(managing_advice(verb, fault.kind()));
  if (verb == "publish" || verb == "watch" || verb == "topic") return std::string(topic_advice(fault.kind()));
  const bool of_address = verb == "trace" || verb == "ping";
  if (of_address && fault.kind() == FaultKind::invalid) return "an address is [NAME@]DOMAIN[/RESOURCE]";
  std::string hint(advice(fault.kind()));
  // "call SERVICE METHOD": the names that were typed, where they are single words.
  constexpr std::array<std::string_view, 7> of_services = {"call",  "describe", "template", "scatter",
                                                           "stats", "drain",    "log-level"};
  std::array<std::string_view, 3> words;
  for (std::string_view& word : words) {
    const size_t end = std::min(doing.find(' '), doing.size());
    word = doing.substr(0, end);
    doing.remove_prefix(std::min(end + 1, doing.size()));
  }
  const bool names = std::find(of_services.begin(), of_services.end(), words[0]) != of_services.end();
  if (!names || !doing.empty()) return hint;
  for (const auto& [place, name] : {std::pair("SERVICE", words[1]), {"METHOD", words[2]}})
    if (const size_t at = hint.find(place); at != std::string::npos && !name.empty())
      hint.replace(at, std::strlen(place), name);
  return hint;
}

// The details that the message does not tell already.
std::string details_text(const Fault& fault) {
  std::string text;
  for (const auto& [name, value] : fault.details()) {
    if (name == "condition" || name == "place") continue;
    text += (text.empty() ? " (" : ", ") + name + ": " + value;
  }
  return text.empty() ? text : text + ")";
}

}  // namespace

std::string failure_line(std::string_view doing, const Fault& fault) {
  std::string line = "xbus: " + std::string(doing) + ": " + std::string(fault.kind_name());
  if (fault.kind() == Fault::Kind::custom) line += " " + std::to_string(fault.code());
  if (!fault.message().empty() && fault.message() != fault.kind_name())
    line += ": " + fault.message();
  line += details_text(fault);
  const std::string hint = hint_for(doing, fault);
  if (!hint.empty()) line += "; " + hint;
  return printable(line);
}

std::string failure_json(std::string_view doing, const Fault& fault) {
  Value::Struct details;
  for (const auto& detail : fault.details()) {
    const bool stands =
        std::any_of(details.begin(), details.end(),
                    [&](const Value::Member& member) { return member.name == detail.first; });
    if (!stands) details.push_back({detail.first, detail.second});
  }
  return json_text(Value::structure({{"doing", std::string(doing)},
                                     {"kind", std::string(fault.kind_name())},
                                     {"code", fault.code()},
                                     {"status", exit_status(fault.kind())},
                                     {"message", fault.message()},
                                     {"details", Value(std::move(details))},
                                     {"advice", hint_for(doing, fault)}}));
}

}  // namespace xbus::cli
