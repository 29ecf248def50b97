// Callee: works on the calls that one Service receives. Pure: stanzas and times in, stanzas out through a function.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"
#include "rpc/acl.hpp"
#include "rpc/fullness.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/key_memory.hpp"
#include "rpc/service.hpp"

namespace xbus {

// How many calls went which way, since the start.
struct CalleeCounters {
  uint64_t received = 0;    // calls and notifies
  uint64_t answered = 0;    // with a value
  uint64_t faults = 0;      // with a fault of the handler
  uint64_t crashed = 0;     // handlers that ended in an exception which is no Fault; counted in faults too
  uint64_t refused = 0;     // forbidden
  uint64_t malformed = 0;
  uint64_t busy = 0;        // beyond a limit
  uint64_t expired = 0;     // arrived when their deadline was over
  uint64_t late = 0;        // handlers that ended when nobody waited any more
  uint64_t cancelled = 0;   // by their callers
  uint64_t repeated = 0;    // answered from the memory of keys
  bool operator==(const CalleeCounters&) const = default;
};

// What the outside gives a Callee.
struct CalleeHost {
  // Sends a stanza; false when it cannot go (offline, or larger than the server takes).
  std::function<bool(const xml::Element&)> send;
  // Runs a function on the loop of this Callee; called from threads of pools.
  std::function<void(std::function<void()>)> post;
  // The time, for what ends on its own: handlers that have waited or run on a thread.
  std::function<Time()> now;
  // A handler ended in an exception that is no Fault; for the log. May be empty.
  std::function<void(const Call&, std::string_view what)> crashed = {};
  // The time that stands for no round of the loop, to measure how long calls take. Empty: now().
  std::function<Time()> clock = {};
  // A handler has ended after so long; for the log. May be empty.
  std::function<void(const Call&, FaultKind outcome, Duration took)> ended = {};
  // A handler held the loop for so long: nothing else ran. Once for each method; for the log. May be empty.
  std::function<void(const Call&, Duration took)> blocked = {};
  // What the methods of rpc/administration.hpp do. Empty: they are not there.
  std::function<void()> drain = {};
  std::function<LogLevel(std::optional<LogLevel>)> log_level = {};
};

struct CalleeOptions {
  Acl home;                     // who may call where the service has no list: the accounts of its own domain
  Acl own;                      // the account that the service runs under: may look after it (administration.hpp)
  std::string registry_domain;  // services.DOMAIN: addresses NAME@that may speak on behalf of callers; empty: none
  std::vector<xmpp::Jid> bridges;  // JIDs that may, too: bare for any session of an account, or full
  size_t running_calls = limits::running_calls_max;
  KeyMemory::Limits keys;
};

// Lives on one loop. Destroying it forgets the calls that run: handlers go on to their end, their answers go nowhere.
class Callee {
 public:
  Callee(Service& service, CalleeHost host, CalleeOptions options);
  ~Callee();
  Callee(const Callee&) = delete;
  Callee& operator=(const Callee&) = delete;

  // An iq of type get or set whose payload is in jabber:iq:rpc.
  void on_iq(const xml::Element& iq, Time now);
  // A message: <notify/> and <cancel/> in urn:xbus:call:0 are ours; false for any other. `wall` measures how long a
  // message with a delay stamp (XEP-0203) has been stored.
  bool on_message(const xml::Element& message, Time now, Timestamp wall);
  // A call that came in another way (a chat message, the form of a command): checked, counted and bounded like any
  // other. `told` is called once with how it ended, perhaps at once, unless the Callee goes first.
  void ask(const xmpp::Jid& from, jabber_rpc::Request request, Time now, std::function<void(const Outcome&)> told);
  // Whether the sender may make this call, for itself or for whom it says; what is not there is as the service's own
  // list says.
  bool admits(const xmpp::Jid& from, const jabber_rpc::Request& request) const;
  // To be called at next_time(): ends the calls whose deadline is over.
  void on_time(Time now);
  std::optional<Time> next_time() const;

  // No new calls from now on: they are told that the instance has gone. `done` is called when those that run have
  // ended, perhaps at once.
  void drain(std::function<void()> done);

  size_t running() const;
  // Of the limits of the service and of its methods; the built-in system.* do not count.
  Occupancy occupancy() const;
  size_t on_threads() const;  // of these, handlers that run, or wait to run, on a thread
  const CalleeCounters& counters() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace xbus
