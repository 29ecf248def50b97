#include <memory>
#include <optional>

#include "services/xbus/arguments.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string service, method, json, instance, key;
  std::vector<std::string> arguments;
  bool json_given = false, one_way = false;
};

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

// Arguments by the signature. A method that the description does not show may be there for others:
// then the service decides, and is sent what the words look like.
Task<Value::Array> arguments_for(Remote remote, const Words& words,
                                 const std::optional<std::string>& json) {
  if (words.arguments.empty() && !json) co_return Value::Array();
  const std::optional<Description> description = co_await description_of(remote);
  const MethodDescription* method = description ? description->find(words.method) : nullptr;
  if (json) {
    co_return method ? json_arguments(*json, method->params, description->types)
                     : plain_json_arguments(*json);
  }
  co_return method ? typed_arguments(words.arguments, method->params, description->types)
                   : plain_arguments(words.arguments);
}

Task<int> call(Bus& bus, const Invocation& invocation, const Words& words,
               const std::optional<std::string>& json) {
  CallOptions options;
  options.timeout = invocation.time_max();
  options.instance = words.instance;
  options.key = words.key;
  const Remote remote = remote_for(bus, words.service).with(options);
  Value::Array arguments = co_await arguments_for(remote, words, json);
  if (words.one_way) {
    co_await remote.notify_values(words.method, std::move(arguments));
    co_return 0;
  }
  const Value answer = co_await remote.call_values(words.method, std::move(arguments));
  // A method that returns nothing prints nothing for a person.
  co_return invocation.print(answer) ? 0 : exit_local_trouble;
}

int run(Invocation invocation, const Words& words) {
  invocation.json |= words.json_given;
  const std::string doing = "call " + words.service + " " + words.method;
  std::optional<std::string> json;
  try {
    if (!words.json.empty() && !words.arguments.empty())
      return invocation.fail(doing, "arguments come either as words or with --json", exit_usage);
    if (!words.json.empty()) json = words.json == "-" ? read_input() : words.json;
  } catch (const Fault& fault) {
    return invocation.fail(doing, fault.message());
  }
  return with_bus(invocation, doing, [&](Bus& bus) { return call(bus, invocation, words, json); });
}

}  // namespace

Verb call_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line =
      program.verb("call", "call a method; the result as JSON for a pipe, as a table for a person");
  const auto words = std::make_shared<Words>();
  line.text("SERVICE", words->service, "its name or JID", common::CommandLine::Need::required);
  line.text("METHOD", words->method, "as `xbus describe SERVICE` shows it",
            common::CommandLine::Need::required);
  line.texts("ARGS", words->arguments,
             "one a parameter, by its type; structures and lists as JSON");
  line.text("--json", words->json,
            "all arguments as one JSON array or object; - reads it from standard input");
  line.text("--instance", words->instance, "only the instance of this id");
  line.text("--key", words->key, "idempotency key: the work of one key is done once");
  line.flag("--one-way", words->one_way, "send it and do not wait for an answer");
  return {&line, [&invocation, words] { return run(invocation, *words); }};
}

}  // namespace xbus::cli
