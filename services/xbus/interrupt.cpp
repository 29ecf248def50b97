#include "services/xbus/interrupt.hpp"

#include <utility>

#include "bus/net/timer.hpp"

namespace xbus::cli {

void Interrupt::give() {
  calls_.cancel();
  if (auto wake = std::exchange(wake_, nullptr)) wake();
}

Task<void> Interrupt::pause(Duration time) {
  if (given()) co_return;
  const Completion<bool> done;
  net::Timer timer(loop_);
  timer.start(time, [done] { done.complete(true); });
  wake_ = [done] { done.complete(true); };
  co_await done;
  wake_ = nullptr;
}

}  // namespace xbus::cli
