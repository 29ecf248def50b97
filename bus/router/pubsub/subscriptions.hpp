// Who is subscribed to a node: one subscription of each JID, full or bare (XEP-0060 sections 4.2 and 6.1).
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/pubsub.hpp"
#include "bus/xmpp/pubsub_options.hpp"

namespace xbus::router::pubsub {

using xmpp::SubscriptionState;

struct Subscription {
  xmpp::Jid jid;
  SubscriptionState state = SubscriptionState::none;
  xmpp::SubscribeOptions options = {};
  uint32_t bounces = 0;  // of events in a row

  bool hears(Timestamp now) const {
    return state == SubscriptionState::subscribed && options.deliver &&
           (!options.expire || *options.expire > now);
  }
};

// A value.
class Subscriptions {
 public:
  const Subscription* find(const xmpp::Jid& jid) const;
  Subscription* find(const xmpp::Jid& jid);
  // Whether some address of the account is subscribed, not pending.
  bool any_of(const xmpp::Jid& account) const;
  // All of the account's addresses.
  std::vector<const Subscription*> of(const xmpp::Jid& account) const;

  Subscription& put(Subscription subscription);  // new, or in place of the same JID's
  std::optional<Subscription> remove(const xmpp::Jid& jid);

  size_t size() const { return all_.size(); }
  const std::map<std::string, Subscription, std::less<>>& all() const { return all_; }

 private:
  std::map<std::string, Subscription, std::less<>> all_;
};

}  // namespace xbus::router::pubsub
