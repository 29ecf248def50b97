#include "bus/net/io_loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "bus/net/timer_wheel.hpp"

namespace xbus::net {

namespace {

constexpr size_t buffer_bytes = 128 * 1024;
constexpr int events_per_round = 256;

Time clock_now() { return std::chrono::steady_clock::now(); }

uint32_t to_epoll(uint32_t wanted) {
  return (wanted & IoLoop::readable ? uint32_t{EPOLLIN} : 0u) |
         (wanted & IoLoop::writable ? uint32_t{EPOLLOUT} : 0u);
}

int open_epoll() {
  auto fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) std::abort();  // no descriptor for the first thing a program needs
  return fd;
}

}  // namespace

struct IoLoop::Impl {
  boost::asio::io_context context{1};
  boost::asio::posix::stream_descriptor epoll{context, open_epoll()};
  std::vector<std::unique_ptr<boost::asio::signal_set>> signals;
  Time round = clock_now();
  bool running = false;
  TimerWheel timers{round};
  std::vector<Callback> deferred;
  std::vector<Callback> deferred_round;
  std::vector<Callback> posted_round;
  std::atomic<bool> stopping{false};
  std::unique_ptr<char[]> buffer{new char[buffer_bytes]};
  std::array<epoll_event, events_per_round> events;
  int event = 0, event_count = 0;  // the batch being dispatched

  std::mutex mutex;  // guards what follows
  std::vector<Callback> posted;
  std::thread::id thread;
  bool waking = false;

  struct OnReady {
    Impl* impl;
    void operator()(const boost::system::error_code& error) const {
      if (error) return;
      impl->dispatch();
      impl->wait_ready();
    }
  };
  void wait_ready() {
    epoll.async_wait(boost::asio::posix::stream_descriptor::wait_read, OnReady{this});
  }

  void dispatch() {
    round = clock_now();  // before it lies the wait, which may have been long
    event_count = epoll_wait(epoll.native_handle(), events.data(), events_per_round, 0);
    for (event = 0; event < event_count; ++event) {
      auto* watcher = static_cast<Watcher*>(events[size_t(event)].data.ptr);
      if (!watcher) continue;  // unwatched by an earlier callback of this batch
      auto bits = events[size_t(event)].events;
      uint32_t ready = 0;
      if (bits & (EPOLLIN | EPOLLHUP | EPOLLERR)) ready |= readable;
      if (bits & EPOLLOUT) ready |= writable;
      if (bits & (EPOLLHUP | EPOLLERR)) ready |= failed;
      watcher->on_ready(ready);
    }
    event_count = 0;
  }

  bool run_posted() {
    {
      std::lock_guard lock(mutex);
      waking = false;
      posted_round.swap(posted);
    }
    for (auto& fn : posted_round) fn();
    auto any = !posted_round.empty();
    posted_round.clear();
    return any;
  }

  // What follows the events. Ends with nothing posted or deferred, or says that there is more.
  bool after_events() {
    round = clock_now();
    timers.advance(round);
    auto more = run_posted();
    deferred_round.swap(deferred);
    for (auto& fn : deferred_round) fn();
    more = !deferred_round.empty() || more;
    deferred_round.clear();
    return more;
  }

  void wait(bool block, std::optional<Time> until) {
    if (!block) {
      context.poll_one();
    } else {
      auto next = timers.next();
      if (until && (!next || *until < *next)) next = until;
      if (next) {
        context.run_one_until(*next);
      } else {
        context.run_one();
      }
    }
    round = clock_now();
  }

  void enter() {
    std::lock_guard lock(mutex);
    thread = std::this_thread::get_id();
    running = true;
  }
  void leave() {
    std::lock_guard lock(mutex);
    thread = {};
    running = false;
  }

  void turn(std::optional<Time> until) {
    // A deferred function may post and the other way round: a few turns of that before events are looked at again.
    auto more = true;
    for (int i = 0; i < 4 && more && !stopping; ++i) more = after_events();
    if (!stopping) wait(!more, until);
  }
};

IoLoop::IoLoop() : impl_(std::make_unique<Impl>()) { impl_->wait_ready(); }

IoLoop::~IoLoop() {
  // What was posted or deferred and not run may hold objects that reach for this loop when they go.
  for (auto* queue : {&impl_->posted, &impl_->deferred}) {
    auto left = std::exchange(*queue, {});
  }
}

Time IoLoop::now() const { return impl_->running ? impl_->round : clock_now(); }
Time IoLoop::clock() const { return clock_now(); }

Timestamp IoLoop::wall() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void IoLoop::post(Callback fn) {
  bool wake;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->posted.push_back(std::move(fn));
    wake = impl_->thread != std::this_thread::get_id() && !std::exchange(impl_->waking, true);
  }
  if (wake) boost::asio::post(impl_->context, [] {});
}

void IoLoop::defer(Callback fn) { impl_->deferred.push_back(std::move(fn)); }

TimerWheel& IoLoop::timers() { return impl_->timers; }

void IoLoop::run() {
  impl_->enter();
  while (!impl_->stopping) impl_->turn({});
  impl_->stopping = false;
  impl_->leave();
}

void IoLoop::stop() {
  impl_->stopping = true;
  boost::asio::post(impl_->context, [] {});
}

bool IoLoop::run_until(const std::function<bool()>& done, Duration at_most) {
  impl_->enter();
  auto end = clock_now() + at_most;
  auto right = false;
  for (;;) {
    impl_->after_events();
    right = done();
    if (right || clock_now() >= end || impl_->stopping) break;
    impl_->turn(end);
  }
  impl_->leave();
  return right;
}

void IoLoop::on_signal(std::initializer_list<int> signals, std::function<void(int)> fn) {
  auto& set = *impl_->signals.emplace_back(
      std::make_unique<boost::asio::signal_set>(impl_->context));
  for (auto signal : signals) set.add(signal);
  struct Wait {
    boost::asio::signal_set* set;
    std::shared_ptr<std::function<void(int)>> fn;
    void operator()(const boost::system::error_code& error, int signal) const {
      if (error) return;
      (*fn)(signal);
      set->async_wait(*this);
    }
  };
  set.async_wait(Wait{&set, std::make_shared<std::function<void(int)>>(std::move(fn))});
}

bool IoLoop::watch(int fd, Watcher& watcher, uint32_t wanted) {
  epoll_event event{};
  event.events = to_epoll(wanted);
  event.data.ptr = &watcher;
  return epoll_ctl(impl_->epoll.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void IoLoop::rewatch(int fd, Watcher& watcher, uint32_t wanted) {
  epoll_event event{};
  event.events = to_epoll(wanted);
  event.data.ptr = &watcher;
  epoll_ctl(impl_->epoll.native_handle(), EPOLL_CTL_MOD, fd, &event);
}

void IoLoop::unwatch(int fd, Watcher& watcher) {
  epoll_ctl(impl_->epoll.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  for (int i = impl_->event; i < impl_->event_count; ++i) {
    auto& event = impl_->events[size_t(i)];
    if (event.data.ptr == static_cast<void*>(&watcher)) event.data.ptr = nullptr;
  }
}

std::span<char> IoLoop::buffer() { return {impl_->buffer.get(), buffer_bytes}; }

}  // namespace xbus::net
