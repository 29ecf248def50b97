// Watch: the items of a topic as they are published, each told once and in order, over lost connections and restarts of
// the bus.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/task.hpp"
#include "rpc/fault.hpp"
#include "rpc/payload.hpp"

namespace xbus {

class Bus;

// Where a watch begins.
class Since {
 public:
  static Since now() { return Since(Kind::now, {}); }           // with what is published from start() on
  static Since all() { return Since(Kind::all, {}); }           // with everything that is kept
  static Since after(std::string id) { return Since(Kind::after, std::move(id)); }  // behind that item

  bool is_now() const { return kind_ == Kind::now; }
  const std::string& id() const { return id_; }  // empty: none

 private:
  enum class Kind : uint8_t { now, all, after };
  Since(Kind kind, std::string id) : kind_(kind), id_(std::move(id)) {}
  Kind kind_;
  std::string id_;
};

struct WatchItem {
  std::string topic;
  std::string id;         // empty where the service gives none
  std::string publisher;  // bare JID; empty where the service does not tell
  Payload payload;        // nil where the item has none
};

// Items were published that the topic does not keep any more, so nobody will tell them.
struct WatchGap {
  std::string topic;
  std::string after;                // the item that was told last; empty: none
  std::optional<uint64_t> missed = {};  // how many, where the service says so
};

struct WatchOptions {
  Since since = Since::now();
  std::string service = {};  // the JID of the pubsub service, as in TopicOptions
  Duration timeout = limits::call_time_default;  // of each request
  std::function<void(const WatchGap&)> on_gap = {};
  // It has ended by itself: the topic has been deleted (not_found), the account may not read it any more (forbidden), or
  // the handler has thrown. Not called where start() throws.
  std::function<void(const Fault&)> on_end = {};
};

// Lives on the bus's loop and goes before the bus; one a topic and connection, since the subscription is the
// connection's. Subscribes by its full JID, until the session ends where the service offers that (XEP-0060 section
// 13.5). What was missed while nobody was connected, or while the queue here or at the bus was full, is fetched by
// pages from the item told last; the service keeps what the topic is configured to keep.
// An id that is published again with another content is told again; with the same content it is not. Where that happens
// while nobody is connected, the last content alone is told.
class Watch {
 public:
  // One call at a time; the next item waits for its end. What it throws ends the watch, and the item counts as not told.
  using Handler = std::function<Task<void>(WatchItem)>;
  Watch(Bus& bus, std::string topic, Handler handler, WatchOptions options = {});
  // Without a word to the service; stop() before where its subscriptions outlive sessions.
  ~Watch();
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) = delete;

  // Completes when the topic is subscribed to. Faults: not_found (no such topic), forbidden, unavailable, timeout, ...
  Task<void> start();
  // Unsubscribes. No call of the handler begins any more.
  Task<void> stop();
  // The id of the item that was told last, for Since::after(); empty: none yet.
  const std::string& last() const;
  const std::string& topic() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xbus
