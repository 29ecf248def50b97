#include "rpc/bus_thread.hpp"

#include <future>
#include <thread>

#include "bus/net/io_loop.hpp"
#include "rpc/wait_for_task.hpp"

namespace xbus {

struct BusThread::Impl {
  net::IoLoop loop;
  std::unique_ptr<Bus> bus;  // made and destroyed on the thread
  std::thread thread;

  // Runs a task on the thread and waits for its end.
  void wait(const std::function<Task<void>()>& make) {
    wait_for_task(loop, [make]() -> Task<Value> { return nothing_of(make); });
  }

  static Task<Value> nothing_of(std::function<Task<void>()> make) {
    auto task = make();
    co_await std::move(task);
    co_return Value();
  }

  void stop() {
    loop.post([this] { loop.stop(); });
    thread.join();
  }
};

BusThread::BusThread(BusOptions options) : impl_(std::make_unique<Impl>()) {
  std::promise<void> made;
  impl_->thread = std::thread([this, &made, options = std::move(options)] {
    impl_->bus = std::make_unique<Bus>(impl_->loop, options);
    made.set_value();
    impl_->loop.run();
    impl_->bus.reset();
  });
  made.get_future().wait();
  try {
    impl_->wait([this] { return impl_->bus->connect(); });
  } catch (...) {
    impl_->stop();
    throw;
  }
}

BusThread::~BusThread() {
  try {
    impl_->wait([this] { return impl_->bus->close(); });
  } catch (...) {
    // The bus has gone before we left it: there is nothing left to say goodbye to.
  }
  impl_->stop();
}

Remote BusThread::service(std::string name) { return impl_->bus->service(std::move(name)); }
Remote BusThread::entity(std::string jid) { return impl_->bus->entity(std::move(jid)); }

void BusThread::serve(Service& service) {
  impl_->wait([this, &service] { return impl_->bus->serve(service); });
}

}  // namespace xbus
