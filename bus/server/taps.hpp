// The monitors of the bus: which sessions are shown what passes, and how they are told of it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/router/routes.hpp"
#include "bus/server/parcel.hpp"
#include "bus/server/tap_filter.hpp"

namespace xbus::server {

class Hub;

// Under the router's lock, all of it.
//
// A stanza is seen once, when the server takes it up from its sender: a session, a component, an
// entity or the server itself, whose copies of a broadcast presence and whose errors are stanzas of
// their own. What is stored, comes back or goes another way then is not seen again. What a monitor
// is sent goes to its session past here, so no tap sees the doings of another; and what a monitor says and hears
// itself it knows. A payload that
// carries passwords is shown to nobody.
class Taps {
 public:
  explicit Taps(Hub& hub) : hub_(hub) {}
  Taps(const Taps&) = delete;
  Taps& operator=(const Taps&) = delete;

  // The one question on the way of every stanza.
  bool any() const { return !taps_.empty(); }
  size_t count() const { return taps_.size(); }

  // For this session, in place of what it may have had. forbidden: all is asked for by who is no
  // admin; resource-constraint: too many of the account or the server.
  Result<TapScope, xmpp::StanzaError> start(const router::Slot& slot, const TapStart& wanted);
  struct Ended {
    uint64_t shown = 0, missed = 0;
  };
  std::optional<Ended> stop(const router::Slot& slot);

  void see(Parcel& parcel);
  // Whose monitor does not keep up and is sent nothing more hears of it so.
  void tell_missed(const router::Slot& slot);
  // Admins are others now.
  void admins_changed();

  // Nothing is seen while it lives: the server's answers about taps.
  class Blind {
   public:
    explicit Blind(Taps& taps) : taps_(taps) { taps_.blind_ = true; }
    ~Blind() { taps_.blind_ = false; }
    Blind(const Blind&) = delete;
    Blind& operator=(const Blind&) = delete;

   private:
    Taps& taps_;
  };

 private:
  struct Tap {
    const router::Slot* slot;  // lives as long as the session, on whatever connection
    TapScope scope;
    TapFilter filter;
    std::string opening;  // of the messages to it
    Ended so_far;
    uint64_t untold = 0;  // missed since the last message
  };

  Seen seen_of(const Parcel& parcel) const;
  bool concerns(const Tap& tap, const Seen& seen) const;
  bool belongs(const xmpp::Jid& asked, const xmpp::Jid& address) const;
  // <forwarded/> with the stanza as it may be shown.
  std::string forwarded(Parcel& parcel) const;
  void show(Tap& tap, std::string_view forwarded);
  std::vector<Tap>::iterator find(const router::Slot& slot);

  Hub& hub_;
  std::vector<Tap> taps_;
  bool blind_ = false;
};

}  // namespace xbus::server
