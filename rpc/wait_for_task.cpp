#include "rpc/wait_for_task.hpp"

#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "rpc/fault.hpp"

namespace xbus {
namespace {

// A fault crosses as a copy: the same exception on two threads would be read on one and freed on the other.
struct End {
  Value value;
  std::optional<Fault> fault;
  std::exception_ptr other;
};
// Held by both threads: the one that waits may go on before the other has returned from telling it.
using Promise = std::shared_ptr<std::promise<End>>;

Task<void> run(std::function<Task<Value>()> make, Promise promise) {
  End end;
  try {
    auto task = make();
    end.value = co_await std::move(task);
  } catch (const Fault& fault) {
    end.fault = fault;
  } catch (...) {
    end.other = std::current_exception();
  }
  promise->set_value(std::move(end));
}

}  // namespace

Value wait_for_task(net::Loop& loop, std::function<Task<Value>()> make) {
  const auto promise = std::make_shared<std::promise<End>>();
  loop.post([promise, make = std::move(make)] { spawn(run(make, promise)); });
  End end = promise->get_future().get();
  if (end.fault) throw Fault(std::move(*end.fault));
  if (end.other) std::rethrow_exception(end.other);
  return std::move(end.value);
}

}  // namespace xbus
