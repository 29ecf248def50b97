#include "rpc/registry/liveness.hpp"

#include "bus/limits.hpp"

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

void Liveness::asked(const xmpp::Jid& jid, std::string id, Time now) {
  auto party = parties_.find(jid);
  if (party == parties_.end()) return;
  party->second.asked = now;
  party->second.id = std::move(id);
  party->second.doubted = false;
}

bool Liveness::awaits(const xmpp::Jid& jid, std::string_view id) const {
  const auto party = parties_.find(jid);
  return party != parties_.end() && party->second.asked && party->second.id == id;
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
    } else if (out.ask.size() < limits::pings_per_second_max &&
               (life.doubted || now - life.heard >= silence)) {
      out.ask.push_back(jid);
    }
  }
  return out;
}

}  // namespace xbus::registry
