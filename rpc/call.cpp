#include "rpc/call.hpp"

#include <mutex>

namespace xbus {

struct Call::Cancel {
  std::mutex mutex;
  bool cancelled = false;
  bool settled = false;
  std::function<void()> stop;
};

Call::Call() : cancel_(std::make_shared<Cancel>()) {}

bool Call::cancelled() const {
  std::lock_guard lock(cancel_->mutex);
  return cancel_->cancelled;
}

void Call::on_cancel(std::function<void()> stop) const {
  {
    std::lock_guard lock(cancel_->mutex);
    if (cancel_->settled) return;
    if (!cancel_->cancelled) {
      cancel_->stop = std::move(stop);
      return;
    }
  }
  stop();
}

void Call::cancel() const {
  std::function<void()> stop;
  {
    std::lock_guard lock(cancel_->mutex);
    if (cancel_->cancelled) return;
    cancel_->cancelled = true;
    stop = std::exchange(cancel_->stop, nullptr);
  }
  if (stop) stop();
}

void Call::settle() const {
  std::function<void()> dropped;  // before the lock, so destroyed after it: its captures may be anything
  std::lock_guard lock(cancel_->mutex);
  cancel_->settled = true;
  dropped = std::exchange(cancel_->stop, nullptr);
}

}  // namespace xbus
