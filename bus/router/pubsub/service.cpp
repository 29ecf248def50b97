#include "bus/router/pubsub/service.hpp"

#include <algorithm>
#include <utility>

#include "bus/limits_topics.hpp"

namespace xbus::router::pubsub {

using xmpp::Condition;
using xmpp::PubsubCondition;
using xmpp::PubsubRefusal;

Service::Service(World& world, Ids ids) : world_(world), ids_(std::move(ids)) {}

// ---- What there is ----

Node* Service::find(std::string_view name) {
  auto found = nodes_.find(name);
  return found == nodes_.end() ? nullptr : found->second.get();
}

Node* Service::find(int64_t key) {
  auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

PubsubRefusal Service::missing(std::string_view name) const {
  auto moved = redirects_.find(name);
  if (moved == redirects_.end()) return {Condition::item_not_found};
  PubsubRefusal refusal(Condition::gone);
  refusal.uri = moved->second;
  return refusal;
}

Outcome<Node*> Service::node(std::string_view name) {
  if (Node* found = find(name)) return found;
  return Err{missing(name)};
}

std::vector<Node*> Service::subscribed_to(const xmpp::Jid& account) {
  std::vector<Node*> all;
  auto found = subscribed_.find(std::string(account.bare_str()));
  if (found == subscribed_.end()) return all;
  for (const auto& [key, count] : found->second) {
    if (Node* node = find(key)) all.push_back(node);
  }
  return all;
}

// ---- Nodes ----

std::optional<PubsubRefusal> Service::may_create(const xmpp::Jid& who, std::string_view name) {
  if (world_.is_admin(who)) return {};
  if (!world_.is_local(who)) return PubsubRefusal(Condition::forbidden);
  std::string_view owner = service_name(name);
  if (!owner.empty() && !world_.claim(owner, who))
    return PubsubRefusal(Condition::forbidden, PubsubCondition::none,
                         "the name before the slash is not yours");
  return {};
}

Outcome<Node*> Service::create(const xmpp::Jid& who, std::string name,
                               const xmpp::NodeConfig& config, Timestamp now) {
  if (!name.empty() && find(name) != nullptr) return Err{PubsubRefusal(Condition::conflict)};
  while (name.empty() || find(name) != nullptr) name = ids_();
  if (auto refused = may_create(who, name)) return Err{std::move(*refused)};
  std::string account(who.bare_str());
  if (nodes_.size() >= limits::topics_max ||
      created_by_[account] >= limits::topics_per_account_max)
    return Err{PubsubRefusal(Condition::resource_constraint, PubsubCondition::max_nodes_exceeded)};
  auto node = std::make_unique<Node>();
  node->key = last_key_ + 1;
  node->name = std::move(name);
  node->creator = who.bare();
  node->created = now;
  node->config = config;
  node->affiliations.set(who, Affiliation::owner);
  redirects_.erase(node->name);
  return &restore(std::move(node));
}

Outcome<Node*> Service::owned(const xmpp::Jid& who, std::string_view name) {
  auto found = node(name);
  if (!found) return found;
  if (auto refused = must_own(**found, world_, who)) return Err{std::move(*refused)};
  return found;
}

Outcome<Configured> Service::configure(const xmpp::Jid& who, std::string_view name,
                                       const xmpp::Form& submitted) {
  auto found = owned(who, name);
  if (!found) return Err{found.error()};
  Node& node = **found;
  auto config = xmpp::configured(node.config, submitted);
  if (!config) return Err{config.error()};
  Configured outcome{&node, node.config, {}, {}, {}};
  node.config = std::move(*config);
  outcome.gone = trim(node);
  if (node.config.access_model != outcome.before.access_model ||
      node.config.roster_groups != outcome.before.roster_groups)
    drop_barred(outcome);
  return outcome;
}

// What is beyond max_items, the oldest first; everything where nothing is kept any more.
std::vector<Item> Service::trim(Node& node) {
  std::vector<Item> gone;
  size_t most = node.config.persist_items ? node.config.max_items : 0;
  while (node.items.size() > most) take_out(node, node.items.oldest()->seq, gone);
  return gone;
}

void Service::forget_all(Node& node) {
  discounted(node, node.items.size(), node.items.bytes());
}

// The node keeps its items and subscriptions, which do not count any more.
std::unique_ptr<Node> Service::detach(Node& there) {
  auto place = nodes_.find(there.name);
  std::unique_ptr<Node> node = std::move(place->second);
  nodes_.erase(place);
  by_key_.erase(node->key);
  forget_all(*node);
  if (auto count = created_by_.find(node->creator.str()); count != created_by_.end()) {
    if (--count->second == 0) created_by_.erase(count);
  }
  std::vector<xmpp::Jid> subscribers;
  for (const auto& [jid, subscription] : node->subscriptions.all())
    subscribers.push_back(subscription.jid);
  Subscriptions kept = node->subscriptions;
  for (const xmpp::Jid& jid : subscribers) drop(*node, jid);
  node->subscriptions = std::move(kept);
  return node;
}

Outcome<std::unique_ptr<Node>> Service::remove(const xmpp::Jid& who, std::string_view name,
                                               std::string redirect) {
  auto found = owned(who, name);
  if (!found) return Err{found.error()};
  if (!redirect.empty() && redirects_.size() >= limits::topic_redirects_max)
    return Err{PubsubRefusal(Condition::resource_constraint, PubsubCondition::none,
                             "too many topics have moved")};
  std::unique_ptr<Node> node = detach(**found);
  if (!redirect.empty()) redirects_[node->name] = std::move(redirect);
  return node;
}

Outcome<std::pair<Node*, std::vector<Item>>> Service::purge(const xmpp::Jid& who,
                                                            std::string_view name) {
  auto found = owned(who, name);
  if (!found) return Err{found.error()};
  Node& node = **found;
  if (!node.config.persist_items) return Err{xmpp::unsupported("persistent-items")};
  forget_all(node);
  std::vector<Item> gone;
  for (const auto& [seq, item] : node.items.all()) gone.push_back(item);
  node.items.clear();
  return std::pair(&node, std::move(gone));
}

// ---- Undoing and reading back ----

void Service::undo_create(Node& node) { detach(node); }

Node* Service::undo_remove(Node&& node) {
  if (find(node.name) != nullptr) return nullptr;
  Items items = std::exchange(node.items, {});
  Subscriptions subscriptions = std::exchange(node.subscriptions, {});
  redirects_.erase(node.name);
  Node& there = restore(std::make_unique<Node>(std::move(node)));
  for (const auto& [seq, item] : items.all()) restore(there, item);
  for (const auto& [jid, subscription] : subscriptions.all()) restore(there, subscription);
  return &there;
}

Node& Service::restore(std::unique_ptr<Node> node) {
  Node& there = *node;
  last_key_ = std::max(last_key_, there.key);
  ++created_by_[there.creator.str()];
  by_key_[there.key] = &there;
  nodes_[there.name] = std::move(node);
  return there;
}

void Service::restore(Node& node, Item item) {
  last_seq_ = std::max(last_seq_, item.seq);
  std::vector<Item> gone;
  add_item(node, std::move(item), gone);
}

void Service::restore(Node& node, Subscription subscription) { put(node, std::move(subscription)); }

void Service::restore_redirect(std::string name, std::string uri) {
  redirects_[std::move(name)] = std::move(uri);
}

}  // namespace xbus::router::pubsub
