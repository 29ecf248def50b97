#include "rpc/watch.hpp"

#include <algorithm>
#include <deque>

#include "bus/limits_events.hpp"
#include "bus/net/timer.hpp"
#include "bus/xmpp/delay.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/bus.hpp"
#include "rpc/seen_items.hpp"
#include "rpc/topic_service.hpp"
#include "rpc/topic_tail.hpp"

namespace xbus {

namespace {

// The namespace of what xbusd says to whom it had no room for.
constexpr std::string_view ns_events = "urn:xbus:events:0";

// What waits for its turn, in the order in which it came.
struct Entry {
  enum class Kind : uint8_t {
    item,
    fetch,   // something has been missed: read what the topic keeps
    purged,  // everything that was kept has gone
    ended,   // the topic or the subscription has
  };
  Kind kind = Kind::item;
  xmpp::PubsubItem item = {};
  std::optional<uint64_t> content = {};
  size_t bytes = 0;
  bool quiet = false;             // of fetch: nothing has been missed, so there is no gap
  std::optional<Fault> why = {};  // of ended
};

// What a handler has thrown, which is not to be taken for a failure of the bus.
struct HandlerFailed {
  Fault fault;
};

// As a retrieval gives it, where no payload means that there is none.
uint64_t kept_content(const xmpp::PubsubItem& item) { return content_of(item).value_or(0); }

bool may_pass(const Fault& fault) {
  switch (fault.kind()) {
    case Fault::Kind::unavailable:
    case Fault::Kind::timeout:
    case Fault::Kind::lost:
    case Fault::Kind::busy:
    case Fault::Kind::failed: return true;
    default: return false;
  }
}

xmpp::PubsubItem item_from(const xml::Element& element) {
  xmpp::PubsubItem item;
  item.id = std::string(element.attr_or("id", {}));
  item.publisher = std::string(element.attr_or("publisher", {}));
  if (const xml::Element* payload = element.first_element()) item.payload = *payload;
  return item;
}

}  // namespace

struct Watch::Impl : std::enable_shared_from_this<Watch::Impl> {
  Impl(Bus& on, std::string of, Handler with, WatchOptions how)
      : bus(on),
        topic(std::move(of)),
        handler(std::move(with)),
        options(std::move(how)),
        service(on, options.service, options.timeout),
        seen(limits::watch_seen_items_max),
        timer(on.loop()),
        last(options.since.id()) {}

  // ---- What comes ----
  void attend();
  void on_state(client::State state);
  void on_message(const xml::Element& message);
  void on_items(const xml::Element& items, const xml::Element& message);
  void push(Entry entry);
  void wake();

  // ---- What is done about it, one after the other ----
  Task<void> run();
  Task<void> one();
  Task<void> fetch(bool quiet);
  Task<void> subscribe();
  Task<void> catch_up(bool quiet);
  Task<bool> continues_behind_last(TopicTail& tail);
  Task<void> tell_all(TopicTail& tail, bool gap_possible);
  Task<void> tell(xmpp::PubsubItem item, std::optional<uint64_t> content);
  void drop_covered();
  Task<void> pause(Duration time);
  void end(const Fault& fault);
  void close();

  Bus& bus;
  std::string topic;
  Handler handler;
  WatchOptions options;
  TopicService service;
  SeenItems seen;
  net::Timer timer;
  std::string last;    // told last
  std::string before;  // told before that one, in this life
  bool from_start = false;  // without `last`: everything that is kept is to be told
  std::deque<Entry> queue;
  size_t queued_bytes = 0;
  bool dropping = false;  // what comes is not queued: it will be fetched
  std::optional<uint64_t> missed;  // as the service has said
  bool subscribed = false;         // in this session
  bool cleared = false;            // of leftovers
  bool stopped = false;
  Duration retry = limits::watch_retry_first;
  std::optional<Completion<bool>> waiting;  // of run(), until there is something to do
  std::optional<Completion<bool>> pausing;  // until something is tried again
  Completion<std::optional<Fault>> started;
};

// ---- What comes ----

void Watch::Impl::attend() {
  const std::weak_ptr<Impl> weak = weak_from_this();
  bus.client().on_message([weak](const xml::Element& message) {
    if (const auto self = weak.lock()) self->on_message(message);
  });
  bus.client().on_state([weak](client::State state) {
    if (const auto self = weak.lock()) self->on_state(state);
  });
}

void Watch::Impl::on_state(client::State state) {
  if (stopped) return;
  subscribed = false;
  if (state == client::State::online) {
    push({.kind = Entry::Kind::fetch});
    if (pausing) bus.loop().post([done = *pausing] { done.complete(true); });
  }
  if (state != client::State::closed || !bus.client().failure()) return;
  Entry over{.kind = Entry::Kind::ended};
  over.why = fault_from(*bus.client().failure());
  push(std::move(over));
}

void Watch::Impl::on_message(const xml::Element& message) {
  if (stopped || service.jid().empty()) return;
  const xml::Element* event = message.first("event", xmpp::ns_pubsub_event);
  if (event == nullptr) return;
  const auto from = xmpp::address(message, "from");
  if (!from || *from != service.jid()) return;
  const xml::Element* what = event->first_element();
  if (what == nullptr || what->attr_or("node", {}) != topic) return;
  if (what->name() == "items") return on_items(*what, message);
  if (what->name() == "purge") return push({.kind = Entry::Kind::purged});
  if (what->name() == "delete") {
    Entry gone{.kind = Entry::Kind::ended};
    gone.why = Fault(Fault::Kind::not_found, "the topic has been deleted");
    return push(std::move(gone));
  }
  if (what->name() != "subscription" || what->attr_or("jid", {}) != bus.jid().str()) return;
  if (what->attr_or("subscription", {}) != name_of(xmpp::SubscriptionState::none)) return;
  Entry gone{.kind = Entry::Kind::ended};
  gone.why = Fault(Fault::Kind::forbidden, "an owner of the topic has ended the subscription");
  push(std::move(gone));
}

void Watch::Impl::on_items(const xml::Element& items, const xml::Element& message) {
  if (const xml::Element* gap = message.first("missed", ns_events)) {
    const std::string count(gap->attr_or("count", "0"));
    missed = missed.value_or(0) + std::strtoull(count.c_str(), nullptr, 10);
    push({.kind = Entry::Kind::fetch});
  }
  for (const xml::Element* each : items.elements("item", xmpp::ns_pubsub_event)) {
    Entry entry;
    entry.item = item_from(*each);
    // The last item again, as services send it to new subscribers (XEP-0060 section 6.1.7).
    if (entry.item.id == last && !last.empty() && message.first("delay", xmpp::ns_delay)) continue;
    entry.content = content_of(entry.item);
    if (entry.item.payload) {
      entry.bytes = xml::write(*entry.item.payload).size();
    } else if (!entry.item.id.empty()) {
      // The topic delivers no payloads: they are fetched, and the item is told as it is where it is not kept.
      push({.kind = Entry::Kind::fetch, .quiet = true});
    }
    push(std::move(entry));
  }
}

void Watch::Impl::push(Entry entry) {
  if (entry.kind == Entry::Kind::item) {
    if (dropping) return;
    if (queue.size() >= limits::watch_queue_items_max || queued_bytes + entry.bytes > limits::watch_queue_bytes_max) {
      dropping = true;
      return push({.kind = Entry::Kind::fetch});
    }
  } else if (entry.kind == Entry::Kind::fetch && !queue.empty() && queue.back().kind == Entry::Kind::fetch) {
    queue.back().quiet = queue.back().quiet && entry.quiet;
    return wake();
  }
  queued_bytes += entry.bytes;
  queue.push_back(std::move(entry));
  wake();
}

void Watch::Impl::wake() {
  if (!waiting) return;
  const Completion<bool> done = *waiting;
  waiting.reset();
  // Not from inside the client's own call.
  bus.loop().post([done] { done.complete(true); });
}

// ---- What is done about it ----

Task<void> Watch::Impl::run() {
  const auto self = shared_from_this();
  while (!stopped) {
    if (queue.empty()) {
      const Completion<bool> done;
      waiting = done;
      co_await done;
      continue;
    }
    std::optional<Fault> fault;
    try {
      auto doing = one();
      co_await std::move(doing);
      retry = limits::watch_retry_first;
    } catch (const Fault& caught) {
      fault = caught;
    } catch (const HandlerFailed& caught) {
      fault = caught.fault;
    }
    if (fault) end(*fault);
  }
}

// Takes the first of the queue.
Task<void> Watch::Impl::one() {
  Entry entry = std::move(queue.front());
  queue.pop_front();
  queued_bytes -= entry.bytes;
  switch (entry.kind) {
    case Entry::Kind::item: {
      auto telling = tell(std::move(entry.item), entry.content);
      co_await std::move(telling);
      break;
    }
    case Entry::Kind::purged:
      last.clear();
      before.clear();
      from_start = true;
      break;
    case Entry::Kind::ended: throw *entry.why;
    case Entry::Kind::fetch: {
      auto fetching = fetch(entry.quiet);
      co_await std::move(fetching);
      break;
    }
  }
}

// A failure that may pass is tried again: with the next connection, or after a while.
Task<void> Watch::Impl::fetch(bool quiet) {
  std::optional<Fault> fault;
  try {
    if (!subscribed) {
      auto subscribing = subscribe();
      co_await std::move(subscribing);
    }
    if (stopped) co_return;
    started.complete(std::nullopt);
    auto catching_up = catch_up(quiet);
    co_await std::move(catching_up);
    if (!stopped) drop_covered();
  } catch (const Fault& caught) {
    fault = caught;
  }
  if (!fault || stopped) co_return;
  if (!started.done() || !may_pass(*fault)) throw *fault;
  if (bus.client().state() != client::State::online) co_return;  // on_state() begins anew
  auto resting = pause(retry);
  co_await std::move(resting);
  if (stopped) co_return;
  retry = std::min<Duration>(retry * 2, limits::watch_retry_max);
  queue.push_front({.kind = Entry::Kind::fetch});
}

Task<void> Watch::Impl::subscribe() {
  auto finding = service.find();
  co_await std::move(finding);
  if (stopped) co_return;
  if (!std::exchange(cleared, true)) {
    auto clearing = service.clear_leftovers(topic);
    co_await std::move(clearing);
    if (stopped) co_return;
  }
  if (!started.done() && options.since.is_now()) {
    // What is there before the subscription is not to be told, and what comes after it is: so it is read before.
    TopicTail tail(service, topic);
    auto reading = tail.newest();
    const std::optional<xmpp::PubsubItem> newest = co_await std::move(reading);
    if (stopped) co_return;
    from_start = !newest;
    if (newest) {
      last = newest->id;
      seen.add(last, kept_content(*newest));
    }
  } else if (!started.done() && last.empty()) {
    from_start = true;
  }
  auto subscribing = service.subscribe(topic);
  co_await std::move(subscribing);
  subscribed = true;
}

Task<void> Watch::Impl::catch_up(bool quiet) {
  dropping = false;
  TopicTail tail(service, topic);
  if (last.empty()) {
    if (!from_start) co_return;
    auto beginning = tail.begin();
    co_await std::move(beginning);
    auto telling = tell_all(tail, false);
    co_await std::move(telling);
    co_return;
  }
  auto looking = continues_behind_last(tail);
  const bool continues = co_await std::move(looking);
  if (stopped) co_return;
  if (!continues) {
    auto beginning = tail.begin();
    co_await std::move(beginning);
  }
  auto telling = tell_all(tail, !continues && !quiet);
  co_await std::move(telling);
}

// Puts `tail` behind the item told last, where that has kept its place: one that has been published again under its id
// stands at the end, in front of nothing. It stands where it stood when the one before it is followed by it.
Task<bool> Watch::Impl::continues_behind_last(TopicTail& tail) {
  if (!before.empty() && before != last) {
    TopicTail look(service, topic);
    auto beginning = look.begin_after(before);
    if (!co_await std::move(beginning)) co_return false;
    auto reading = look.next();
    const TopicTail::Items page = co_await std::move(reading);
    if (page.empty() || page.front().id != last || kept_content(page.front()) != seen.content(last)) co_return false;
  } else if (seen.content(last)) {
    auto asking = service.item(topic, last);
    const std::optional<xmpp::PubsubItem> now = co_await std::move(asking);
    if (!now || kept_content(*now) != seen.content(last)) co_return false;
  }
  auto beginning = tail.begin_after(last);
  const bool there = co_await std::move(beginning);
  co_return there;
}

// `gap_possible`: the item told last is not kept any more, or not in its place. Where one is kept that was told before,
// it was taken out or published again, and nothing in between has gone; where none is, older items have made room for
// newer ones.
Task<void> Watch::Impl::tell_all(TopicTail& tail, bool gap_possible) {
  while (!stopped) {
    auto reading = tail.next();
    TopicTail::Items page = co_await std::move(reading);
    if (stopped) co_return;
    for (const xmpp::PubsubItem& item : page)
      if (seen.knows(item.id) || item.id == last) gap_possible = false;
    if (!page.empty() && std::exchange(gap_possible, false) && options.on_gap) options.on_gap({topic, last, missed});
    for (xmpp::PubsubItem& item : page) {
      const uint64_t content = kept_content(item);
      auto telling = tell(std::move(item), content);
      co_await std::move(telling);
      if (stopped) co_return;
    }
    if (page.empty()) break;
  }
  // Nothing is kept at all.
  if (gap_possible && options.on_gap) options.on_gap({topic, last, missed});
  missed.reset();
}

Task<void> Watch::Impl::tell(xmpp::PubsubItem item, std::optional<uint64_t> content) {
  if (!seen.add(item.id, content)) co_return;
  WatchItem told{topic, item.id, std::move(item.publisher), Value()};
  if (item.payload) told.payload = read_payload(*item.payload);
  std::optional<Fault> fault;
  try {
    auto handling = handler(std::move(told));
    co_await std::move(handling);
  } catch (const Fault& caught) {
    fault = caught;
  } catch (const std::exception& caught) {
    fault = Fault(Fault::Kind::failed, caught.what());
  }
  if (fault) throw HandlerFailed{*fault};
  if (item.id.empty() || item.id == last) co_return;
  before = std::exchange(last, item.id);
}

// Events that wait here and were published before what has been fetched: the last content of an id is told, so what it
// was before is not told behind it.
void Watch::Impl::drop_covered() {
  std::vector<std::string> covered;
  for (auto at = queue.rbegin(); at != queue.rend(); ++at) {
    if (at->kind != Entry::Kind::item || at->item.id.empty()) continue;
    const bool known = std::find(covered.begin(), covered.end(), at->item.id) != covered.end();
    if (known) {
      at->content.reset();  // of a known id: told no more
    } else if (at->content && seen.content(at->item.id) == at->content) {
      covered.push_back(at->item.id);
    }
  }
}

Task<void> Watch::Impl::pause(Duration time) {
  const Completion<bool> done;
  pausing = done;
  timer.start(time, [done] { done.complete(true); });
  co_await done;
  timer.stop();
  pausing.reset();
}

void Watch::Impl::end(const Fault& fault) {
  if (std::exchange(stopped, true)) return;
  close();
  if (!started.done()) return started.complete(fault);
  if (options.on_end) options.on_end(fault);
}

void Watch::Impl::close() {
  stopped = true;
  queue.clear();
  queued_bytes = 0;
  timer.stop();
  // Here and not from the loop, which may not run any more.
  for (auto* sleeping : {&waiting, &pausing}) {
    if (!*sleeping) continue;
    const Completion<bool> done = **sleeping;
    sleeping->reset();
    done.complete(true);
  }
}

// ---- Watch ----

Watch::Watch(Bus& bus, std::string topic, Handler handler, WatchOptions options)
    : impl_(std::make_shared<Impl>(bus, std::move(topic), std::move(handler), std::move(options))) {}

Watch::Watch(Watch&&) noexcept = default;

Watch::~Watch() {
  if (impl_) impl_->close();
}

Task<void> Watch::start() {
  const auto impl = impl_;
  impl->attend();
  impl->push({.kind = Entry::Kind::fetch});
  spawn(impl->run());
  const std::optional<Fault> fault = co_await impl->started;
  if (fault) throw *fault;
}

Task<void> Watch::stop() {
  const auto impl = impl_;
  const bool was = impl->subscribed && !impl->stopped;
  impl->close();
  impl->started.complete(Fault(Fault::Kind::cancelled, "the watch has been stopped"));
  if (!was) co_return;
  impl->subscribed = false;
  try {
    auto leaving = impl->service.unsubscribe(impl->topic, impl->bus.jid().str());
    co_await std::move(leaving);
  } catch (const Fault&) {
    // The session's end does the same.
  }
}

const std::string& Watch::last() const { return impl_->last; }
const std::string& Watch::topic() const { return impl_->topic; }

}  // namespace xbus
