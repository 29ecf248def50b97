// Calls to several instances at once, whose answers are taken in the order in which they come.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rpc/bus.hpp"
#include "rpc/fault.hpp"
#include "rpc/remote.hpp"
#include "rpc/value.hpp"
#include "services/xbus/invocation.hpp"

namespace xbus::cli {

// How the call to one instance ended: a value, or a fault.
struct Reply {
  std::string instance;
  std::optional<Value> value;
  std::optional<Fault> fault;
  Duration took{};

  // The instance itself said something, be it that it will not.
  bool is_answer() const;
};

class Gathering {
 public:
  explicit Gathering(net::Loop& loop);

  // Begins a call; what comes is kept until next() takes it, or dropped with this object.
  void ask(Remote remote, std::string method, Value::Array arguments, std::string instance);
  // How many have been asked and not taken.
  size_t open() const;
  // The next to come; nothing when `patience` went by without one. Without a patience it takes as
  // long as the calls do. To be asked while open() is not 0.
  Task<std::optional<Reply>> next(std::optional<Duration> patience = {});

 private:
  struct State;
  static Task<void> call(std::shared_ptr<State> state, Remote remote, std::string method,
                         Value::Array arguments, std::string instance);
  net::Loop& loop_;
  std::shared_ptr<State> state_;
};

// Calls a method of one instance of a service, or of all where `instance` is empty, and waits for
// all answers. A Fault of kind unavailable where there is none.
Task<std::vector<Reply>> ask_instances(Bus& bus, std::string service, std::string instance,
                                       std::string method, Value::Array arguments,
                                       CallOptions options);

// Hands each value to `take` and tells each fault as that of "WHAT INSTANCE". The exit status of
// the first fault; 0 without one.
int each_value(const Invocation& invocation, const std::string& what,
               const std::vector<Reply>& replies,
               const std::function<void(const std::string& instance, const Value&)>& take);

// Prints {"instance": ID, MEMBER: value} of each reply, and tells the faults as above. The exit
// status of the verb.
int print_values(const Invocation& invocation, const std::string& what, const std::string& member,
                 const std::vector<Reply>& replies);

}  // namespace xbus::cli
