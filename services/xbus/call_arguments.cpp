#include "services/xbus/call_arguments.hpp"

#include "rpc/arguments.hpp"
#include "rpc/fault.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

// The description, or nothing where the service has none; what else goes wrong is thrown.
Task<std::optional<Description>> description_of(Remote remote) {
  try {
    Description description = co_await remote.describe();
    co_return description;
  } catch (const Fault& fault) {
    if (fault.kind() != Fault::Kind::no_such_method && fault.kind() != Fault::Kind::failed) throw;
  }
  co_return std::nullopt;
}

}  // namespace

void ArgumentWords::add_to(common::CommandLine& line) {
  line.texts("ARGS", words, "one a parameter, by its type; structures and lists as JSON");
  line.text_if_any("--json", json, json_given,
                   "all arguments as one JSON array or object, - reads it from standard input; "
                   "alone: the answer as JSON");
}

std::optional<std::string> json_text_of(const ArgumentWords& given) {
  if (!given.json) return std::nullopt;
  if (!given.words.empty())
    throw Fault(Fault::Kind::invalid, "arguments come either as words or with --json");
  return *given.json == "-" ? read_input() : *given.json;
}

Task<Value::Array> arguments_for(Remote remote, std::string method_name,
                                 std::vector<std::string> words, std::optional<std::string> json) {
  if (words.empty() && !json) co_return Value::Array();
  const std::optional<Description> description = co_await description_of(remote);
  const MethodDescription* method = description ? description->find(method_name) : nullptr;
  if (json) {
    co_return method ? json_arguments(*json, method->params, description->types)
                     : plain_json_arguments(*json);
  }
  co_return method ? typed_arguments(words, method->params, description->types)
                   : plain_arguments(words);
}

}  // namespace xbus::cli
