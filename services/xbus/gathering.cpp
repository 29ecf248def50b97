#include "services/xbus/gathering.hpp"

#include <deque>

#include "bus/net/timer.hpp"

namespace xbus::cli {

struct Gathering::State {
  size_t open = 0;
  std::deque<Reply> arrived;
  std::function<void()> wake;
};

bool Reply::is_answer() const {
  if (!fault) return true;
  switch (fault->kind()) {
    case Fault::Kind::unavailable:
    case Fault::Kind::timeout:
    case Fault::Kind::lost:
    case Fault::Kind::cancelled:
      return false;
    default:
      return true;
  }
}

Gathering::Gathering(net::Loop& loop) : loop_(loop), state_(std::make_shared<State>()) {}

size_t Gathering::open() const { return state_->open; }

Task<void> Gathering::call(std::shared_ptr<State> state, Remote remote, std::string method,
                           Value::Array arguments, std::string instance) {
  Reply reply;
  reply.instance = std::move(instance);
  const auto begun = std::chrono::steady_clock::now();
  try {
    reply.value = co_await remote.call_values(std::move(method), std::move(arguments));
  } catch (const Fault& fault) {
    reply.fault = fault;
  }
  reply.took = std::chrono::steady_clock::now() - begun;
  state->arrived.push_back(std::move(reply));
  if (auto wake = std::exchange(state->wake, nullptr)) wake();
}

void Gathering::ask(Remote remote, std::string method, Value::Array arguments,
                    std::string instance) {
  ++state_->open;
  spawn(call(state_, std::move(remote), std::move(method), std::move(arguments),
             std::move(instance)));
}

Task<std::optional<Reply>> Gathering::next(std::optional<Duration> patience) {
  const std::shared_ptr<State> state = state_;
  if (state->arrived.empty()) {
    const Completion<bool> done;
    net::Timer timer(loop_);
    if (patience) timer.start(*patience, [done] { done.complete(false); });
    state->wake = [done] { done.complete(true); };
    const bool came = co_await done;
    state->wake = nullptr;
    if (!came) co_return std::nullopt;
  }
  Reply reply = std::move(state->arrived.front());
  state->arrived.pop_front();
  --state->open;
  co_return reply;
}

Task<std::vector<Reply>> ask_instances(Bus& bus, std::string service, std::string instance,
                                       std::string method, Value::Array arguments,
                                       CallOptions options) {
  const auto instances = co_await bus.instances(service);
  Gathering gathering(bus.loop());
  for (const registry::InstanceInfo& each : instances)
    if (instance.empty() || each.id == instance)
      gathering.ask(bus.entity(each.jid.str()).with(options), method, arguments, each.id);
  if (gathering.open() == 0)
    throw Fault(
        Fault::Kind::unavailable,
        "no instance " + (instance.empty() ? "" : instance + " ") + "of " + service + " is there");
  std::vector<Reply> replies;
  while (gathering.open() > 0) {
    auto taking = gathering.next();
    auto reply = co_await std::move(taking);
    if (reply) replies.push_back(std::move(*reply));
  }
  co_return replies;
}

int each_value(const Invocation& invocation, const std::string& what,
               const std::vector<Reply>& replies,
               const std::function<void(const std::string& instance, const Value&)>& take) {
  int status = 0;
  for (const Reply& reply : replies) {
    if (reply.value) {
      take(reply.instance, *reply.value);
      continue;
    }
    const int failure = invocation.fail(what + " " + reply.instance, *reply.fault);
    if (status == 0) status = failure;
  }
  return status;
}

int print_values(const Invocation& invocation, const std::string& what, const std::string& member,
                 const std::vector<Reply>& replies) {
  Value::Array values;
  const int status =
      each_value(invocation, what, replies, [&](const std::string& instance, const Value& value) {
        values.push_back(Value::structure({{"instance", instance}, {member, value}}));
      });
  return invocation.print(values) ? status : exit_local_trouble;
}

}  // namespace xbus::cli
