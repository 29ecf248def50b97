// Poller: looks at one source again and again and publishes what is new or changed.
#pragma once
#include <memory>
#include <string>

#include "adapters/atom/feed.hpp"
#include "adapters/http/client.hpp"
#include "bus/net/timer.hpp"
#include "bus/task.hpp"
#include "rpc/bus.hpp"
#include "rpc/topic.hpp"
#include "rpc/topic_service.hpp"
#include "services/common/log.hpp"
#include "services/ticker/config.hpp"
#include "services/ticker/memory.hpp"

namespace xbus::ticker {

// Lives on the bus's loop and goes before the bus, http and the log. An entry is published as atom:entry under its own
// id, the oldest first, so that a change of it replaces it; it is remembered once the service has acknowledged it.
class Poller {
 public:
  struct Parts {
    Bus& bus;
    http::Client& http;
    common::Log log;
    std::string service;  // JID of the pubsub service, or empty
    std::string memory;   // path of the file of what is remembered
  };
  Poller(Parts parts, Source source);

  // Reads what is remembered and begins to look, after `delay` first. A memory that cannot be read is told in the log
  // and begun anew.
  void start(Duration delay);

 private:
  Task<void> look();
  Task<void> look_once();
  Task<bool> fetch(http::Answer& answer);
  Task<bool> prepare();
  Task<void> name_topic(const std::string& title);
  Task<bool> publish(const atom::Feed& feed);
  Task<bool> publish_one(const atom::Entry& entry, const atom::Feed& feed, Memory::Standing standing);
  void save();
  void warn(std::string_view event, std::string why);

  Parts parts_;
  Source source_;
  Memory memory_;
  Topic topic_;
  TopicService service_;
  net::Timer timer_;
  bool prepared_ = false;  // the topic is there and is as it should be
  std::string title_;      // that the topic has been given
  std::string last_trouble_;
};

}  // namespace xbus::ticker
