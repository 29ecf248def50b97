// Who is where: full JIDs of connected resources, the accounts that own them, and the domains of
// components and entities.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bus/limits_answers.hpp"
#include "bus/limits_presence.hpp"
#include "bus/router/quota.hpp"
#include "bus/router/rate.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::router {

// Where a route leads; the server gives it its meaning.
class Endpoint {
 public:
  enum class Kind : uint8_t {
    session,    // a client's stream
    component,  // a component's stream
    entity,     // attached inside the server, fed trees
  };
  explicit Endpoint(Kind kind) : kind_(kind) {}
  Kind kind() const { return kind_; }

 protected:
  ~Endpoint() = default;

 private:
  Kind kind_;
};

class Slot;
class Routes;

// One account while it has connected resources: its slots, what they may have queued, what they may
// send, how much of it in part, and what they may have remembered.
class Owner {
 public:
  Owner(xmpp::Jid bare, size_t quota_bytes_max)
      : bare_(std::move(bare)), quota_(quota_bytes_max), half_sent_(quota_bytes_max) {}

  const xmpp::Jid& bare() const { return bare_; }
  const std::vector<Slot*>& slots() const { return slots_; }  // in no order
  Quota& quota() { return quota_; }
  // Of stanzas that have come in part. Apart from what others queue for the account, so that nobody
  // can end its streams by filling its queues.
  Quota& half_sent() { return half_sent_; }
  // Of answers that are owed to its sessions and found their queues full.
  Quota& answers() { return answers_; }
  // Of the addresses that its sessions have sent directed presence.
  Quota& told() { return told_; }
  Rate& rate() { return rate_; }
  FanOut& fan_out() { return fan_out_; }

  // The available resource with the highest priority, none of a negative one (RFC 6121
  // section 8.5.2.1.1); among equals the one that became available last. nullptr: none.
  Slot* most_available() const;

 private:
  friend class Slot;
  friend class Hold;
  friend class Routes;
  xmpp::Jid bare_;
  Quota quota_;
  Quota half_sent_;
  Quota answers_{limits::answers_beyond_bytes_per_account_max};
  Quota told_{limits::directed_presence_bytes_per_account_max};
  Rate rate_;
  FanOut fan_out_;
  std::vector<Slot*> slots_;
  size_t holds_ = 0;  // what keeps it: slots and quotas in use
};

// Keeps an Owner in its Routes, so that its quota outlives what is charged to it.
class Hold {
 public:
  Hold() = default;
  Hold(Routes& routes, Owner& owner);
  Hold(Hold&& other) noexcept;
  Hold& operator=(Hold&& other) noexcept;
  ~Hold();
  Owner* owner() const { return owner_; }

 private:
  Routes* routes_ = nullptr;
  Owner* owner_ = nullptr;
};

// The route to one resource: linked while it lives.
class Slot {
 public:
  Slot(Routes& routes, xmpp::Jid full, Endpoint& endpoint, size_t quota_bytes_max);
  ~Slot();
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  const xmpp::Jid& jid() const { return jid_; }
  Owner& owner() const { return *hold_.owner(); }
  Endpoint& endpoint() const { return *endpoint_; }
  void lead_to(Endpoint& endpoint) { endpoint_ = &endpoint; }

  // Presence as routing sees it. A resource that has sent no presence yet is connected and not
  // available.
  bool available() const { return available_; }
  int8_t priority() const { return priority_; }
  void set_available(int8_t priority);
  void set_unavailable() { available_ = false; }

 private:
  friend class Owner;
  friend class Routes;
  Routes& routes_;
  xmpp::Jid jid_;
  Endpoint* endpoint_;
  Hold hold_;
  uint32_t place_ = 0;  // in the owner's slots
  uint32_t since_ = 0;  // when it became available, as a count
  int8_t priority_ = 0;
  bool available_ = false;
};

// The registry of all of them. Not thread-safe: the router's lock guards it.
class Routes {
 public:
  // The resource with exactly that full JID. Canonical text is what preparation leaves unchanged,
  // so the bytes of a `to` attribute may be looked up as they stand: a hit is right, a miss says
  // nothing until the address is prepared. Text with '&' is never looked up so: it is not the text
  // it stands for.
  Slot* find(std::string_view full) const {
    auto found = slots_.find(full);
    return found == slots_.end() ? nullptr : found->second;
  }
  // The account with connected resources; nullptr: none is connected.
  Owner* find_owner(std::string_view bare) const;
  // Makes the account's owner if it is not there; keep it by a Hold.
  Owner& owner(const xmpp::Jid& bare, size_t quota_bytes_max);

  Endpoint* find_domain(std::string_view domain) const;
  // False: the domain is taken.
  bool add_domain(std::string domain, Endpoint& endpoint);
  void remove_domain(std::string_view domain);
  // In the order of their bytes.
  std::vector<std::string> domains() const;

  size_t resources() const { return slots_.size(); }
  template <class Visit>
  void each_owner(Visit visit) {
    for (auto& [bare, owner] : owners_) visit(*owner);
  }
  template <class Visit>
  void each(Visit visit) const {
    for (const auto& [jid, slot] : slots_) visit(*slot);
  }

 private:
  friend class Slot;
  friend class Hold;
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string_view, Slot*> slots_;  // keys live in the slots
  std::unordered_map<std::string, std::unique_ptr<Owner>, TextHash, std::equal_to<>> owners_;
  std::unordered_map<std::string, Endpoint*, TextHash, std::equal_to<>> domains_;
  uint32_t clock_ = 0;  // counts resources that became available
};

}  // namespace xbus::router
