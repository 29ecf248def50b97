// Telling subscribers: each event is written once, whoever hears it; a subscriber whose queue is full misses it, blocks
// nobody, and is told so when it reads again (XEP-0060 sections 7.1.2 and 8).
#include <utility>

#include "bus/limits_topics.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/multicast.hpp"
#include "bus/server/pubsub.hpp"

namespace xbus::server {
namespace {

// The namespace of what a subscriber missed.
constexpr std::string_view ns_events = "urn:xbus:events:0";

// The id of the first item that an event brings.
std::string first_item(const xml::Element& event) {
  const xml::Element* items = event.first("items", xmpp::ns_pubsub_event);
  const xml::Element* item =
      items == nullptr ? nullptr : items->first("item", xmpp::ns_pubsub_event);
  return item == nullptr ? std::string() : std::string(item->attr_or("id", {}));
}

// Held by the router's lock for so many at a time, so that others get their turn.
size_t send_in_turns(Hub& hub, Multicast& multicast, const std::vector<std::string_view>& to,
                     std::vector<size_t>& full) {
  size_t sent = 0;
  for (size_t begin = 0; begin < to.size(); begin += limits::event_receivers_at_once_max) {
    size_t end = std::min(to.size(), begin + limits::event_receivers_at_once_max);
    Hub::Enter enter(hub, hub.cores.front().get());
    size_t now_sent = multicast.send(hub, to, begin, end, full);
    hub.counters.events_sent += now_sent;
    sent += now_sent;
  }
  return sent;
}

}  // namespace

xml::Element Pubsub::headline(xml::Element event) {
  xml::Element message("message", xml::ns_client);
  message.set("type", "headline")
      .set("from", domain_.str())
      .set("id", id_prefix_ + std::to_string(++last_id_));
  message.add(std::move(event));
  return message;
}

void Pubsub::tell(Node& node, xml::Element event) {
  if (!connected_ || !node.config.deliver_notifications) return;
  Timestamp time = now();
  std::vector<std::string_view> to;
  // Who has missed something gets nothing more until it is told so: what it has heard then has no gap.
  auto behind = missed_.find(node.key);
  size_t held = 0;
  for (const auto& [jid, subscription] : node.subscriptions.all()) {
    if (!subscription.hears(time)) continue;
    if (behind != missed_.end()) {
      if (auto of = behind->second.find(jid); of != behind->second.end()) {
        ++of->second.count;
        ++held;
        continue;
      }
    }
    to.push_back(jid);
  }
  if (held != 0) {
    Hub::Enter enter(hub_, hub_.cores.front().get());
    hub_.counters.events_missed += held;
  }
  if (to.empty()) return;
  std::string item = first_item(event);
  Multicast multicast(headline(std::move(event)), domain_);
  std::vector<size_t> full;
  send_in_turns(hub_, multicast, to, full);
  if (full.empty()) return;
  bool first = missed_.empty();
  auto& missed = missed_[node.key];
  for (size_t i : full) {
    Missed& of = missed[std::string(to[i])];
    if (of.count++ == 0) of.first = item;
  }
  if (first) sweep_later();
  Hub::Enter enter(hub_, hub_.cores.front().get());
  hub_.counters.events_missed += full.size();
  hub_.log("debug", "events_missed",
           {{"topic", node.name}, {"subscribers", std::to_string(full.size())}});
}

void Pubsub::tell_all(const Node& node, xml::Element event) {
  if (!connected_) return;
  std::vector<std::string_view> to;
  for (const auto& [jid, subscription] : node.subscriptions.all()) to.push_back(jid);
  Multicast multicast(headline(std::move(event)), domain_);
  std::vector<size_t> full;
  send_in_turns(hub_, multicast, to, full);
}

void Pubsub::tell_one(const xmpp::Jid& jid, xml::Element event) {
  if (!connected_) return;
  Multicast multicast(headline(std::move(event)), domain_);
  std::vector<size_t> full;
  send_in_turns(hub_, multicast, {jid.str()}, full);
}

void Pubsub::tell_change(const Node& node, const Subscription& subscription) {
  tell_one(subscription.jid,
           xmpp::event_subscription({node.name, subscription.jid, subscription.state}));
  tell_owners(node, subscription);
}

// <missed/> beside an empty <items/>: how many events did not fit, and the first item among them, from which on a
// retrieval brings what is kept.
void Pubsub::tell_missed(int64_t node_key) {
  auto of = missed_.find(node_key);
  Node* node = service_.find(node_key);
  if (of == missed_.end()) return;
  auto& subscribers = of->second;
  for (auto at = subscribers.begin(); at != subscribers.end();) {
    auto jid = xmpp::Jid::parse(at->first);
    if (node == nullptr || !jid || node->subscriptions.find(*jid) == nullptr) {
      at = subscribers.erase(at);
      continue;
    }
    xml::Element message = headline(xmpp::event_items(node->name, {}));
    xml::Element missed("missed", ns_events);
    missed.set("count", std::to_string(at->second.count));
    if (!at->second.first.empty()) missed.set("first", at->second.first);
    message.add(std::move(missed));
    Multicast multicast(std::move(message), domain_);
    std::vector<size_t> full;
    send_in_turns(hub_, multicast, {at->first}, full);
    at = full.empty() ? subscribers.erase(at) : std::next(at);
  }
  if (subscribers.empty()) missed_.erase(of);
}

}  // namespace xbus::server
