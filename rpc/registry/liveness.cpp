#include "rpc/registry/liveness.hpp"

namespace xbus::registry {

void Liveness::track(const xmpp::Jid& jid, Time now) {
  Life& life = parties_[jid];
  if (life.uses++ == 0) life.heard = now;
}

void Liveness::untrack(const xmpp::Jid& jid) {
  auto party = parties_.find(jid);
  if (party != parties_.end() && --party->second.uses == 0) parties_.erase(party);
}

void Liveness::heard(const xmpp::Jid& jid, Time now) {
  auto party = parties_.find(jid);
  if (party == parties_.end()) return;
  party->second.heard = now;
  party->second.asked.reset();
  party->second.doubted = false;
}

void Liveness::asked(const xmpp::Jid& jid, Time now) {
  auto party = parties_.find(jid);
  if (party == parties_.end()) return;
  party->second.asked = now;
  party->second.doubted = false;
}

void Liveness::doubt_all() {
  for (auto& [jid, life] : parties_) {
    life.asked.reset();
    life.doubted = true;
  }
}

Liveness::Due Liveness::due(Time now, Duration silence, Duration patience) const {
  Due out;
  for (const auto& [jid, life] : parties_) {
    if (life.asked) {
      if (now - *life.asked >= patience) out.give_up.push_back(jid);
    } else if (life.doubted || now - life.heard >= silence) {
      out.ask.push_back(jid);
    }
  }
  return out;
}

}  // namespace xbus::registry
