#include "bus/server/pubsub.hpp"

#include <utility>

#include "bus/crypto/random.hpp"
#include "bus/limits_topics.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/pubsub_records.hpp"
#include "bus/xmpp/commands.hpp"
#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/ping.hpp"

namespace xbus::server {

using namespace std::chrono_literals;
using xmpp::Condition;
using xmpp::PubsubCondition;

Pubsub::Pubsub(Hub& hub, xmpp::Jid domain, TopicOwners owners)
    : hub_(hub),
      store_(hub.store),
      domain_(std::move(domain)),
      owners_(std::move(owners)),
      service_(*this, [] { return crypto::random_id(); }),
      mailbox_(std::make_shared<Mailbox>(hub.main_loop())),
      sweep_timer_(hub.main_loop()),
      id_prefix_(crypto::random_id(6)) {
  load();
}

Pubsub::~Pubsub() { mailbox_->close(); }

void Pubsub::load() {
  for (const store::Entry& entry : store_.entries(pubsub_nodes)) {
    auto node = node_from(entry.key, entry.value);
    if (node == nullptr) {
      hub_.log("error", "topic_not_read", {{"topic", entry.key}});
      continue;
    }
    if (node->config.item_expire_seconds != 0) expiring_.insert(node->key);
    service_.restore(std::move(node));
  }
  // What a node that was being deleted has left behind goes too.
  for (const store::Entry& entry : store_.entries(pubsub_subscriptions)) {
    auto subscription = subscription_from(entry.key, entry.value);
    Node* node = subscription ? service_.find(subscription->first) : nullptr;
    if (node == nullptr) {
      store_.remove_entry(pubsub_subscriptions, entry.key, {});
      continue;
    }
    if (auto end = subscription->second.options.expire)
      leases_.insert({*end, {node->key, subscription->second.jid.str()}});
    service_.restore(*node, std::move(subscription->second));
  }
  for (const store::Entry& entry : store_.entries(pubsub_redirects))
    service_.restore_redirect(entry.key, entry.value);
  std::vector<int64_t> orphans;
  store_.each_item([&](store::TopicItem item, size_t bytes) {
    // Who published to a node with purge_offline has gone with the last run.
    Node* node = service_.find(item.node);
    if (node != nullptr && !node->config.purge_offline) {
      service_.restore(*node, {item.seq, std::move(item.id), std::move(item.publisher),
                               item.published, static_cast<uint32_t>(bytes)});
    } else {
      orphans.push_back(item.seq);
    }
  });
  if (!orphans.empty()) store_.change_items({}, std::move(orphans), {});
}

void Pubsub::on_connected(xmpp::EntityPort&) {
  connected_ = true;
  sweep_later();
}

void Pubsub::on_disconnected() {
  connected_ = false;
  sweep_timer_.stop();
  deliver_waiting();  // nobody is there
}

Timestamp Pubsub::now() const { return hub_.main_loop().wall(); }

void Pubsub::on_stanza(const xml::Element& stanza) {
  auto from = xmpp::Jid::parse(stanza.attr_or("from", {}));
  if (!from) return;
  if (stanza.name() == "iq") return on_iq(stanza, *from);
  if (stanza.name() == "presence") return on_presence(stanza, *from);
  if (stanza.name() == "message") return on_message(stanza, *from);
}

void Pubsub::on_iq(const xml::Element& stanza, const xmpp::Jid& from) {
  auto type = xmpp::iq_type(stanza);
  if (!type || *type == xmpp::IqType::result || *type == xmpp::IqType::error) return;
  xml::Element head("iq", xml::ns_client);
  for (const xml::Attribute& attribute : stanza.attributes())
    head.set(attribute.name, attribute.ns, attribute.value);
  auto asked = std::make_shared<const Asked>(Asked{std::move(head), from});
  const xml::Element* payload = stanza.first_element();
  bool set = *type == xmpp::IqType::set;
  auto to = xmpp::Jid::parse(stanza.attr_or("to", {}));
  if (payload == nullptr) return refuse(*asked, xmpp::StanzaError(Condition::bad_request));
  // The service is its domain; nodes have no addresses of their own.
  if (!to || *to != domain_) return refuse(*asked, xmpp::StanzaError(Condition::item_not_found));
  if (!set && payload->is("query", xmpp::ns_disco_info)) return answer_info(*asked, *payload);
  if (!set && payload->is("query", xmpp::ns_disco_items))
    return answer_items_list(*asked, *payload);
  if (!set && payload->is("ping", xmpp::ns_ping)) return answer(*asked);
  if (set && payload->is("command", xmpp::ns_commands)) return on_command(*asked, *payload);
  if (payload->is("query", xmpp::ns_archive) || (!set && payload->is("metadata", xmpp::ns_archive)))
    return on_archive(asked, *payload, set);
  if (payload->is("pubsub", xmpp::ns_pubsub) || payload->is("pubsub", xmpp::ns_pubsub_owner)) {
    auto request = xmpp::pubsub_request_from(*payload, set);
    if (!request) return refuse(*asked, request.error());
    return on_request(asked, *std::move(request));
  }
  refuse(*asked, xmpp::StanzaError(Condition::service_unavailable));
}

void Pubsub::on_presence(const xml::Element& stanza, const xmpp::Jid& from) {
  if (xmpp::presence_type(stanza) != xmpp::PresenceType::unavailable) return;
  publisher_gone(from);
  auto found = temporary_.find(from.str());
  if (found == temporary_.end()) return;
  auto ending = std::move(found->second);
  temporary_.erase(found);
  for (const auto& [key, text] : ending) {
    Node* node = service_.find(key);
    auto jid = xmpp::Jid::parse(text);
    if (node != nullptr && jid) end(*node, *jid);
  }
}

void Pubsub::on_message(const xml::Element& stanza, const xmpp::Jid& from) {
  if (xmpp::message_type(stanza) == xmpp::MessageType::error) {
    // An event came back (section 13.4).
    auto error = xmpp::stanza_error_from(stanza);
    bool gone = error.type == xmpp::ErrorType::cancel || error.condition == Condition::gone;
    for (Node* node : service_.subscribed_to(from)) {
      Subscription* subscription = node->subscriptions.find(from);
      if (subscription == nullptr) continue;
      if (gone || ++subscription->bounces >= limits::event_bounces_max) end(*node, from);
    }
    return;
  }
  auto word = xmpp::authorization_from(stanza);
  if (!word) return;
  auto decided = service_.decide(from, word->node, word->subscriber, word->allow);
  if (!decided) {
    if (auto error = xmpp::error_for(stanza, xmpp::stanza_error(decided.error()))) send(*error);
    return;
  }
  Node* node = decided->node;
  Subscription subscription = decided->subscription;
  auto told = when_kept([this, key = node->key, subscription](bool ok) {
    Node* there = service_.find(key);
    if (ok && there != nullptr) tell_change(*there, subscription);
  });
  Subscription was = subscription;
  was.state = router::pubsub::SubscriptionState::pending;
  const std::optional<Subscription> is = word->allow ? std::optional(subscription) : std::nullopt;
  told = or_as_it_was(node->key, std::move(was), is, subscription.jid, std::move(told));
  if (is) {
    keep(*node, subscription, std::move(told));
  } else {
    forget(node->key, subscription.jid, std::move(told));
  }
}

// ---- Answering and keeping ----

void Pubsub::send(const xml::Element& stanza) {
  if (!connected_) return;
  Hub::Enter enter(hub_, hub_.cores.front().get());
  hub_.send(stanza, domain_);
}

void Pubsub::answer(const Asked& asked, std::optional<xml::Element> payload) {
  send(xmpp::result_for(asked.head, std::move(payload)));
}

void Pubsub::refuse(const Asked& asked, const xmpp::StanzaError& error) {
  if (auto stanza = xmpp::error_for(asked.head, error)) send(*stanza);
}

void Pubsub::refuse(const Asked& asked, const Refusal& refusal) {
  auto stanza = xmpp::error_for(asked.head, xmpp::stanza_error(refusal));
  if (!stanza) return;
  xmpp::add_details(*stanza, refusal);
  send(*stanza);
}

store::Store::Done Pubsub::when_kept(std::function<void(bool)> then) {
  return [mailbox = mailbox_, then = std::move(then)](bool ok) {
    mailbox->post([then, ok] { then(ok); });
  };
}

store::Store::Done Pubsub::answered(const AskedPtr& asked, std::optional<xml::Element> payload,
                                    std::function<void()> then) {
  return when_kept([this, asked, payload = std::move(payload), then = std::move(then)](bool ok) {
    if (!ok) {
      hub_.log_unwritten("topic_not_kept", {"from", asked->from.str()});
      return refuse(*asked, xmpp::StanzaError(Condition::internal_server_error));
    }
    answer(*asked, payload);
    if (then) then();
  });
}

void Pubsub::heed_expiry(const Node& node) {
  if (node.config.item_expire_seconds != 0) {
    expiring_.insert(node.key);
  } else {
    expiring_.erase(node.key);
  }
}

Pubsub::StandingPtr Pubsub::standing(const Node& node) {
  return std::make_shared<const Standing>(Standing{node.config, node.affiliations});
}

void Pubsub::keep(const Node& node, StandingPtr before, store::Store::Done done) {
  heed_expiry(node);
  // Where a write is under way already, what the store has is what that one began with.
  auto place = changing_.try_emplace(node.key, Changing{std::move(before)}).first;
  ++place->second.writes;
  auto settled = when_kept([this, key = node.key, written = standing(node)](bool ok) {
    settle(key, written, ok);
  });
  store_.put_entry(pubsub_nodes, node.name, record_of(node),
                   [settled = std::move(settled), done = std::move(done)](bool ok) {
                     settled(ok);
                     if (done) done(ok);
                   });
}

void Pubsub::settle(int64_t node_key, const StandingPtr& written, bool ok) {
  auto found = changing_.find(node_key);
  if (found == changing_.end()) return;
  if (ok) found->second.kept = written;
  if (--found->second.writes != 0) return;  // the last one asked for decides
  StandingPtr kept = std::move(found->second.kept);
  changing_.erase(found);
  Node* node = service_.find(node_key);
  if (ok || node == nullptr) return;
  if (kept == nullptr) {
    expiring_.erase(node_key);
    missed_.erase(node_key);
    return service_.undo_create(*node);
  }
  node->config = kept->config;
  node->affiliations = kept->affiliations;
  heed_expiry(*node);
}

store::Store::Done Pubsub::or_put_back(int64_t node_key, std::vector<router::pubsub::Item> items,
                                       store::Store::Done done) {
  auto gone = std::make_shared<const std::vector<router::pubsub::Item>>(std::move(items));
  return [this, mailbox = mailbox_, node_key, gone = std::move(gone),
          done = std::move(done)](bool ok) {
    if (!ok) mailbox->post([this, node_key, gone] { service_.undo(node_key, {}, *gone); });
    if (done) done(ok);
  };
}

// One that ends with a session is not there after a restart, as the session is not.
void Pubsub::keep(const Node& node, const Subscription& subscription, store::Store::Done done) {
  if (subscription.options.until_presence)
    return forget(node.key, subscription.jid, std::move(done));
  store_.put_entry(pubsub_subscriptions, subscription_key(node.key, subscription.jid),
                   record_of(subscription), std::move(done));
}

void Pubsub::forget(int64_t node_key, const xmpp::Jid& jid, store::Store::Done done) {
  store_.remove_entry(pubsub_subscriptions, subscription_key(node_key, jid), std::move(done));
}

bool Pubsub::charge(const xmpp::Jid& account, size_t bytes) {
  size_t& of = waiting_of_[std::string(account.bare_str())];
  if (waiting_bytes_ + bytes > limits::topic_changes_bytes_max ||
      of + bytes > limits::topic_changes_bytes_per_account_max) {
    if (of == 0) waiting_of_.erase(std::string(account.bare_str()));
    return false;
  }
  of += bytes;
  waiting_bytes_ += bytes;
  return true;
}

void Pubsub::release(const xmpp::Jid& account, size_t bytes) {
  waiting_bytes_ -= bytes;
  auto found = waiting_of_.find(account.bare_str());
  if (found != waiting_of_.end() && (found->second -= bytes) == 0) waiting_of_.erase(found);
}

// ---- What time brings ----

void Pubsub::sweep_later() {
  // Soon again where somebody waits for a page, or to be told what it has missed.
  sweep_timer_.start(missed_.empty() && deliveries_.empty() ? 1000ms : 100ms, [this] { sweep(); });
}

void Pubsub::expire_now(Node& node) {
  std::vector<int64_t> gone;
  for (const auto& item : service_.expire(node, now())) gone.push_back(item.seq);
  if (!gone.empty()) store_.change_items({}, std::move(gone), {});
}

void Pubsub::sweep() {
  Timestamp time = now();
  while (!leases_.empty() && leases_.begin()->first <= time) {
    auto [key, text] = leases_.begin()->second;
    leases_.erase(leases_.begin());
    Node* node = service_.find(key);
    auto jid = xmpp::Jid::parse(text);
    if (node == nullptr || !jid) continue;
    Subscription* subscription = node->subscriptions.find(*jid);
    if (subscription != nullptr && subscription->options.expire &&
        *subscription->options.expire <= time)
      end(*node, *jid);
  }
  for (auto at = expiring_.begin(); at != expiring_.end();) {
    Node* node = service_.find(*at);
    if (node == nullptr) {
      at = expiring_.erase(at);
      continue;
    }
    expire_now(*node);
    ++at;
  }
  deliver_waiting();
  std::vector<int64_t> missed;
  for (const auto& [key, of] : missed_) missed.push_back(key);
  for (int64_t key : missed) tell_missed(key);
  sweep_later();
}

// ---- What the service asks about the rest of the bus ----

bool Pubsub::is_local(const xmpp::Jid& account) const {
  return account.domain() == hub_.domain.str() && !account.local().empty();
}

bool Pubsub::is_admin(const xmpp::Jid& account) const {
  Hub::Enter enter(hub_, hub_.cores.front().get());
  return hub_.is_admin(account);
}

bool Pubsub::owns(std::string_view name, const xmpp::Jid& account) const {
  return owners_.owns && owners_.owns(name, account.bare());
}

bool Pubsub::owned(std::string_view name) const { return owners_.owned && owners_.owned(name); }

bool Pubsub::claim(std::string_view name, const xmpp::Jid& account) {
  return owners_.claim && owners_.claim(name, account.bare());
}

bool Pubsub::sees_presence(const xmpp::Jid& owner, const xmpp::Jid& who) const {
  if (!is_local(owner)) return false;
  Hub::Enter enter(hub_, hub_.cores.front().get());
  return hub_.rosters.may_see_presence(owner, who);
}

bool Pubsub::in_groups(const xmpp::Jid& owner, const std::vector<std::string>& groups,
                       const xmpp::Jid& who) const {
  if (!is_local(owner)) return false;
  if (owner.bare_str() == who.bare_str()) return true;
  Hub::Enter enter(hub_, hub_.cores.front().get());
  auto contacts = hub_.rosters.of(owner.local());
  const store::RosterItem* item = contacts->find(who.bare_str());
  if (item == nullptr) return false;
  for (const std::string& group : item->groups) {
    for (const std::string& allowed : groups) {
      if (group == allowed) return true;
    }
  }
  return false;
}

}  // namespace xbus::server
