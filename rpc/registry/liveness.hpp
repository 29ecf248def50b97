// When each party was last heard, and which must be asked whether it is still there.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bus/clock.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::registry {

// A party is tracked once for each thing the registry keeps about it: a registration, a watch.
class Liveness {
 public:
  void track(const xmpp::Jid& jid, Time now);
  void untrack(const xmpp::Jid& jid);
  bool tracked(const xmpp::Jid& jid) const { return parties_.contains(jid); }

  // A stanza came from it: it lives.
  void heard(const xmpp::Jid& jid, Time now);
  // The request of this id has been sent to it, to learn whether it lives.
  void asked(const xmpp::Jid& jid, std::string id, Time now);
  // Whether this is the id of the request that waits for its answer. An error to an older one says nothing: it may be
  // of a session that was there before.
  bool awaits(const xmpp::Jid& jid, std::string_view id) const;
  // Nothing that was known before `now` counts any more: after a restart everyone is asked at once.
  void doubt_all();

  struct Due {
    std::vector<xmpp::Jid> ask;      // silent for `silence` and not asked; at most limits::pings_per_second_max
    std::vector<xmpp::Jid> give_up;  // asked `patience` ago, no answer
  };
  // Asked once a second.
  Due due(Time now, Duration silence, Duration patience) const;

 private:
  struct Life {
    Time heard{};
    std::optional<Time> asked;
    std::string id;  // of that request
    bool doubted = false;
    size_t uses = 0;
  };
  std::unordered_map<xmpp::Jid, Life> parties_;
};

}  // namespace xbus::registry
