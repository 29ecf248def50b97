#include <array>
#include <cstdio>
#include <memory>

#include "rpc/administration.hpp"
#include "rpc/stats.hpp"
#include "services/xbus/gathering.hpp"
#include "services/xbus/table.hpp"
#include "services/xbus/suggestion.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string service, instance;
};

std::string milliseconds(std::optional<double> seconds) {
  if (!seconds) return "";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", *seconds * 1000);
  return text.data();
}

int64_t failed(const MethodStats& method) {
  const auto done = method.outcomes.find("ok");
  return method.calls - (done == method.outcomes.end() ? 0 : done->second);
}

void add_rows(Table& table, const std::string& instance, const ServiceStats& stats) {
  for (const MethodStats& method : stats.methods) {
    const auto at = [&](double share) {
      return milliseconds(method.quantile(stats.bounds, share));
    };
    table.add({instance, method.method, std::to_string(method.calls),
               std::to_string(failed(method)), std::to_string(method.running),
               std::to_string(method.queued), at(0.5), at(0.95), at(0.99)});
  }
}

// The service's own answer, and what a reader would have to work out.
Value value_of(const std::string& instance, const Value& answer, const ServiceStats& stats) {
  Value out = Value::structure({{"instance", instance}});
  for (const Value::Member& member : answer.as_struct()) out.set(member.name, member.value);
  Value::Array methods;
  for (const MethodStats& method : stats.methods) {
    Value each = to_value(method);
    each.set("failed", failed(method));
    for (const auto& [name, share] : {std::pair("p50", 0.5), {"p95", 0.95}, {"p99", 0.99}})
      if (const auto found = method.quantile(stats.bounds, share)) each.set(name, *found);
    methods.push_back(std::move(each));
  }
  out.set("methods", std::move(methods));
  return out;
}

Task<int> show(Bus& bus, const Invocation& invocation, const Words& words) {
  CallOptions options;
  options.timeout = invocation.time_max();
  options.idempotent = true;
  const auto replies =
      co_await ask_instances(bus, words.service, words.instance, stats_method, {}, options);
  Table table({{"INSTANCE"},
               {"METHOD"},
               {"CALLS", Align::right},
               {"FAILED", Align::right},
               {"RUNNING", Align::right},
               {"QUEUED", Align::right},
               {"P50 MS", Align::right},
               {"P95 MS", Align::right},
               {"P99 MS", Align::right}});
  Value::Array values;
  const int status = each_value(invocation, "stats " + words.service, replies,
                                [&](const std::string& instance, const Value& value) {
                                  const auto stats = from_value<ServiceStats>(value);
                                  add_rows(table, instance, stats);
                                  values.push_back(value_of(instance, value, stats));
                                });
  const bool written = invocation.wants_json() ? invocation.print(values)
                                               : invocation.print_text(table.text(invocation.out));
  co_return written ? status : exit_local_trouble;
}

}  // namespace

Verb stats_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("stats", "what a service counts of the calls to it (its admins)");
  const auto words = std::make_shared<Words>();
  line.text("SERVICE", words->service, "its name", common::CommandLine::Need::required);
  line.text("--instance", words->instance, "only the instance of this id");
  line.details(
          "Every service counts, by method: calls that ended and how, what runs and waits, and how "
          "long calls took. P50 is the time within which half of them were answered, as exactly "
          "as the classes of the histogram tell. The method - stands for calls to methods that "
          "are not there.")
      .example("xbus stats agent", "A line a method that has been called.")
      .example("xbus stats agent --json", "All counters and the histogram.");
  return {&line, [&invocation, words] {
            return with_bus(invocation, "stats " + words->service,
                            [&](Bus& bus) {
                              return with_suggestion(bus, words->service, "", show(bus, invocation, *words));
                            });
          }};
}

}  // namespace xbus::cli
