#include "bus/net/stagger.hpp"

namespace xbus::net {

void Stagger::next() {
  timer_.stop();
  while (!waiting_.empty()) {
    auto to = std::move(waiting_.front());
    waiting_.pop_front();
    if (!begin_(to)) continue;
    if (!waiting_.empty()) timer_.start(delay, [this] { next(); });
    return;
  }
}

void Stagger::stop() {
  timer_.stop();
  waiting_.clear();
}

}  // namespace xbus::net
