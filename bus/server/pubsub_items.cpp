// Publishing, retracting and retrieving: what waits for the disk, and what comes of it (XEP-0060 sections 6.5, 7.1
// and 7.2).
#include <map>
#include <utility>

#include "bus/limits_topics.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/pubsub.hpp"

namespace xbus::server {

using router::pubsub::Draft;
using router::pubsub::Item;
using xmpp::Condition;
using xmpp::PubsubCondition;

namespace {

constexpr size_t item_overhead_bytes = 512;
// What stands around an item in an answer.
constexpr size_t item_tags_bytes = 120;

xmpp::PubsubRefusal too_much_waits() {
  return {Condition::resource_constraint, PubsubCondition::none, "too much waits for the disk"};
}

// A publication that waits for the disk.
struct Publication {
  int64_t node_key = 0;
  std::vector<Item> added, gone;
  xml::Element event;
  std::vector<std::string> ids, retracted;
  std::string node;
  size_t bytes = 0;
};

}  // namespace

void Pubsub::publish(const AskedPtr& asked, Request request) {
  std::vector<Draft> drafts;
  std::vector<std::string> payloads;
  size_t bytes = 0;
  for (const Request::Item& item : request.items) {
    Draft draft{item.id, item.payload.size(), {}, 0};
    std::string text;
    if (!item.payload.empty()) {
      draft.type = item.payload.front().ns();
      text = xml::write(item.payload.front(), xmpp::ns_pubsub);
      draft.bytes = text.size();
    }
    bytes += text.size() + item.id.size() + item_overhead_bytes;
    payloads.push_back(std::move(text));
    drafts.push_back(std::move(draft));
  }
  // Nobody but the session itself says when it goes.
  const Node* known = service_.find(request.node);
  if (known != nullptr && known->config.purge_offline && !watch_publisher(asked->from))
    return refuse(*asked, Refusal(Condition::resource_constraint, PubsubCondition::none,
                                  "the session has told too many when it goes"));
  if (!charge(asked->from, bytes)) return refuse(*asked, too_much_waits());
  Timestamp time = now();
  auto published = service_.publish(asked->from, request.node, drafts, request.form, time);
  if (!published) {
    release(asked->from, bytes);
    return refuse(*asked, published.error());
  }
  Node& node = *published->node;
  {
    Hub::Enter enter(hub_, hub_.cores.front().get());
    hub_.counters.events_published += drafts.size();
  }
  if (published->created) keep(node, nullptr);
  if (node.config.purge_offline && (!published->created || watch_publisher(asked->from)))
    publishing_[asked->from.str()].insert(node.key);
  auto publication = std::make_shared<Publication>();
  publication->node_key = node.key;
  publication->node = node.name;
  publication->bytes = bytes;
  publication->retracted = std::move(published->retracted);
  std::vector<xmpp::PubsubItem> told;
  std::vector<store::TopicItem> kept;
  for (size_t i = 0; i < published->added.size(); ++i) {
    Item& item = published->added[i];
    xmpp::PubsubItem one{item.id, item.publisher, {}};
    if (node.config.deliver_payloads && !request.items[i].payload.empty())
      one.payload = std::move(request.items[i].payload.front());
    told.push_back(std::move(one));
    publication->ids.push_back(item.id);
    if (item.seq != 0)
      kept.push_back({item.seq, node.key, item.id, item.publisher, item.published,
                      std::move(payloads[i])});
  }
  publication->event = xmpp::event_items(node.name, std::move(told));
  publication->added = std::move(published->added);
  publication->gone = std::move(published->gone);
  auto finish = [this, asked, publication](bool ok) {
    release(asked->from, publication->bytes);
    if (!ok) {
      hub_.log_unwritten("items_not_kept", {"topic", publication->node});
      service_.undo(publication->node_key, publication->added, std::move(publication->gone));
      return refuse(*asked, xmpp::StanzaError(Condition::internal_server_error));
    }
    answer(*asked, xmpp::answer_published(publication->node, publication->ids));
    Node* there = service_.find(publication->node_key);
    if (there == nullptr) return;
    tell(*there, std::move(publication->event));
    if (!publication->retracted.empty())
      tell(*there, xmpp::event_items(there->name, {}, publication->retracted));
  };
  std::vector<int64_t> gone;
  for (const Item& item : publication->gone) gone.push_back(item.seq);
  // What is not kept goes the same way where the node has just been made, which is.
  if (kept.empty() && gone.empty() && !published->created) return finish(true);
  store_.change_items(std::move(kept), std::move(gone), when_kept(std::move(finish)));
}

void Pubsub::retract(const AskedPtr& asked, const Request& request) {
  std::vector<std::string> ids;
  for (const Request::Item& item : request.items) ids.push_back(item.id);
  auto retracted = service_.retract(asked->from, request.node, ids);
  if (!retracted) return refuse(*asked, retracted.error());
  std::vector<int64_t> gone;
  for (const Item& item : retracted->gone) gone.push_back(item.seq);
  int64_t key = retracted->node->key;
  auto told = answered(asked, {}, [this, key, ids, notify = request.notify] {
    Node* there = service_.find(key);
    if (there != nullptr && (notify || there->config.notify_retract))
      tell(*there, xmpp::event_items(there->name, {}, ids));
  });
  store_.change_items({}, std::move(gone),
                      or_put_back(key, std::move(retracted->gone), std::move(told)));
}

void Pubsub::items(const AskedPtr& asked, const Request& request) {
  if (Node* node = service_.find(request.node)) expire_now(*node);
  router::pubsub::ItemQuery query;
  for (const Request::Item& item : request.items) query.ids.push_back(item.id);
  query.newest = request.items_wanted;
  query.after = request.page.after;
  query.before = request.page.before;
  query.index = request.page.index;
  // Who pages begins at the beginning (XEP-0059 section 2.2); who does not gets the newest.
  query.from_start = request.page != xmpp::PageRequest{};
  query.names_times = 2;
  query.bytes_beside = item_tags_bytes;
  query.count_at_most =
      std::min<size_t>(request.page.max.value_or(limits::topic_page_entries_max),
                       limits::topic_page_entries_max);
  query.bytes_at_most = limits::topic_answer_bytes_max;
  auto found = service_.retrieve(asked->from, request.node, query);
  if (!found) return refuse(*asked, found.error());
  auto page = std::make_shared<router::pubsub::ItemPage>(std::move(found->second));
  bool paged = page->cut || request.page != xmpp::PageRequest{};
  size_t bytes = item_overhead_bytes;
  std::vector<int64_t> seqs;
  for (const Item& item : page->items) {
    seqs.push_back(item.seq);
    bytes += item.bytes + item.id.size() + item_overhead_bytes;
  }
  // An answer that waits to be read holds memory as a publication does.
  if (!charge(asked->from, bytes)) return refuse(*asked, too_much_waits());
  auto reply = [this, asked, page, paged, bytes, name = request.node](auto payloads) {
    release(asked->from, bytes);
    std::map<int64_t, std::string> by_seq(std::make_move_iterator(payloads.begin()),
                                          std::make_move_iterator(payloads.end()));
    std::vector<xmpp::PubsubItem> items;
    for (const Item& item : page->items) {
      auto kept = by_seq.find(item.seq);
      if (kept == by_seq.end()) continue;  // went meanwhile
      xmpp::PubsubItem one{item.id, item.publisher, {}, router::pubsub::compared_value(item)};
      if (auto payload = xml::parse(kept->second, xmpp::ns_pubsub, written_limits()))
        one.payload = std::move(*payload);
      items.push_back(std::move(one));
    }
    std::optional<xmpp::Page> tells;
    if (paged) {
      tells.emplace();
      tells->count = static_cast<uint32_t>(page->count);
      if (!page->items.empty()) {
        tells->first = page->items.front().id;
        tells->last = page->items.back().id;
        if (page->first_index) tells->first_index = static_cast<uint32_t>(*page->first_index);
      }
    }
    answer(*asked, xmpp::answer_items(name, std::move(items), tells));
  };
  if (seqs.empty()) return reply(std::vector<std::pair<int64_t, std::string>>());
  store_.read_payloads(std::move(seqs), [mailbox = mailbox_, reply](auto payloads) {
    mailbox->post([reply, payloads = std::move(payloads)]() mutable { reply(std::move(payloads)); });
  });
}

}  // namespace xbus::server
