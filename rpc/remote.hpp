// Remote: a service, or one entity, as its callers see it.
#pragma once
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/task.hpp"
#include "rpc/convert.hpp"
#include "rpc/description.hpp"

namespace xbus {

class Bus;
class Call;

// Gives up calls from outside: hand a copy to the options of each, then cancel(). On the loop of the bus.
class Cancel {
 public:
  Cancel();
  // The calls end as Fault::Kind::cancelled at once, and their callees are told; so do calls that begin later. Without
  // effect on a call that has ended.
  void cancel() const;
  bool cancelled() const;

 private:
  friend class Bus;
  friend class CancelStop;
  struct State;
  std::shared_ptr<State> state_;
};

// How a call is made. Nothing is repeated unless a policy is stated here, and then only when the call is idempotent or
// carries a key; what is repeated is a call that found nobody, a callee at its limit, or an outcome that was lost.
struct CallOptions {
  Duration timeout = limits::call_time_default;  // for all attempts together; at most limits::call_time_max
  bool idempotent = false;   // the method may be done twice
  std::string key;           // idempotency key: the callee does the work of one key once; only to peers that know it
  RetryPolicy retry;         // attempts = 1: no repetition
  std::string instance;      // only the instance of that id; empty: any
  std::string traceparent, tracestate;
  std::string on_behalf_of;  // for bridges: who the caller proper is
  std::optional<Cancel> cancel;
};

// A small value that refers to its Bus, which must outlive every call. Faults, always one of these outcomes:
//   unavailable       nobody there: no such service, no instance that has the method and takes calls
//   timeout           somebody there, no answer in time
//   lost              the instance or the connection went away under the call: nobody knows whether it ran
//   forbidden, busy, too_big, ...   refused before the work
//   any other         the service said so
class Remote {
 public:
  // A copy with these options.
  Remote with(CallOptions options) const;
  // A copy for calls that a handler makes to do its work: they carry the trace context of the call it works on, and
  // do not outlast it.
  Remote within(const Call& call) const;

  // `co_await remote.call<int>("add", 2, 3)`. R may be void. An answer of another type is a Fault of kind failed.
  // Takes the method and the arguments by value, so the task may outlive this object.
  template <class R = Value, class... A>
  Task<R> call(std::string method, A... args) const {
    Value::Array values;
    (values.push_back(to_value<A>(args)), ...);
    return run<R>(*this, std::move(method), std::move(values));
  }
  Task<Value> call_values(std::string method, Value::Array args) const;

  // The same for programs without coroutines: waits. From any thread but the one that the bus's loop runs on.
  template <class R = Value, class... A>
  R call_wait(std::string method, A... args) const {
    Value::Array values;
    (values.push_back(to_value<A>(args)), ...);
    return answer_as<R>(wait_for(std::move(method), std::move(values)));
  }

  // One-way: sent to one instance as a message, no answer, no word of its outcome. Only to peers that know the
  // feature; a Fault of kind unavailable when there is none.
  template <class... A>
  Task<void> notify(std::string method, A... args) const {
    Value::Array values;
    (values.push_back(to_value<A>(args)), ...);
    return notify_values(std::move(method), std::move(values));
  }
  Task<void> notify_values(std::string method, Value::Array args) const;

  // What it offers: system.describe, or for a strict peer as much as XML-RPC introspection tells (every parameter
  // is of type any there and named a, b, c).
  Task<Description> describe() const;

  const std::string& name() const { return name_; }
  const CallOptions& options() const { return options_; }

 private:
  friend class Bus;
  enum class To : uint8_t { service, entity };
  Remote(Bus& bus, To to, std::string name) : bus_(&bus), to_(to), name_(std::move(name)) {}

  template <class R>
  static R answer_as(Value answer);
  template <class R>
  static Task<R> run(Remote remote, std::string method, Value::Array args) {
    auto task = remote.call_values(std::move(method), std::move(args));
    co_return answer_as<R>(co_await std::move(task));
  }
  Value wait_for(std::string method, Value::Array args) const;
  [[noreturn]] static void wrong_answer(const Fault& fault);

  Bus* bus_;
  To to_;
  std::string name_;
  CallOptions options_;
};

template <class R>
R Remote::answer_as([[maybe_unused]] Value answer) {
  if constexpr (!std::is_void_v<R>) {
    try {
      return from_value<R>(answer);
    } catch (const Fault& fault) {
      wrong_answer(fault);
    }
  }
}

}  // namespace xbus
