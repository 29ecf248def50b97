#include "bus/server/mailbox.hpp"

#include <utility>

namespace xbus::server {

void Mailbox::post(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    waiting_.push_back(std::move(work));
    if (std::exchange(posted_, true)) return;
  }
  loop_.post([keep = shared_from_this()] { keep->run(); });
}

void Mailbox::close() {
  std::vector<std::function<void()>> dropped;
  std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(waiting_);
}

void Mailbox::run() {
  std::vector<std::function<void()>> batch;
  {
    std::lock_guard lock(mutex_);
    posted_ = false;
    batch.swap(waiting_);
  }
  for (auto& work : batch) {
    {
      std::lock_guard lock(mutex_);
      if (closed_) return;
    }
    work();
  }
}

}  // namespace xbus::server
