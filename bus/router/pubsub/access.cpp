#include "bus/router/pubsub/access.hpp"

namespace xbus::router::pubsub {

using xmpp::AccessModel;
using xmpp::Condition;
using xmpp::PublishModel;
using xmpp::PubsubCondition;
using xmpp::PubsubRefusal;

namespace {

PubsubRefusal forbidden() { return {Condition::forbidden}; }

// The owners that stand on the list: those whose presence and roster count.
template <class Test>
bool some_owner(const Node& node, Test test) {
  for (const auto& [bare, affiliation] : node.affiliations.all()) {
    if (affiliation != Affiliation::owner) continue;
    auto jid = xmpp::Jid::parse(bare);
    if (jid && test(*jid)) return true;
  }
  return false;
}

// Of those who stand in no relation to the node, by its access model.
Refused by_model(const Node& node, const World& world, const xmpp::Jid& who) {
  switch (node.config.access_model) {
    case AccessModel::open:
    case AccessModel::authorize:
      return {};
    case AccessModel::presence:
      if (some_owner(node, [&](const xmpp::Jid& owner) { return world.sees_presence(owner, who); }))
        return {};
      return PubsubRefusal(Condition::not_authorized,
                           PubsubCondition::presence_subscription_required);
    case AccessModel::roster:
      if (some_owner(node, [&](const xmpp::Jid& owner) {
            return world.in_groups(owner, node.config.roster_groups, who);
          }))
        return {};
      return PubsubRefusal(Condition::not_authorized, PubsubCondition::not_in_roster_group);
    case AccessModel::whitelist:
      return PubsubRefusal(Condition::not_allowed, PubsubCondition::closed_node);
  }
  return {};
}

}  // namespace

Affiliation standing(const Node& node, const World& world, const xmpp::Jid& who) {
  std::string_view name = service_name(node.name);
  if (!name.empty() && world.owns(name, who)) return Affiliation::owner;
  Affiliation listed = node.affiliations.of(who);
  if (world.is_admin(who)) return Affiliation::owner;
  if (listed == Affiliation::owner && !name.empty() && world.owned(name)) return Affiliation::member;
  return listed;
}

Refused may_subscribe(const Node& node, const World& world, const xmpp::Jid& who) {
  switch (standing(node, world, who)) {
    case Affiliation::owner:
    case Affiliation::publisher:
    case Affiliation::member:
      return {};
    case Affiliation::outcast:
    case Affiliation::publish_only:
      return forbidden();
    case Affiliation::none:
      break;
  }
  return by_model(node, world, who);
}

Refused may_retrieve(const Node& node, const World& world, const xmpp::Jid& who) {
  if (auto refused = may_subscribe(node, world, who)) return refused;
  if (node.config.access_model != AccessModel::authorize ||
      standing(node, world, who) != Affiliation::none || node.subscriptions.any_of(who))
    return {};
  return PubsubRefusal(Condition::not_authorized, PubsubCondition::not_subscribed);
}

Refused may_publish(const Node& node, const World& world, const xmpp::Jid& who) {
  switch (standing(node, world, who)) {
    case Affiliation::owner:
    case Affiliation::publisher:
    case Affiliation::publish_only:
      return {};
    case Affiliation::outcast:
      return forbidden();
    case Affiliation::member:
    case Affiliation::none:
      break;
  }
  if (node.config.publish_model == PublishModel::open) return {};
  if (node.config.publish_model == PublishModel::subscribers && node.subscriptions.any_of(who))
    return {};
  return forbidden();
}

Refused must_own(const Node& node, const World& world, const xmpp::Jid& who) {
  if (standing(node, world, who) == Affiliation::owner) return {};
  return forbidden();
}

bool may_see(const Node& node, const World& world, const xmpp::Jid& who) {
  // Most nodes are open, and a list asks for each.
  if (node.config.access_model == AccessModel::open && node.affiliations.of(who) == Affiliation::none)
    return true;
  Affiliation affiliation = standing(node, world, who);
  if (affiliation == Affiliation::outcast) return false;
  return affiliation != Affiliation::none || !by_model(node, world, who);
}

}  // namespace xbus::router::pubsub
