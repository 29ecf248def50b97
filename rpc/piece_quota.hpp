// PieceQuota: the memory that messages in pieces hold, charged to the account at the other end.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "bus/limits.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus {

// At most limits::pieces_bytes_per_account_max for one account or component, limits::pieces_bytes_max for all; each
// message counts as one piece at least. Must outlive its slots.
class PieceQuota {
 public:
  // What one message holds; given back by the destructor.
  class Slot {
   public:
    Slot(Slot&& other) noexcept;
    Slot& operator=(Slot&&) = delete;
    ~Slot();

   private:
    friend class PieceQuota;
    Slot(PieceQuota& quota, std::string account, size_t bytes)
        : quota_(&quota), account_(std::move(account)), bytes_(bytes) {}
    PieceQuota* quota_;
    std::string account_;
    size_t bytes_;
  };

  // nullopt when that would be too much.
  std::optional<Slot> take(const xmpp::Jid& peer, size_t bytes);
  size_t bytes() const { return all_; }

 private:
  std::unordered_map<std::string, size_t> held_;  // by bare JID
  size_t all_ = 0;
};

}  // namespace xbus
