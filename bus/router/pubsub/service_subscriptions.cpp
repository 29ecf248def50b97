// Subscribing, and the owner's lists of subscriptions and affiliations (XEP-0060 sections 6.1 to 6.4, 8.6, 8.8, 8.9).
#include <algorithm>

#include "bus/limits_topics.hpp"
#include "bus/router/pubsub/service.hpp"

namespace xbus::router::pubsub {

using xmpp::AccessModel;
using xmpp::Condition;
using xmpp::PubsubCondition;
using xmpp::PubsubRefusal;

namespace {

bool same_account(const xmpp::Jid& a, const xmpp::Jid& b) { return a.bare_str() == b.bare_str(); }

}  // namespace

Subscription& Service::put(Node& node, Subscription subscription) {
  if (node.subscriptions.find(subscription.jid) == nullptr) {
    std::string account(subscription.jid.bare_str());
    ++subscriptions_;
    ++subscribed_[account][node.key];
    ++subscriptions_of_[account];
  }
  return node.subscriptions.put(std::move(subscription));
}

std::optional<Subscription> Service::drop(Node& node, const xmpp::Jid& jid) {
  auto removed = node.subscriptions.remove(jid);
  if (!removed) return removed;
  std::string account(jid.bare_str());
  --subscriptions_;
  if (--subscriptions_of_[account] == 0) subscriptions_of_.erase(account);
  auto found = subscribed_.find(account);
  if (found != subscribed_.end() && --found->second[node.key] == 0) {
    found->second.erase(node.key);
    if (found->second.empty()) subscribed_.erase(found);
  }
  return removed;
}

Outcome<Subscribed> Service::subscribe(const xmpp::Jid& who, std::string_view name,
                                       const xmpp::Jid& jid,
                                       const std::optional<xmpp::Form>& options, Timestamp now) {
  auto found = node(name);
  if (!found) return Err{found.error()};
  Node& node = **found;
  if (!same_account(who, jid))
    return Err{PubsubRefusal(Condition::bad_request, PubsubCondition::invalid_jid)};
  if (auto refused = may_subscribe(node, world_, who)) return Err{std::move(*refused)};
  if (!node.config.subscribe && standing(node, world_, who) != Affiliation::owner)
    return Err{xmpp::unsupported("subscribe")};
  Subscription subscription{jid, SubscriptionState::subscribed, {}, 0};
  const Subscription* before = node.subscriptions.find(jid);
  if (before != nullptr) {
    if (before->state == SubscriptionState::pending)
      return Err{PubsubRefusal(Condition::not_authorized, PubsubCondition::pending_subscription)};
    subscription = *before;
  } else if (node.config.access_model == AccessModel::authorize &&
             standing(node, world_, who) == Affiliation::none) {
    subscription.state = SubscriptionState::pending;
  }
  if (node.config.temporary) subscription.options.until_presence = true;
  if (options) {
    auto wanted = xmpp::with_options(subscription.options, *options);
    if (!wanted) return Err{wanted.error()};
    if (node.config.temporary) wanted->until_presence = true;
    if (wanted->expire && *wanted->expire <= now)
      return Err{PubsubRefusal(Condition::bad_request, PubsubCondition::invalid_options)};
    subscription.options = std::move(*wanted);
  }
  if (before != nullptr) {
    bool changed = before->options != subscription.options;
    return Subscribed{&node, put(node, std::move(subscription)), changed};
  }
  auto count = subscriptions_of_.find(std::string(jid.bare_str()));
  if (node.subscriptions.size() >= limits::topic_subscriptions_max ||
      subscriptions_ >= limits::subscriptions_max ||
      (count != subscriptions_of_.end() && count->second >= limits::subscriptions_per_account_max))
    return Err{PubsubRefusal(Condition::policy_violation, PubsubCondition::too_many_subscriptions)};
  return Subscribed{&node, put(node, std::move(subscription)), true};
}

Outcome<std::pair<Node*, Subscription*>> Service::subscription_of(const xmpp::Jid& who,
                                                                  std::string_view name,
                                                                  const xmpp::Jid& jid) {
  auto found = node(name);
  if (!found) return Err{found.error()};
  if (!same_account(who, jid)) return Err{PubsubRefusal(Condition::forbidden)};
  Subscription* subscription = (*found)->subscriptions.find(jid);
  if (subscription == nullptr)
    return Err{PubsubRefusal(Condition::unexpected_request, PubsubCondition::not_subscribed)};
  return std::pair(*found, subscription);
}

Outcome<Unsubscribed> Service::unsubscribe(const xmpp::Jid& who, std::string_view name,
                                           const xmpp::Jid& jid) {
  auto found = subscription_of(who, name, jid);
  if (!found) return Err{found.error()};
  return Unsubscribed{found->first, *drop(*found->first, jid)};
}

Outcome<Subscribed> Service::options(const xmpp::Jid& who, std::string_view name,
                                     const xmpp::Jid& jid) {
  auto found = subscription_of(who, name, jid);
  if (!found) return Err{found.error()};
  return Subscribed{found->first, *found->second, false};
}

Outcome<Subscribed> Service::set_options(const xmpp::Jid& who, std::string_view name,
                                         const xmpp::Jid& jid, const xmpp::Form& submitted,
                                         Timestamp now) {
  auto found = subscription_of(who, name, jid);
  if (!found) return Err{found.error()};
  auto wanted = xmpp::with_options(found->second->options, submitted);
  if (!wanted) return Err{wanted.error()};
  if (wanted->expire && *wanted->expire <= now)
    return Err{PubsubRefusal(Condition::bad_request, PubsubCondition::invalid_options)};
  if (found->first->config.temporary) wanted->until_presence = true;
  bool changed = *wanted != found->second->options;
  found->second->options = std::move(*wanted);
  return Subscribed{found->first, *found->second, changed};
}

Outcome<Subscribed> Service::decide(const xmpp::Jid& who, std::string_view name,
                                    const xmpp::Jid& jid, bool allow) {
  auto found = owned(who, name);
  if (!found) return Err{found.error()};
  Node& node = **found;
  Subscription* subscription = node.subscriptions.find(jid);
  if (subscription == nullptr || subscription->state != SubscriptionState::pending)
    return Err{PubsubRefusal(Condition::unexpected_request, PubsubCondition::not_subscribed)};
  if (allow) {
    subscription->state = SubscriptionState::subscribed;
    return Subscribed{&node, *subscription, true};
  }
  Subscription ended = *drop(node, jid);
  ended.state = SubscriptionState::none;
  return Subscribed{&node, std::move(ended), true};
}

void Service::drop_all(Node& node, const std::vector<xmpp::Jid>& jids,
                       std::vector<Subscription>& ended, std::vector<Subscription>& were) {
  for (const xmpp::Jid& jid : jids) {
    auto gone = drop(node, jid);
    if (!gone) continue;
    were.push_back(*gone);
    gone->state = SubscriptionState::none;
    ended.push_back(std::move(*gone));
  }
}

void Service::drop_barred(Configured& outcome) {
  Node& node = *outcome.node;
  std::vector<xmpp::Jid> barred;
  for (const auto& [text, subscription] : node.subscriptions.all()) {
    if (may_subscribe(node, world_, subscription.jid)) barred.push_back(subscription.jid);
  }
  drop_all(node, barred, outcome.ended, outcome.were);
}

Outcome<ListChange> Service::set_subscriptions(
    const xmpp::Jid& who, std::string_view name,
    const std::vector<std::pair<xmpp::Jid, SubscriptionState>>& wanted) {
  auto found = owned(who, name);
  if (!found) return Err{found.error()};
  Node& node = **found;
  ListChange change;
  change.node = &node;
  for (const auto& [jid, state] : wanted) {
    const Subscription* before = node.subscriptions.find(jid);
    SubscriptionState was = before != nullptr ? before->state : SubscriptionState::none;
    if (state == was) continue;
    if (state == SubscriptionState::none) {
      drop_all(node, {jid}, change.subscriptions, change.were);
      continue;
    }
    // Nobody is subscribed by somebody else to what it has not asked for, nor made to wait again.
    if (state != SubscriptionState::subscribed || was == SubscriptionState::none) {
      change.refused_subscriptions.push_back({jid, was, {}, 0});
      continue;
    }
    Subscription approved = *before;
    change.were.push_back(approved);
    approved.state = SubscriptionState::subscribed;
    change.subscriptions.push_back(put(node, std::move(approved)));
  }
  return change;
}

Outcome<ListChange> Service::set_affiliations(
    const xmpp::Jid& who, std::string_view name,
    const std::vector<std::pair<xmpp::Jid, Affiliation>>& wanted) {
  auto found = owned(who, name);
  if (!found) return Err{found.error()};
  Node& node = **found;
  ListChange change;
  change.node = &node;
  for (const auto& [jid, affiliation] : wanted) {
    Affiliation was = node.affiliations.of(jid);
    if (affiliation == was) continue;
    bool last = was == Affiliation::owner && node.affiliations.owners() == 1;
    bool full = was == Affiliation::none &&
                node.affiliations.size() >= limits::topic_affiliations_max;
    if (last || full) {
      change.refused_affiliations.emplace_back(jid, was);
      continue;
    }
    node.affiliations.set(jid, affiliation);
    change.affiliations.emplace_back(jid.bare(), affiliation);
    // Who may not subscribe any more is not subscribed any more (section 8.9.2.2).
    if (!may_subscribe(node, world_, jid)) continue;
    std::vector<xmpp::Jid> ended;
    for (const Subscription* one : node.subscriptions.of(jid)) ended.push_back(one->jid);
    drop_all(node, ended, change.subscriptions, change.were);
  }
  return change;
}

}  // namespace xbus::router::pubsub
