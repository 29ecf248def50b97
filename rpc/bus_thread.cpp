#include "rpc/bus_thread.hpp"

#include <future>
#include <thread>

#include "bus/net/io_loop.hpp"

namespace xbus {

struct BusThread::Impl {
  net::IoLoop loop;
  std::unique_ptr<Bus> bus;  // made and destroyed on the thread
  std::thread thread;

  // Runs a task on the thread and waits for its end.
  void wait(std::function<Task<void>()> make) {
    std::promise<void> promise;
    auto future = promise.get_future();
    loop.post([&] {
      spawn([](std::function<Task<void>()> work, std::promise<void>& out) -> Task<void> {
        try {
          auto task = work();
          co_await std::move(task);
          out.set_value();
        } catch (...) {
          out.set_exception(std::current_exception());
        }
      }(std::move(make), promise));
    });
    future.get();
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
