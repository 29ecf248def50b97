#include <memory>

#include "rpc/administration.hpp"
#include "services/xbus/gathering.hpp"
#include "services/xbus/suggestion.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string service, instance;
  bool all = false;
};

Task<int> drain(Bus& bus, const Invocation& invocation, const Words& words) {
  CallOptions options;
  options.timeout = invocation.time_max();
  if (words.instance.empty() && !words.all) {
    const auto instances = co_await bus.instances(words.service);
    if (instances.size() > 1)
      throw Fault(Fault::Kind::invalid, words.service + " has " + std::to_string(instances.size()) +
                                            " instances: say which with --instance, or --all");
  }
  const auto replies =
      co_await ask_instances(bus, words.service, words.instance, drain_method, {}, options);
  co_return print_values(invocation, "drain " + words.service, "running", replies);
}

}  // namespace

Verb drain_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("drain", "send an instance of a service away (its admins)");
  const auto words = std::make_shared<Words>();
  line.text("SERVICE", words->service, "its name", common::CommandLine::Need::required);
  line.text("--instance", words->instance,
            "the instance of this id; needed where there are several");
  line.flag("--all", words->all, "every instance");
  line.details(
          "The instance takes no new calls, finishes those that run, leaves the bus and ends, as "
          "by SIGTERM. The answer comes at once and says how many calls still run.")
      .example("xbus drain agent", "The only instance of a service.");
  return {&line, [&invocation, words] {
            return with_bus(invocation, "drain " + words->service,
                            [&](Bus& bus) {
                              return with_suggestion(bus, words->service, "", drain(bus, invocation, *words));
                            });
          }};
}

}  // namespace xbus::cli
