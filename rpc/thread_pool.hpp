// ThreadPool: threads for handlers that block.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace xbus {

// The destructor drops what has not begun and waits for what has.
class ThreadPool {
 public:
  explicit ThreadPool(size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Runs `work` on one of the threads, in the order given. The queue has no limit of its own: who submits has one.
  // `work` must not throw.
  void submit(std::function<void()> work);

  // What a service's blocking methods share where nothing else is said: four a core, at least eight.
  static size_t default_threads();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace xbus
