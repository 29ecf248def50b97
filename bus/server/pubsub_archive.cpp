// The archive of a node (XEP-0442, XEP-0313): what it keeps, an item a message, for who has been away. A page waits for
// room in the asker's queue instead of being lost; until it is sent it is charged to the account.
#include <algorithm>
#include <map>
#include <utility>

#include "bus/limits_topics.hpp"
#include "bus/router/splice.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/link.hpp"
#include "bus/server/pubsub.hpp"
#include "bus/xmpp/pubsub_archive.hpp"

namespace xbus::server {

using router::pubsub::Item;
using router::pubsub::ItemQuery;
using xmpp::Condition;
using xmpp::PubsubCondition;

namespace {

// Of a result beside ids, publisher, payload and the asker's query id.
constexpr size_t result_overhead_bytes = 768;

ItemQuery query_of(const xmpp::ArchiveQuery& asked) {
  ItemQuery query;
  query.start = asked.start;
  query.end = asked.end;
  if (asked.with) query.publisher = asked.with->str();
  query.after_id = asked.after_id;
  query.before_id = asked.before_id;
  query.among = asked.ids;
  query.after = asked.page.after;
  query.before = asked.page.before;
  query.index = asked.page.index;
  query.from_start = true;
  query.count_at_most =
      std::min<size_t>(asked.page.max.value_or(limits::archive_page_entries_max), limits::archive_page_entries_max);
  query.bytes_at_most = limits::topic_answer_bytes_max;
  query.names_times = 2;
  query.bytes_beside = result_overhead_bytes + asked.id.size();
  return query;
}

}  // namespace

// A page on its way.
struct Pubsub::Delivery {
  AskedPtr asked;
  std::string query, node;
  bool with_payloads = true;
  std::vector<Item> items;  // in the order in which they are sent
  std::map<int64_t, std::string> payloads;
  size_t sent = 0;
  xml::Element end;
  bool ended = false;           // the end was the last `next`
  std::optional<Written> next;  // which has found no room yet
  size_t bytes = 0;  // charged to who asked
};

void Pubsub::on_archive(const AskedPtr& asked, const xml::Element& payload, bool set) {
  if (set) {
    auto query = xmpp::archive_query_from(payload);
    if (!query) return refuse(*asked, query.error());
    return archive(asked, *query);
  }
  if (payload.is("query", xmpp::ns_archive))
    return answer(*asked, xmpp::archive_form(payload.attr_or("node", {})));
  auto name = xmpp::archive_node_from(payload);
  if (!name) return refuse(*asked, name.error());
  auto node = service_.readable(asked->from, *name);
  if (!node) return refuse(*asked, node.error());
  expire_now(**node);
  auto at = [](const Item* item) {
    return item == nullptr ? std::nullopt : std::optional(xmpp::ArchivedAt{item->id, item->published});
  };
  const router::pubsub::Items& items = (*node)->items;
  answer(*asked, xmpp::archive_metadata(at(items.oldest()), at(items.newest())));
}

void Pubsub::archive(const AskedPtr& asked, const xmpp::ArchiveQuery& query) {
  if (Node* node = service_.find(query.node)) expire_now(*node);
  auto found = service_.retrieve(asked->from, query.node, query_of(query));
  if (!found) return refuse(*asked, found.error());
  Node& node = *found->first;
  router::pubsub::ItemPage& page = found->second;
  auto delivery = std::make_shared<Delivery>();
  delivery->asked = asked;
  delivery->query = query.id;
  delivery->node = node.name;
  delivery->with_payloads = node.config.deliver_payloads;
  xmpp::Page told;
  told.count = static_cast<uint32_t>(page.count);
  if (!page.items.empty()) {
    told.first = page.items.front().id;
    told.last = page.items.back().id;
    if (page.first_index) told.first_index = static_cast<uint32_t>(*page.first_index);
  }
  delivery->end = xmpp::archive_end(told, page.complete);
  std::vector<int64_t> seqs;
  delivery->bytes = result_overhead_bytes;
  for (const Item& item : page.items) {
    seqs.push_back(item.seq);
    delivery->bytes += item.bytes + item.id.size() + result_overhead_bytes;
  }
  auto others = delivering_.find(asked->from.bare_str());
  if (others != delivering_.end() && others->second >= limits::archive_pages_per_account_max)
    return refuse(*asked, Refusal(Condition::resource_constraint, PubsubCondition::none, "too many pages are on their way"));
  if (!charge(asked->from, delivery->bytes))
    return refuse(*asked, Refusal(Condition::resource_constraint, PubsubCondition::none, "too much waits for the disk"));
  ++delivering_[std::string(asked->from.bare_str())];
  delivery->items = std::move(page.items);
  if (query.flip) std::reverse(delivery->items.begin(), delivery->items.end());
  if (seqs.empty()) return deliver_or_wait(delivery);
  store_.read_payloads(std::move(seqs), [this, mailbox = mailbox_, delivery](auto payloads) {
    mailbox->post([this, delivery, payloads = std::move(payloads)]() mutable {
      for (auto& one : payloads) delivery->payloads.insert(std::move(one));
      deliver_or_wait(delivery);
    });
  });
}

void Pubsub::deliver_or_wait(const DeliveryPtr& delivery) {
  if (deliver(*delivery)) return;
  bool first = deliveries_.empty();
  deliveries_.push_back(delivery);
  if (first) sweep_later();
}

void Pubsub::deliver_waiting() {
  std::erase_if(deliveries_, [this](const DeliveryPtr& one) { return deliver(*one); });
}

// What is there is sent as far as there is room. True: there is nothing more to do.
bool Pubsub::deliver(Delivery& delivery) {
  const xmpp::Jid& to = delivery.asked->from;
  Room room = connected_ ? Room::yes : Room::nobody;
  while (room == Room::yes && (delivery.next || !delivery.ended)) {
    if (!delivery.next) delivery.next = next_of(delivery);
    room = send_if_room(*delivery.next, to);
    if (room == Room::yes) delivery.next.reset();
  }
  if (room == Room::no) return false;
  release(to, delivery.bytes);
  auto of = delivering_.find(to.bare_str());
  if (of != delivering_.end() && --of->second == 0) delivering_.erase(of);
  return true;
}

// The next result; behind the last of them the end. What went while the page was read or waited is left out.
Pubsub::Written Pubsub::next_of(Delivery& delivery) {
  while (delivery.sent < delivery.items.size()) {
    const Item& item = delivery.items[delivery.sent++];
    auto payload = delivery.payloads.extract(item.seq);
    if (payload.empty()) continue;
    const xmpp::PubsubItem bare{item.id, item.publisher, {}};
    xmpp::PubsubItem told = bare;
    if (delivery.with_payloads) {
      if (auto element = xml::parse(payload.mapped(), xmpp::ns_pubsub, written_limits()))
        told.payload = std::move(*element);
    }
    auto written = result_of(delivery, std::move(told), item.published);
    // Some elements further down a payload may be too deep for a stream: then the id says what to retrieve.
    if (!written) written = result_of(delivery, bare, item.published);
    if (written) return *std::move(written);
  }
  delivery.ended = true;
  xml::Element end = xmpp::result_for(delivery.asked->head, delivery.end);
  std::string text = xml::write(end, xml::ns_client);
  return {std::move(end), std::move(text)};
}

// As the event was, or would have been for who was not there (XEP-0442 section 3).
std::optional<Pubsub::Written> Pubsub::result_of(const Delivery& delivery, xmpp::PubsubItem told, Timestamp published) {
  const std::string id = told.id;
  xml::Element event("message", xml::ns_client);
  event.set("type", "headline").set("from", domain_.str());
  std::vector<xmpp::PubsubItem> items;
  items.push_back(std::move(told));
  event.add(xmpp::event_items(delivery.node, std::move(items)));
  xml::Element message("message", xml::ns_client);
  message.set("from", domain_.str())
      .set("to", delivery.asked->from.str())
      .set("id", id_prefix_ + std::to_string(++last_id_));
  message.add(
      xmpp::archive_result(delivery.query, id, {std::move(event), xmpp::Delay{published, domain_, {}}}));
  std::string text = xml::write(message, xml::ns_client);
  if (!router::relayable(text, xml::ns_client, limits::queue_bytes_per_connection_max)) return {};
  return Written{std::move(message), std::move(text)};
}

Pubsub::Room Pubsub::send_if_room(const Written& written, const xmpp::Jid& to) {
  Hub::Enter enter(hub_, hub_.cores.front().get());
  router::Slot* slot = hub_.routes.find(to.str());
  if (slot == nullptr) {
    if (to.domain() == hub_.options.domain) return Room::nobody;
    hub_.send(written.stanza, domain_);  // a component or another entity: it has a queue of its own
    return Room::yes;
  }
  if (!static_cast<Link&>(slot->endpoint()).push(written.text)) return Room::no;
  ++hub_.counters.delivered;
  if (hub_.taps.any()) [[unlikely]] {
    Parcel parcel(written.stanza, domain_);
    hub_.taps.see(parcel);
  }
  return Room::yes;
}

}  // namespace xbus::server
