#include "bus/router/pubsub/affiliations.hpp"

#include <algorithm>

namespace xbus::router::pubsub {

Affiliation Affiliations::of(const xmpp::Jid& who) const {
  auto found = all_.find(who.bare_str());
  return found == all_.end() ? Affiliation::none : found->second;
}

void Affiliations::set(const xmpp::Jid& who, Affiliation affiliation) {
  std::string bare(who.bare_str());
  if (affiliation == Affiliation::none) {
    all_.erase(bare);
  } else {
    all_[std::move(bare)] = affiliation;
  }
}

size_t Affiliations::owners() const {
  return static_cast<size_t>(std::count_if(
      all_.begin(), all_.end(), [](const auto& one) { return one.second == Affiliation::owner; }));
}

}  // namespace xbus::router::pubsub
