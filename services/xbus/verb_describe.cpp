#include <memory>

#include "services/xbus/description_view.hpp"
#include "services/xbus/suggestion.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string service, method, instance;
};

Task<int> describe(Bus& bus, const Invocation& invocation, const Words& words) {
  CallOptions options;
  options.timeout = invocation.time_max();
  options.instance = words.instance;
  options.idempotent = true;
  const Remote remote = remote_for(bus, words.service).with(options);
  const Description description = co_await remote.describe();
  const MethodDescription* method = words.method.empty() ? nullptr : description.find(words.method);
  if (method == nullptr && !words.method.empty())
    throw Fault(Fault::Kind::no_such_method,
                words.service + " has no method " + words.method + " for this account");
  bool written = false;
  if (invocation.wants_json()) {
    written = invocation.print(method ? method_value(description, *method)
                                      : description_value(description));
  } else {
    written = invocation.print_text(method ? method_view(description, *method, invocation.out)
                                           : description_view(description, invocation.out));
  }
  co_return written ? 0 : exit_local_trouble;
}

}  // namespace

Verb describe_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("describe", "the methods, types and documentation of a service");
  const auto words = std::make_shared<Words>();
  line.text("SERVICE", words->service, "its name or JID", common::CommandLine::Need::required);
  line.text("METHOD", words->method, "only this method");
  line.text("--instance", words->instance, "ask this instance");
  line.example("xbus describe agent", "Everything that the agent offers to this account.")
      .example("xbus describe agent processes", "One method, and the types that it uses.");
  return {&line, [&invocation, words] {
            return with_bus(invocation, "describe " + words->service, [&](Bus& bus) {
              return with_suggestion(bus, words->service, words->method,
                                     describe(bus, invocation, *words));
            });
          }};
}

}  // namespace xbus::cli
