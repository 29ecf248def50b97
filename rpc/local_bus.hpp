// LocalBus: a whole bus inside a unit test: server, registry and as many connections as wanted, in one thread, without
// sockets, on a clock that moves only when told.
#pragma once
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bus/clock.hpp"
#include "bus/result.hpp"
#include "bus/task.hpp"
#include "rpc/bus.hpp"

namespace xbus {

//   xbus::LocalBus bus;
//   bus.serve(calc);
//   EXPECT_EQ(bus.call<int>("calc", "add", 2, 3), 5);
class LocalBus {
 public:
  explicit LocalBus(std::string domain = "localhost");
  ~LocalBus();
  LocalBus(const LocalBus&) = delete;
  LocalBus& operator=(const LocalBus&) = delete;

  // A new connection of that account, logged in. Lives until this object does, or until drop().
  Bus& connect(std::string account = "tester", BusOptions options = {});
  // Ends the connection as when its program is killed: nothing more is sent, the server sees the wire end; only a session
  // that could be resumed is ended, so that none waits for nobody. The reference is void.
  void drop(Bus& bus);

  // Serves on a connection of its own (account "service"), and waits until it is listed. The service must outlive
  // this object.
  Bus& serve(Service& service, std::string account = "service");

  // Calls from the account "tester" and runs the bus until the answer is there.
  template <class R = Value, class... A>
  R call(std::string service, std::string method, A... args) {
    return wait(connection().service(std::move(service)).template call<R>(std::move(method), std::move(args)...));
  }

  // Runs everything, moving the clock where nothing else is to be done, until the task ends; gives what it gives or
  // throws what it throws. A Fault of kind timeout when an hour on that clock is not enough.
  template <class T>
  T wait(Task<T> task) {
    // Shared: a task that is given up may end later.
    auto outcome = std::make_shared<std::optional<Result<T, std::exception_ptr>>>();
    spawn(keep(std::move(task), outcome));
    run_until([&] { return outcome->has_value(); });
    Result<T, std::exception_ptr>& result = **outcome;
    if (!result) std::rethrow_exception(result.error());
    return *std::move(result);
  }
  void wait(Task<void> task);

  // Moves the clock on, everything due on the way happening in order.
  void advance(Duration by);
  Time now() const;
  net::Loop& loop();

 private:
  Bus& connection();
  void run_until(const std::function<bool()>& done);
  template <class T>
  static Task<void> keep(Task<T> task, std::shared_ptr<std::optional<Result<T, std::exception_ptr>>> outcome) {
    try {
      outcome->emplace(co_await std::move(task));
    } catch (...) {
      outcome->emplace(Err{std::current_exception()});
    }
  }

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xbus
