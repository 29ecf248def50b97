#include "services/xbus/call_arguments.hpp"

#include "rpc/arguments.hpp"
#include "rpc/fault.hpp"
#include "services/xbus/idl_file.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

// The description, or nothing where the service has none; what else goes wrong is thrown.
Task<std::optional<Description>> description_of(Remote remote) {
  try {
    Description description = co_await remote.describe();
    co_return description;
  } catch (const Fault& fault) {
    if (fault.kind() == Fault::Kind::timeout)
      throw Fault(Fault::Kind::timeout,
                  "it has not said what its methods take (system.describe); --idl FILE says it instead");
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
  line.text("--idl", idl,
            "read the arguments by the description in this file (see `xbus help describe`), and do "
            "not ask the service for its own");
}

GivenArguments read_arguments(const ArgumentWords& words) {
  if (words.json && !words.words.empty())
    throw Fault(Fault::Kind::invalid, "arguments come either as words or with --json");
  GivenArguments given{words.words, std::nullopt, description_in(words.idl)};
  if (words.json) given.json = *words.json == "-" ? read_input() : *words.json;
  return given;
}

Task<Value::Array> arguments_for(Remote remote, std::string method_name, GivenArguments given) {
  if (given.words.empty() && !given.json) co_return Value::Array();
  if (!given.idl) {
    auto asking = description_of(remote);
    given.idl = co_await std::move(asking);
  }
  const MethodDescription* method = given.idl ? given.idl->find(method_name) : nullptr;
  if (given.json) {
    co_return method ? json_arguments(*given.json, method->params, given.idl->types)
                     : plain_json_arguments(*given.json);
  }
  co_return method ? typed_arguments(given.words, method->params, given.idl->types)
                   : plain_arguments(given.words);
}

}  // namespace xbus::cli
