#include "rpc/piece_quota.hpp"

#include <algorithm>
#include <utility>

namespace xbus {

PieceQuota::Slot::Slot(Slot&& other) noexcept
    : quota_(std::exchange(other.quota_, nullptr)), account_(std::move(other.account_)), bytes_(other.bytes_) {}

PieceQuota::Slot::~Slot() {
  if (!quota_) return;
  quota_->all_ -= bytes_;
  const auto held = quota_->held_.find(account_);
  held->second -= bytes_;
  if (held->second == 0) quota_->held_.erase(held);
}

std::optional<PieceQuota::Slot> PieceQuota::take(const xmpp::Jid& peer, size_t bytes) {
  bytes = std::max(bytes, limits::piece_bytes_max);
  std::string account(peer.bare_str());
  const auto found = held_.find(account);
  const size_t held = found == held_.end() ? 0 : found->second;
  if (bytes > limits::pieces_bytes_per_account_max - held || bytes > limits::pieces_bytes_max - all_) return {};
  held_[account] = held + bytes;
  all_ += bytes;
  return Slot(*this, std::move(account), bytes);
}

}  // namespace xbus
