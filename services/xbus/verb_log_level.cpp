#include <memory>

#include "rpc/administration.hpp"
#include "services/xbus/gathering.hpp"
#include "services/xbus/suggestion.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string service, level, instance;
};

Task<int> set(Bus& bus, const Invocation& invocation, const Words& words) {
  CallOptions options;
  options.timeout = invocation.time_max();
  options.idempotent = true;
  Value::Array arguments;
  if (!words.level.empty()) arguments.push_back(words.level);
  const auto replies = co_await ask_instances(bus, words.service, words.instance, log_level_method,
                                              arguments, options);
  co_return print_values(invocation, "log-level " + words.service, "level", replies);
}

}  // namespace

Verb log_level_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("log-level", "how much a service logs, shown or set (its admins)");
  const auto words = std::make_shared<Words>();
  line.text("SERVICE", words->service, "its name", common::CommandLine::Need::required);
  line.choice("LEVEL", words->level, {"debug", "info", "warn", "error"},
              "from now on nothing below it; without it nothing changes");
  line.text("--instance", words->instance, "only the instance of this id");
  line.example("xbus log-level agent", "The level of each instance.")
      .example("xbus log-level agent debug", "Everything, until the service is started anew.")
      .example("xbus log-level agent info", "As before.");
  return {&line, [&invocation, words] {
            return with_bus(invocation, "log-level " + words->service,
                            [&](Bus& bus) {
                              return with_suggestion(bus, words->service, "", set(bus, invocation, *words));
                            });
          }};
}

}  // namespace xbus::cli
