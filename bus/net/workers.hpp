// A few threads for what would hold a loop up: password hashing, blocking calls of the system.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "bus/limits.hpp"
#include "bus/net/loop.hpp"

namespace xbus::net {

class Workers {
 public:
  using Job = std::function<void()>;

  // Threads start with the first job. `waiting_max` bounds the jobs that wait for a thread.
  explicit Workers(size_t threads = 1, size_t waiting_max = limits::worker_jobs_max);
  ~Workers();  // finishes the job in each thread, forgets the rest
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Runs `job` on one of the threads, then posts `done` to `loop`, which must live until then. False when
  // `waiting_max` jobs wait already: nothing was taken. Any thread may call.
  bool run(Loop& loop, Job job, Loop::Callback done);

 private:
  struct Item {
    Loop* loop;
    Job job;
    Loop::Callback done;
  };
  void work();

  size_t threads_max_;
  size_t waiting_max_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable ready_;
  std::deque<Item> waiting_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace xbus::net
