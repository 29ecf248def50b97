// Publisher: what a source tells, put on its topic, and told to a person where one is named.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "rpc/bus.hpp"
#include "rpc/convert.hpp"
#include "rpc/payload.hpp"
#include "services/common/log.hpp"

namespace xbus::agent {

// An event on its way: `payload` is given how many before it were dropped.
struct Push {
  std::function<Payload(int64_t missed)> payload;
  std::string text;     // one line for people
  bool alarms = false;  // it is for people too
  int64_t missed = 0;   // what the source itself has dropped before it
};

// Of a struct with the members that XBUS_STRUCT names, one of which is `missed`.
template <class Event>
Push push_of(Event event, bool alarms) {
  Push push;
  push.text = text_of(event);
  push.alarms = alarms;
  push.missed = event.missed;
  push.payload = [event = std::move(event)](int64_t missed) mutable {
    event.missed = missed;
    return Payload(to_value(event));
  };
  return push;
}

struct PublisherOptions {
  std::string topic;  // "agent/link"
  std::string title;
  bool for_owners = false;  // whoever else shall read it must be let in by an owner
  std::string alert;        // a JID that gets a message for each event that alarms; empty: none
};

// Makes the topic, or takes one that is there, and publishes in order. At most limits::agent_events_waiting_max wait,
// then the oldest are dropped, which the next says. An item that may or may not have arrived is published again under
// the same id. What fails is tried again for as long as it lives, and logged once until it works again.
class Publisher {
 public:
  // Lives on the bus's loop and ends before the bus. Sources must have ended before it.
  Publisher(Bus& bus, PublisherOptions options, const common::Log& log);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  void push(Push push);  // any thread

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace xbus::agent
