// An account's share of the memory that waits to be written, or has come in part, and what one of its
// connections has charged to it.
#pragma once
#include <cstddef>

namespace xbus::router {

// What an account may have on all its connections together. Not thread-safe: the router's
// lock guards it.
class Quota {
 public:
  explicit Quota(size_t bytes_max) : bytes_max_(bytes_max) {}
  Quota(const Quota&) = delete;
  Quota& operator=(const Quota&) = delete;

  size_t bytes_max() const { return bytes_max_; }
  // For what is added from now on.
  void set_bytes_max(size_t bytes) { bytes_max_ = bytes; }
  size_t bytes() const { return bytes_; }
  size_t charges() const { return charges_; }

 private:
  friend class Charge;
  size_t bytes_max_;
  size_t bytes_ = 0;
  size_t charges_ = 0;
};

// What one connection has charged; released by the destructor. The quota must outlive it.
//
// The first half of the quota is for whoever comes first. The second half is shared evenly, so that
// one connection that does not read leaves room for each of the others, and more connections buy
// nothing.
class Charge {
 public:
  Charge(Quota& quota, size_t connection_bytes_max)
      : quota_(&quota), connection_bytes_max_(connection_bytes_max) {
    ++quota_->charges_;
  }
  ~Charge() { let_go(); }
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;

  size_t bytes() const { return bytes_; }

  // What is charged, and all that follows, counts for another account: from before login to after
  // it.
  void move_to(Quota& quota) {
    if (quota_ == nullptr) return;
    quota_->bytes_ -= bytes_;
    --quota_->charges_;
    quota_ = &quota;
    quota_->bytes_ += bytes_;
    ++quota_->charges_;
  }

  // Releases everything; nothing can be charged any more, and the quota may go.
  void let_go() {
    if (quota_ == nullptr) return;
    quota_->bytes_ -= bytes_;
    --quota_->charges_;
    quota_ = nullptr;
    bytes_ = 0;
  }

  // False, and nothing charged, where the account or this connection may not hold that much more.
  bool add(size_t bytes) {
    if (quota_ == nullptr || bytes_ + bytes > connection_bytes_max_ ||
        quota_->bytes_ + bytes > quota_->bytes_max_)
      return false;
    size_t half = quota_->bytes_max_ / 2;
    if (quota_->bytes_ + bytes > half && bytes_ + bytes > half / quota_->charges_) return false;
    bytes_ += bytes;
    quota_->bytes_ += bytes;
    return true;
  }
  // Past the bound: for the few bytes that end a stream.
  void add_anyway(size_t bytes) {
    if (quota_ == nullptr) return;
    bytes_ += bytes;
    quota_->bytes_ += bytes;
  }
  void release(size_t bytes) {
    if (quota_ == nullptr) return;
    bytes_ -= bytes;
    quota_->bytes_ -= bytes;
  }

 private:
  Quota* quota_;
  size_t connection_bytes_max_;
  size_t bytes_ = 0;
};

}  // namespace xbus::router
