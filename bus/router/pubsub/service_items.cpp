// Publishing, retracting and retrieving items (XEP-0060 sections 6.5, 7.1 and 7.2).
#include <algorithm>
#include <set>

#include "bus/limits_topics.hpp"
#include "bus/router/pubsub/service.hpp"

namespace xbus::router::pubsub {

using xmpp::Condition;
using xmpp::NodeFull;
using xmpp::PubsubCondition;
using xmpp::PubsubRefusal;

namespace {

PubsubRefusal bad(PubsubCondition detail) { return {Condition::bad_request, detail}; }

// The event matrix of section 4.3: what a node of that kind takes.
std::optional<PubsubRefusal> shape_of(const xmpp::NodeConfig& config,
                                      const std::vector<Draft>& drafts) {
  bool notification = !config.deliver_payloads;
  if (!config.persist_items && notification)
    return drafts.empty() ? std::nullopt : std::optional(bad(PubsubCondition::item_forbidden));
  if (drafts.empty()) return bad(PubsubCondition::item_required);
  for (const Draft& draft : drafts) {
    if (draft.payloads > 1) return bad(PubsubCondition::invalid_payload);
    if (draft.payloads == 0) {
      if (!notification) return bad(PubsubCondition::payload_required);
      continue;
    }
    if (!config.type.empty() && draft.type != config.type)
      return bad(PubsubCondition::invalid_payload);
    if (draft.bytes > config.max_payload_bytes)
      return PubsubRefusal(Condition::not_acceptable, PubsubCondition::payload_too_big);
  }
  return {};
}

// XEP-0395: the field is no option of the node; what is compared is its newest item, "" where there is none.
Refused compare(const Node* node, std::optional<xmpp::Form>& options) {
  if (!options) return {};
  const xmpp::Field* field = options->field(xmpp::var_compare_and_publish);
  if (field == nullptr) return {};
  const std::string wanted(field->value());
  std::erase_if(options->fields,
                [](const xmpp::Field& one) { return one.var == xmpp::var_compare_and_publish; });
  const Item* newest = node == nullptr ? nullptr : node->items.newest();
  std::string value = newest == nullptr ? std::string() : compared_value(*newest);
  if (wanted == value) return {};
  PubsubRefusal refusal(Condition::conflict, PubsubCondition::precondition_not_met);
  refusal.newest_value = std::move(value);
  return refusal;
}

}  // namespace

std::optional<PubsubRefusal> Service::check(const Node& node,
                                            const std::vector<Draft>& drafts) const {
  const xmpp::NodeConfig& config = node.config;
  if (auto refused = shape_of(config, drafts)) return refused;
  if (!config.persist_items) return {};
  if (drafts.size() > config.max_items)
    return PubsubRefusal(Condition::not_allowed, PubsubCondition::max_items_exceeded);
  std::set<std::string_view> fresh;
  size_t nameless = 0;
  uint64_t bytes = 0;
  for (const Draft& draft : drafts) {
    bytes += draft.bytes;
    if (draft.id.empty()) {
      ++nameless;
    } else if (!fresh.insert(draft.id).second) {
      return PubsubRefusal(Condition::bad_request, PubsubCondition::none, "an item id twice");
    }
  }
  std::erase_if(fresh, [&](std::string_view id) { return node.items.find(id) != nullptr; });
  size_t more = fresh.size() + nameless;
  bool full = node.items.size() + more > config.max_items;
  if (full && config.node_full == NodeFull::reject)
    return PubsubRefusal(Condition::conflict, PubsubCondition::node_full);
  if (!may_keep(node, full ? 0 : more, bytes))
    return PubsubRefusal(Condition::resource_constraint, PubsubCondition::none,
                         "the service keeps as many items as it may");
  return {};
}

// Whether so many more items of so many bytes may be kept, by the service and by the account that made the node.
bool Service::may_keep(const Node& node, size_t more, uint64_t bytes) const {
  if ((more > 0 && items_ + more > limits::items_max) || items_bytes_ + bytes > limits::items_bytes_max) return false;
  const auto found = kept_by_.find(node.creator.str());
  const Kept kept = found == kept_by_.end() ? Kept{} : found->second;
  if ((more == 0 || kept.items + more <= limits::items_per_account_max) &&
      kept.bytes + bytes <= limits::items_bytes_per_account_max)
    return true;
  return world_.is_admin(node.creator);
}

void Service::counted(const Node& node, size_t items, uint64_t bytes) {
  items_ += items;
  items_bytes_ += bytes;
  Kept& kept = kept_by_[node.creator.str()];
  kept.items += items;
  kept.bytes += bytes;
}

void Service::discounted(const Node& node, size_t items, uint64_t bytes) {
  items_ -= items;
  items_bytes_ -= bytes;
  const auto kept = kept_by_.find(node.creator.str());
  if (kept == kept_by_.end()) return;
  kept->second.items -= items;
  kept->second.bytes -= bytes;
  if (kept->second.items == 0) kept_by_.erase(kept);
}

void Service::take_out(Node& node, int64_t seq, std::vector<Item>& gone) {
  auto item = node.items.remove(seq);
  if (!item) return;
  discounted(node, 1, item->bytes);
  gone.push_back(std::move(*item));
}

void Service::add_item(Node& node, Item item, std::vector<Item>& gone) {
  counted(node, 1, item.bytes);
  if (auto before = node.items.put(std::move(item))) {
    discounted(node, 1, before->bytes);
    gone.push_back(std::move(*before));
  }
}

Outcome<Published> Service::publish(const xmpp::Jid& who, std::string_view name,
                                    const std::vector<Draft>& drafts,
                                    std::optional<xmpp::Form> options, Timestamp now) {
  Published outcome;
  outcome.node = find(name);
  if (outcome.node == nullptr) {
    // Made by the way, configured as the preconditions demand (section 7.1.4 and 7.1.5). What it would refuse it is
    // not made for.
    PubsubRefusal absent = missing(name);
    if (absent.condition == Condition::gone) return Err{std::move(absent)};
    if (auto refused = may_create(who, name))
      return Err{service_name(name).empty() ? std::move(absent) : std::move(*refused)};
    if (auto refused = compare(nullptr, options)) return Err{std::move(*refused)};
    xmpp::NodeConfig config;
    if (options) {
      auto wanted = xmpp::configured(config, *options);
      if (!wanted || !xmpp::meets(*wanted, *options))
        return Err{PubsubRefusal(Condition::conflict, PubsubCondition::precondition_not_met)};
      config = std::move(*wanted);
    }
    Node trial;
    trial.creator = who.bare();
    trial.config = config;
    if (auto refused = check(trial, drafts)) return Err{std::move(*refused)};
    auto created = create(who, std::string(name), config, now);
    if (!created) return Err{created.error()};
    outcome.node = *created;
    outcome.created = true;
  } else {
    if (auto refused = may_publish(*outcome.node, world_, who)) return Err{std::move(*refused)};
    if (auto refused = compare(outcome.node, options)) return Err{std::move(*refused)};
    if (options && !xmpp::meets(outcome.node->config, *options))
      return Err{PubsubRefusal(Condition::conflict, PubsubCondition::precondition_not_met)};
    if (auto refused = check(*outcome.node, drafts)) return Err{std::move(*refused)};
  }
  Node& node = *outcome.node;
  for (const Draft& draft : drafts) {
    Item item{0, draft.id, std::string(who.bare_str()), now, static_cast<uint32_t>(draft.bytes)};
    while (item.id.empty() || (draft.id.empty() && node.items.find(item.id) != nullptr))
      item.id = ids_();
    if (node.config.persist_items) {
      item.seq = ++last_seq_;
      add_item(node, item, outcome.gone);
    }
    outcome.added.push_back(std::move(item));
  }
  size_t overwritten = outcome.gone.size();
  while (node.items.size() > node.config.max_items)
    take_out(node, node.items.oldest()->seq, outcome.gone);
  if (node.config.node_full == NodeFull::retract_oldest && node.config.notify_retract) {
    for (size_t i = overwritten; i < outcome.gone.size(); ++i)
      outcome.retracted.push_back(outcome.gone[i].id);
  }
  return outcome;
}

Outcome<Retracted> Service::retract(const xmpp::Jid& who, std::string_view name,
                                    const std::vector<std::string>& ids) {
  auto found = node(name);
  if (!found) return Err{found.error()};
  Node& node = **found;
  bool owner = standing(node, world_, who) == Affiliation::owner;
  // Others may take back what they have published themselves, while they may publish.
  if (!owner) {
    if (auto refused = may_publish(node, world_, who)) return Err{std::move(*refused)};
  }
  if (!node.config.persist_items) return Err{xmpp::unsupported("persistent-items")};
  for (const std::string& id : ids) {
    const Item* item = node.items.find(id);
    if (item == nullptr) return Err{PubsubRefusal(Condition::item_not_found)};
    if (!owner && item->publisher != who.bare_str())
      return Err{PubsubRefusal(Condition::forbidden)};
  }
  Retracted outcome{&node, {}};
  for (const std::string& id : ids) {
    if (const Item* item = node.items.find(id)) take_out(node, item->seq, outcome.gone);
  }
  return outcome;
}

Outcome<std::pair<Node*, ItemPage>> Service::retrieve(const xmpp::Jid& who, std::string_view name,
                                                      const ItemQuery& query) {
  auto found = readable(who, name);
  if (!found) return Err{found.error()};
  auto page = (*found)->items.page(query);
  if (!page) return Err{PubsubRefusal(Condition::item_not_found)};  // XEP-0059 section 2.5, XEP-0313 section 4.1.3
  return std::pair(*found, std::move(*page));
}

Outcome<Node*> Service::readable(const xmpp::Jid& who, std::string_view name) {
  auto found = node(name);
  if (!found) return found;
  if (auto refused = may_retrieve(**found, world_, who)) return Err{std::move(*refused)};
  return found;
}

std::vector<Item> Service::withdraw(Node& node, const xmpp::Jid& publisher) {
  ItemQuery query{.publisher = std::string(publisher.bare_str()), .from_start = true, .count_at_most = SIZE_MAX,
                  .bytes_at_most = SIZE_MAX};
  const auto page = node.items.page(query);
  std::vector<Item> gone;
  for (const Item& item : page->items) take_out(node, item.seq, gone);
  return gone;
}

std::vector<Item> Service::expire(Node& node, Timestamp now) {
  std::vector<Item> gone;
  if (node.config.item_expire_seconds == 0) return gone;
  auto age = std::chrono::seconds(static_cast<int64_t>(node.config.item_expire_seconds));
  while (const Item* oldest = node.items.oldest()) {
    if (oldest->published + age > now) break;
    take_out(node, oldest->seq, gone);
  }
  return gone;
}

void Service::undo(int64_t node_key, const std::vector<Item>& added, std::vector<Item> gone) {
  Node* node = find(node_key);
  if (node == nullptr) return;
  std::vector<Item> dropped;
  for (const Item& item : added) take_out(*node, item.seq, dropped);
  for (Item& item : gone) {
    if (node->items.find(item.id) == nullptr) {
      counted(*node, 1, item.bytes);
      node->items.restore(std::move(item));
    }
  }
}

}  // namespace xbus::router::pubsub
