#include "bus/router/pubsub/subscriptions.hpp"

#include <utility>

namespace xbus::router::pubsub {

const Subscription* Subscriptions::find(const xmpp::Jid& jid) const {
  auto found = all_.find(jid.str());
  return found == all_.end() ? nullptr : &found->second;
}

Subscription* Subscriptions::find(const xmpp::Jid& jid) {
  auto found = all_.find(jid.str());
  return found == all_.end() ? nullptr : &found->second;
}

std::vector<const Subscription*> Subscriptions::of(const xmpp::Jid& account) const {
  std::vector<const Subscription*> found;
  std::string bare(account.bare_str());
  if (auto own = all_.find(bare); own != all_.end()) found.push_back(&own->second);
  bare += '/';
  for (auto at = all_.lower_bound(bare); at != all_.end() && at->first.starts_with(bare); ++at)
    found.push_back(&at->second);
  return found;
}

bool Subscriptions::any_of(const xmpp::Jid& account) const {
  for (const Subscription* one : of(account)) {
    if (one->state == SubscriptionState::subscribed) return true;
  }
  return false;
}

Subscription& Subscriptions::put(Subscription subscription) {
  std::string key = subscription.jid.str();
  return all_[std::move(key)] = std::move(subscription);
}

std::optional<Subscription> Subscriptions::remove(const xmpp::Jid& jid) {
  auto found = all_.find(jid.str());
  if (found == all_.end()) return {};
  Subscription subscription = std::move(found->second);
  all_.erase(found);
  return subscription;
}

}  // namespace xbus::router::pubsub
