// The requests about nodes and about the lists of owners (XEP-0060 sections 5.6, 5.7 and 8).
#include <utility>

#include "bus/limits_topics.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/pubsub.hpp"
#include "bus/server/pubsub_records.hpp"

namespace xbus::server {

using Action = xmpp::PubsubRequest::Action;
using router::pubsub::Affiliation;
using router::pubsub::SubscriptionState;
using xmpp::Condition;
using xmpp::PubsubCondition;

void Pubsub::on_request(const AskedPtr& asked, Request request) {
  switch (request.action) {
    case Action::subscribe:
      return subscribe(asked, request);
    case Action::unsubscribe:
      return unsubscribe(asked, request);
    case Action::options:
      return options(asked, request);
    case Action::set_options:
      return set_options(asked, request);
    case Action::default_options:
      return answer(*asked, xmpp::answer_default_options(request.node, xmpp::options_form({})));
    case Action::subscriptions:
      return subscriptions_of(asked, request);
    case Action::affiliations:
      return affiliations_of(asked, request);
    case Action::items:
      return items(asked, request);
    case Action::publish:
      return publish(asked, std::move(request));
    case Action::retract:
      return retract(asked, request);
    case Action::create:
      return create(asked, request);
    case Action::configuration:
    case Action::owner_subscriptions:
    case Action::owner_affiliations:
      return owner_lists(asked, request);
    case Action::configure:
      return configure(asked, request);
    case Action::cancel_configure: {
      auto node = service_.owned(asked->from, request.node);
      if (!node) return refuse(*asked, node.error());
      return answer(*asked);
    }
    case Action::default_configuration:
      return answer(*asked, xmpp::answer_default_configuration(xmpp::config_form({})));
    case Action::delete_node:
      return remove(asked, request);
    case Action::purge:
      return purge(asked, request);
    case Action::set_subscriptions:
      return set_subscriptions(asked, request);
    case Action::set_affiliations:
      return set_affiliations(asked, request);
  }
}

void Pubsub::create(const AskedPtr& asked, const Request& request) {
  xmpp::NodeConfig config;
  if (request.form) {
    auto wanted = xmpp::configured(config, *request.form);
    if (!wanted) return refuse(*asked, wanted.error());
    config = std::move(*wanted);
  }
  bool had_moved = service_.redirects().contains(request.node);
  auto node = service_.create(asked->from, request.node, config, now());
  if (!node) return refuse(*asked, node.error());
  if (had_moved) store_.remove_entry(pubsub_redirects, request.node, {});
  keep(**node, nullptr, answered(asked, xmpp::answer_created((*node)->name)));
}

void Pubsub::configure(const AskedPtr& asked, const Request& request) {
  auto changed = service_.configure(asked->from, request.node, *request.form);
  if (!changed) return refuse(*asked, changed.error());
  Node& node = *changed->node;
  std::vector<int64_t> gone;
  for (const auto& item : changed->gone) gone.push_back(item.seq);
  if (!gone.empty())
    store_.change_items({}, std::move(gone), or_put_back(node.key, std::move(changed->gone)));
  Kept kept = keep_all(node, changed->ended, changed->were);
  bool same = node.config == changed->before;
  auto before = std::make_shared<const Standing>(Standing{changed->before, node.affiliations});
  keep(node, std::move(before), answered(asked, {}, [this, key = node.key, same, ended = changed->ended, kept] {
         Node* there = service_.find(key);
         if (there == nullptr) return;
         if (*kept) {
           for (const Subscription& one : ended) tell_change(*there, one);
         }
         if (same || !there->config.notify_config) return;
         std::optional<xmpp::Form> form;
         if (there->config.deliver_payloads) {
           form = xmpp::config_record(there->config);
           form->type = xmpp::FormType::result;
         }
         tell(*there, xmpp::event_configured(there->name, form));
       }));
}

void Pubsub::remove(const AskedPtr& asked, const Request& request) {
  auto removed = service_.remove(asked->from, request.node, request.redirect);
  if (!removed) return refuse(*asked, removed.error());
  std::shared_ptr<Node> node = *std::move(removed);
  expiring_.erase(node->key);
  missed_.erase(node->key);
  std::vector<int64_t> gone;
  for (const auto& [seq, item] : node->items.all()) gone.push_back(seq);
  for (const auto& [jid, subscription] : node->subscriptions.all())
    forget(node->key, subscription.jid);
  if (!gone.empty()) store_.change_items({}, std::move(gone), {});
  if (!request.redirect.empty())
    store_.put_entry(pubsub_redirects, request.node, request.redirect, {});
  auto told = answered(asked, {}, [this, node, redirect = request.redirect] {
    if (node->config.notify_delete) tell_all(*node, xmpp::event_deleted(node->name, redirect));
  });
  auto back = when_kept([this, node](bool ok) {
    if (ok) return;
    if (Node* there = service_.undo_remove(std::move(*node))) heed_expiry(*there);
  });
  store_.remove_entry(pubsub_nodes, node->name,
                      [back = std::move(back), told = std::move(told)](bool ok) {
                        back(ok);
                        told(ok);
                      });
}

void Pubsub::purge(const AskedPtr& asked, const Request& request) {
  auto purged = service_.purge(asked->from, request.node);
  if (!purged) return refuse(*asked, purged.error());
  int64_t key = purged->first->key;
  std::vector<int64_t> gone;
  for (const auto& item : purged->second) gone.push_back(item.seq);
  auto told = answered(asked, {}, [this, key] {
    Node* there = service_.find(key);
    if (there != nullptr && (there->config.notify_retract || there->config.notify_delete))
      tell(*there, xmpp::event_purged(there->name));
  });
  store_.change_items({}, std::move(gone),
                      or_put_back(key, std::move(purged->second), std::move(told)));
}

// ---- One's own lists ----

void Pubsub::subscriptions_of(const AskedPtr& asked, const Request& request) {
  std::vector<Node*> nodes;
  if (request.node.empty()) {
    nodes = service_.subscribed_to(asked->from);
  } else {
    auto node = service_.node(request.node);
    if (!node) return refuse(*asked, node.error());
    nodes.push_back(*node);
  }
  std::vector<xmpp::PubsubSubscription> all;
  size_t bytes = 0;
  for (Node* node : nodes) {
    for (const Subscription* one : node->subscriptions.of(asked->from)) {
      bytes += node->name.size() + one->jid.str().size() + 64;
      if (bytes > limits::stanza_bytes_max / 2)
        return refuse(*asked, Refusal(Condition::resource_constraint, PubsubCondition::none,
                                      "more than an answer holds: ask for each node"));
      all.push_back({node->name, one->jid, one->state});
    }
  }
  answer(*asked, xmpp::answer_subscriptions(request.node, all));
}

void Pubsub::affiliations_of(const AskedPtr& asked, const Request& request) {
  std::vector<xmpp::PubsubAffiliation> all;
  size_t bytes = 0;
  auto add = [&](const Node& node) {
    Affiliation affiliation = node.affiliations.of(asked->from);
    if (affiliation == Affiliation::none) return;
    bytes += node.name.size() + 64;
    all.push_back({node.name, {}, affiliation});
  };
  if (!request.node.empty()) {
    auto node = service_.node(request.node);
    if (!node) return refuse(*asked, node.error());
    add(**node);
  } else {
    for (const auto& [name, node] : service_.nodes()) add(*node);
  }
  if (bytes > limits::stanza_bytes_max / 2)
    return refuse(*asked, Refusal(Condition::resource_constraint, PubsubCondition::none,
                                  "more than an answer holds: ask for each node"));
  answer(*asked, xmpp::answer_affiliations(request.node, all));
}

// ---- An owner's lists ----

void Pubsub::owner_lists(const AskedPtr& asked, const Request& request) {
  auto found = service_.owned(asked->from, request.node);
  if (!found) return refuse(*asked, found.error());
  Node& node = **found;
  if (request.action == Action::configuration)
    return answer(*asked, xmpp::answer_configuration(node.name, xmpp::config_form(node.config)));
  size_t bytes = 0;
  auto too_many = [&](size_t more) {
    bytes += more + 64;
    return bytes > limits::stanza_bytes_max / 2;
  };
  const Refusal large(Condition::resource_constraint, PubsubCondition::none,
                      "more than an answer holds");
  if (request.action == Action::owner_affiliations) {
    std::vector<xmpp::PubsubAffiliation> all;
    for (const auto& [text, affiliation] : node.affiliations.all()) {
      auto jid = xmpp::Jid::parse(text);
      if (too_many(text.size())) return refuse(*asked, large);
      if (jid) all.push_back({{}, *jid, affiliation});
    }
    return answer(*asked, xmpp::answer_owner_affiliations(node.name, all));
  }
  std::vector<xmpp::PubsubSubscription> all;
  for (const auto& [text, subscription] : node.subscriptions.all()) {
    if (subscription.state == SubscriptionState::pending) continue;
    if (too_many(text.size())) return refuse(*asked, large);
    all.push_back({{}, subscription.jid, subscription.state});
  }
  answer(*asked, xmpp::answer_owner_subscriptions(node.name, all));
}

Pubsub::Kept Pubsub::keep_all(const Node& node, const std::vector<Subscription>& are,
                              const std::vector<Subscription>& were) {
  auto all = std::make_shared<bool>(true);
  for (size_t i = 0; i < are.size(); ++i) {
    std::optional<Subscription> is;
    if (are[i].state != SubscriptionState::none) is = are[i];
    const bool ended = !is;
    // What was arranged for its end still is: its own address is nobody else's session.
    auto done = or_as_it_was(node.key, were[i], std::move(is), were[i].jid, [all](bool ok) { *all = *all && ok; });
    if (ended) {
      forget(node.key, are[i].jid, std::move(done));
    } else {
      keep(node, are[i], std::move(done));
    }
  }
  return all;
}

void Pubsub::keep_changed(const AskedPtr& asked, const Node& node, StandingPtr before,
                          std::vector<Subscription> told, std::optional<xml::Element> left, Kept kept) {
  keep(node, std::move(before), when_kept([this, asked, left = std::move(left), key = node.key,
                        told = std::move(told), kept = std::move(kept)](bool ok) {
         if (!ok || !*kept) return refuse(*asked, xmpp::StanzaError(Condition::internal_server_error));
         if (left) {
           auto error = xmpp::error_for(asked->head, xmpp::StanzaError(Condition::not_acceptable));
           error->add(*left);
           send(*error);
         } else {
           answer(*asked);
         }
         Node* there = service_.find(key);
         if (there == nullptr) return;
         for (const Subscription& one : told) tell_change(*there, one);
       }));
}

void Pubsub::set_subscriptions(const AskedPtr& asked, const Request& request) {
  std::vector<std::pair<xmpp::Jid, SubscriptionState>> wanted;
  for (const auto& one : request.subscribers) wanted.emplace_back(one.jid, one.state);
  auto changed = service_.set_subscriptions(asked->from, request.node, wanted);
  if (!changed) return refuse(*asked, changed.error());
  Node& node = *changed->node;
  std::optional<xml::Element> left;
  if (!changed->refused_subscriptions.empty()) {
    std::vector<xmpp::PubsubSubscription> refused;
    for (const Subscription& one : changed->refused_subscriptions)
      refused.push_back({{}, one.jid, one.state});
    left = xmpp::answer_owner_subscriptions(node.name, refused);
  }
  Kept kept = keep_all(node, changed->subscriptions, changed->were);
  // The node's record does not change; it stands for all that was asked before it.
  keep_changed(asked, node, standing(node), std::move(changed->subscriptions), std::move(left), std::move(kept));
}

void Pubsub::set_affiliations(const AskedPtr& asked, const Request& request) {
  auto owned = service_.owned(asked->from, request.node);
  if (!owned) return refuse(*asked, owned.error());
  StandingPtr before = standing(**owned);
  std::vector<std::pair<xmpp::Jid, Affiliation>> wanted;
  for (const auto& one : request.affiliates) wanted.emplace_back(one.jid, one.affiliation);
  auto changed = service_.set_affiliations(asked->from, request.node, wanted);
  if (!changed) return refuse(*asked, changed.error());
  Node& node = *changed->node;
  std::optional<xml::Element> left;
  if (!changed->refused_affiliations.empty()) {
    std::vector<xmpp::PubsubAffiliation> refused;
    for (const auto& [jid, affiliation] : changed->refused_affiliations)
      refused.push_back({{}, jid, affiliation});
    left = xmpp::answer_owner_affiliations(node.name, refused);
  }
  Kept kept = keep_all(node, changed->subscriptions, changed->were);
  keep_changed(asked, node, std::move(before), std::move(changed->subscriptions), std::move(left), std::move(kept));
}

}  // namespace xbus::server
