// Subscribing, unsubscribing and what a subscriber asks of its subscription (XEP-0060 sections 6.1 to 6.4, 8.6).
#include <utility>

#include "bus/limits_topics.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/presence.hpp"
#include "bus/server/pubsub.hpp"
#include "bus/xmpp/delay.hpp"

namespace xbus::server {

using router::pubsub::Affiliation;
using router::pubsub::SubscriptionState;
using xmpp::Condition;
using xmpp::PubsubCondition;

bool Pubsub::arrange_end(const Node& node, const Subscription& subscription,
                         const xmpp::Jid& who) {
  if (subscription.options.expire)
    leases_.insert({*subscription.options.expire, {node.key, subscription.jid.str()}});
  if (!subscription.options.until_presence) return true;
  const xmpp::Jid& watched = subscription.jid.is_full() ? subscription.jid : who;
  if (is_local(watched)) {
    Hub::Enter enter(hub_, hub_.cores.front().get());
    if (!tell_when_gone(hub_, watched, domain_)) return false;
  }
  temporary_[watched.str()].insert({node.key, subscription.jid.str()});
  return true;
}

// What was arranged for its end; `who` may be the session that a bare address went by.
void Pubsub::disarrange(const Node& node, const Subscription& subscription, const xmpp::Jid& who) {
  if (subscription.options.expire)
    leases_.erase({*subscription.options.expire, {node.key, subscription.jid.str()}});
  if (!subscription.options.until_presence) return;
  for (const xmpp::Jid* watched : {&subscription.jid, &who}) {
    auto found = temporary_.find(watched->str());
    if (found == temporary_.end()) continue;
    found->second.erase({node.key, subscription.jid.str()});
    if (found->second.empty()) temporary_.erase(found);
  }
}

// Of itself: a lease, a session that went, bounces.
void Pubsub::end(Node& node, const xmpp::Jid& jid) {
  auto ended = service_.drop(node, jid);
  if (!ended) return;
  disarrange(node, *ended, jid);
  ended->state = SubscriptionState::none;
  forget(node.key, jid);
  tell_owners(node, *ended);
}

store::Store::Done Pubsub::or_as_it_was(int64_t node_key, std::optional<Subscription> was,
                                        std::optional<Subscription> is, const xmpp::Jid& who,
                                        store::Store::Done done) {
  return [this, mailbox = mailbox_, node_key, was = std::move(was), is = std::move(is), who,
          done = std::move(done)](bool ok) {
    if (!ok) mailbox->post([this, node_key, was, is, who] { take_back(node_key, was, is, who); });
    if (done) done(ok);
  };
}

void Pubsub::take_back(int64_t node_key, const std::optional<Subscription>& was,
                       const std::optional<Subscription>& is, const xmpp::Jid& who) {
  Node* node = service_.find(node_key);
  if (node == nullptr) return;
  const xmpp::Jid jid = was ? was->jid : is->jid;
  const Subscription* now = node->subscriptions.find(jid);
  // What has changed again since is not this write's to undo.
  if ((now != nullptr) != is.has_value()) return;
  if (now != nullptr && (now->state != is->state || now->options != is->options)) return;
  if (is) disarrange(*node, *is, who);
  if (was) {
    service_.restore(*node, *was);
    arrange_end(*node, *was, who);
  } else {
    service_.drop(*node, jid);
  }
}

void Pubsub::subscribe(const AskedPtr& asked, const Request& request) {
  std::optional<Subscription> before;
  if (Node* node = service_.find(request.node)) {
    if (const Subscription* there = node->subscriptions.find(request.jid)) before = *there;
  }
  auto subscribed =
      service_.subscribe(asked->from, request.node, request.jid, request.form, now());
  if (!subscribed) return refuse(*asked, subscribed.error());
  Node& node = *subscribed->node;
  const Subscription& subscription = subscribed->subscription;
  xml::Element said =
      xmpp::answer_subscription({node.name, subscription.jid, subscription.state});
  if (!subscribed->changed) return answer(*asked, std::move(said));  // PS-16
  if (before) disarrange(node, *before, asked->from);
  if (!arrange_end(node, subscription, asked->from)) {
    service_.drop(node, subscription.jid);
    forget(node.key, subscription.jid);
    return refuse(*asked, Refusal(Condition::bad_request, PubsubCondition::invalid_options,
                                  "no session that could end the subscription"));
  }
  auto told =
      answered(asked, std::move(said), [this, key = node.key, subscription, fresh = !before] {
        Node* there = service_.find(key);
        if (there == nullptr || !fresh) return;
        if (subscription.state == SubscriptionState::pending)
          return ask_owners(*there, subscription.jid);
        tell_owners(*there, subscription);
        if (there->config.send_last == xmpp::SendLast::on_sub) send_last(*there, subscription.jid);
      });
  keep(node, subscription,
       or_as_it_was(node.key, std::move(before), subscription, asked->from, std::move(told)));
}

void Pubsub::unsubscribe(const AskedPtr& asked, const Request& request) {
  auto ended = service_.unsubscribe(asked->from, request.node, request.jid);
  if (!ended) return refuse(*asked, ended.error());
  Node& node = *ended->node;
  disarrange(node, ended->subscription, asked->from);
  if (auto missed = missed_.find(node.key); missed != missed_.end()) {
    missed->second.erase(request.jid.str());
    if (missed->second.empty()) missed_.erase(missed);
  }
  Subscription gone = ended->subscription;
  gone.state = SubscriptionState::none;
  auto told = answered(asked, {}, [this, key = node.key, gone] {
    if (Node* there = service_.find(key)) tell_owners(*there, gone);
  });
  forget(node.key, gone.jid,
         or_as_it_was(node.key, ended->subscription, {}, asked->from, std::move(told)));
}

void Pubsub::options(const AskedPtr& asked, const Request& request) {
  auto found = service_.options(asked->from, request.node, request.jid);
  if (!found) return refuse(*asked, found.error());
  answer(*asked, xmpp::answer_options(found->node->name, request.jid,
                                      xmpp::options_form(found->subscription.options)));
}

void Pubsub::set_options(const AskedPtr& asked, const Request& request) {
  auto before = service_.options(asked->from, request.node, request.jid);
  if (!before) return refuse(*asked, before.error());
  auto changed =
      service_.set_options(asked->from, request.node, request.jid, *request.form, now());
  if (!changed) return refuse(*asked, changed.error());
  Node& node = *changed->node;
  disarrange(node, before->subscription, asked->from);
  if (!arrange_end(node, changed->subscription, asked->from)) {
    // As it was.
    service_.restore(node, before->subscription);
    arrange_end(node, before->subscription, asked->from);
    return refuse(*asked, Refusal(Condition::bad_request, PubsubCondition::invalid_options,
                                  "no session that could end the subscription"));
  }
  keep(node, changed->subscription,
       or_as_it_was(node.key, before->subscription, changed->subscription, asked->from,
                    answered(asked, {})));
}

// ---- Owners ----

void Pubsub::ask_owners(const Node& node, const xmpp::Jid& subscriber) {
  for (const auto& [bare, affiliation] : node.affiliations.all()) {
    auto owner = xmpp::Jid::parse(bare);
    if (affiliation != Affiliation::owner || !owner) continue;
    ask_owner(node, subscriber, *owner);
  }
}

void Pubsub::ask_owner(const Node& node, const xmpp::Jid& subscriber, const xmpp::Jid& owner) {
  xml::Element message = xmpp::message(xmpp::MessageType::normal, owner);
  message.set("from", domain_.str()).set("id", id_prefix_ + std::to_string(++last_id_));
  message.add(xmpp::to_element(xmpp::authorization_form(node.name, subscriber)));
  send(message);
}

void Pubsub::tell_owners(const Node& node, const Subscription& subscription) {
  if (!node.config.notify_sub) return;
  for (const auto& [bare, affiliation] : node.affiliations.all()) {
    auto owner = xmpp::Jid::parse(bare);
    if (affiliation != Affiliation::owner || !owner) continue;
    tell_one(*owner,
             xmpp::event_subscription({node.name, subscription.jid, subscription.state}));
  }
}

void Pubsub::send_last(const Node& node, const xmpp::Jid& jid) {
  const router::pubsub::Item* newest = node.items.newest();
  if (newest == nullptr) return;
  store_.read_payloads(
      {newest->seq}, [this, mailbox = mailbox_, name = node.name, item = *newest, jid,
                      with_payload = node.config.deliver_payloads](auto payloads) {
        mailbox->post([this, name, item, jid, with_payload, payloads = std::move(payloads)] {
          if (payloads.empty()) return;
          xmpp::PubsubItem told{item.id, item.publisher, {}};
          auto payload = xml::parse(payloads.front().second, xmpp::ns_pubsub, written_limits());
          if (with_payload && payload) told.payload = std::move(*payload);
          xml::Element message =
              headline(xmpp::event_items(name, std::vector<xmpp::PubsubItem>{std::move(told)}));
          message.add(xmpp::to_element(xmpp::Delay{item.published, domain_, {}}));
          send(message.set("to", jid.str()));
        });
      });
}

}  // namespace xbus::server
