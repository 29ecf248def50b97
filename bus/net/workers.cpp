#include "bus/net/workers.hpp"

#include <algorithm>
#include <utility>

namespace xbus::net {

Workers::Workers(size_t threads, size_t waiting_max)
    : threads_max_(std::max<size_t>(threads, 1)), waiting_max_(waiting_max) {}

Workers::~Workers() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool Workers::run(Loop& loop, Job job, Loop::Callback done) {
  {
    std::lock_guard lock(mutex_);
    if (waiting_.size() >= waiting_max_) return false;
    waiting_.push_back({&loop, std::move(job), std::move(done)});
    if (waiting_.size() > idle_ && threads_.size() < threads_max_) {
      threads_.emplace_back([this] { work(); });
    }
  }
  ready_.notify_one();
  return true;
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    ready_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    --idle_;
    if (stopping_) return;
    auto item = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    item.job();
    item.job = nullptr;
    item.loop->post(std::move(item.done));
    lock.lock();
  }
}

}  // namespace xbus::net
