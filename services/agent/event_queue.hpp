// What has happened and is not yet published: a bounded queue from a thread that watches to the loop that publishes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace xbus::agent {

// T has a member `missed`. What is full drops its oldest: the newest says how things are now. How many were dropped is
// told with the next that is taken. Any thread.
template <class T>
class EventQueue {
 public:
  // `wake` is called, by the thread that pushes, when there is something to take again. `most` is at least one.
  EventQueue(size_t most, std::function<void()> wake) : most_(most), wake_(std::move(wake)) {}

  void push(T event) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      missed_ += event.missed;
      event.missed = 0;
      if (waiting_.size() >= most_) {
        waiting_.pop_front();
        ++missed_;
      }
      waiting_.push_back(std::move(event));
      if (std::exchange(awake_, true)) return;
    }
    wake_();
  }

  // Nothing: `wake` will be called.
  std::optional<T> next() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (waiting_.empty()) {
      awake_ = false;
      return std::nullopt;
    }
    std::optional<T> event(std::move(waiting_.front()));
    waiting_.pop_front();
    event->missed = std::exchange(missed_, 0);
    return event;
  }

  // Counts as missed what was taken and could not be published.
  void lost(const T& event) {
    const std::lock_guard<std::mutex> lock(mutex_);
    missed_ += event.missed + 1;
  }

 private:
  const size_t most_;
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::deque<T> waiting_;
  int64_t missed_ = 0;
  bool awake_ = false;
};

}  // namespace xbus::agent
