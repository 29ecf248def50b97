#include "services/agent/pushes.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "bus/limits_agent.hpp"
#include "services/agent/allowance.hpp"
#include "services/agent/journal.hpp"
#include "services/agent/link_watch.hpp"
#include "services/agent/log_event.hpp"
#include "services/agent/publisher.hpp"
#include "services/agent/source.hpp"
#include "services/agent/threshold_watch.hpp"

namespace xbus::agent {
namespace {

// Addresses and routes come by the dozen with one cable; people are told of the cable.
bool alarms(const LinkEvent& event) {
  return event.change == LinkChange::up || event.change == LinkChange::down || event.change == LinkChange::removed;
}

bool has(const PushOptions& options, const char* topic) {
  return std::find(options.topics.begin(), options.topics.end(), topic) != options.topics.end();
}

Push push_of_log(LogEvent event) {
  Push push;
  push.text = text_of(event);
  push.alarms = true;
  push.missed = event.missed;
  push.payload = [event = std::move(event)](int64_t missed) mutable {
    event.missed = missed;
    return Payload(eventlog_of(event));
  };
  return push;
}

}  // namespace

const std::vector<std::string>& push_topics() {
  static const std::vector<std::string> words = {"link", "load", "disk", "memory"};
  return words;
}

void add_agent_events(Service& service, const PushOptions& options) {
  if (has(options, "link"))
    service.publishes<LinkEvent>("link", "An interface, an address or a route has come, changed or gone.");
  if (has(options, "load")) service.publishes<LoadEvent>("load", "The processors have too much to do, or no longer.");
  if (has(options, "disk")) service.publishes<DiskEvent>("disk", "A disk is nearly full, or no longer.");
  if (has(options, "memory")) service.publishes<MemoryEvent>("memory", "Memory is short, or no longer.");
  if (options.log_priority)
    service.publishes<Value>("log", "A line of the journal (XEP-0337). For owners unless they let others in.");
}

struct Pushes::Parts {
  Parts(Bus& on, const Service& service, const PushOptions& with, const common::Log& to)
      : bus(on), name(service.name()), host(on.jid().resource()), options(with), log(to) {}

  Publisher& publisher(const std::string& topic, const std::string& title, bool for_owners = false) {
    PublisherOptions of;
    of.for_owners = for_owners;
    of.topic = name + "/" + topic;
    of.title = title;
    of.alert = options.alert;
    return publishers.emplace_back(bus, std::move(of), log);
  }

  void link() {
    Publisher& to = publisher("link", "Changes of the network");
    LinkWatch watch;
    watch.host = host;
    watch.tell = [&to](LinkEvent event) {
      const bool for_people = alarms(event);
      to.push(push_of(std::move(event), for_people));
    };
    watch.note = [own = log](const char* words) { own.warn("network", {{"message", words}}); };
    watch.begun = [own = log] { own.debug("watching the network"); };
    sources.add([watch, own = log](const Stop& stop) {
      if (!watch_links(watch, stop)) own.error("the network is not watched", {{"why", "rtnetlink refuses"}});
    });
  }

  void thresholds() {
    ThresholdWatch watch;
    watch.host = host;
    watch.proc = options.proc;
    watch.limits = options.limits;
    if (has(options, "load")) {
      watch.load = [&to = publisher("load", "Load of the processors")](LoadEvent event) {
        to.push(push_of(std::move(event), true));
      };
      sources.add([watch](const Stop& stop) { watch_load(watch, stop); });
    }
    if (has(options, "memory")) {
      watch.memory = [&to = publisher("memory", "Shortage of memory")](MemoryEvent event) {
        to.push(push_of(std::move(event), true));
      };
      sources.add([watch](const Stop& stop) { watch_memory(watch, stop); });
    }
    if (has(options, "disk")) {
      watch.disk = [&to = publisher("disk", "Disks that are nearly full")](DiskEvent event) {
        to.push(push_of(std::move(event), true));
      };
      sources.add([watch](const Stop& stop) { watch_disks(watch, stop); });
    }
  }

  // The agent's own lines are among them: a failure to publish is logged once, so that it does not feed on itself.
  void logs() {
    Publisher& to = publisher("log", "The journal", true);
    sources.add(
        [&to, own = log, from = host, folder = options.journal, least = *options.log_priority](const Stop& stop) {
          Allowance allowance(static_cast<double>(limits::agent_log_events_per_second_max),
                              static_cast<double>(limits::agent_log_events_burst_max));
          JournalFollow follow;
          follow.folder = folder;
          follow.least = least;
          follow.begun = [&own] { own.debug("watching the journal"); };
          follow.tell = [&](LogLine line, std::string unit) {
            if (!allowance.take(std::chrono::steady_clock::now())) return;
            to.push(push_of_log({from, std::move(unit), std::move(line), allowance.refused()}));
          };
          if (!follow_journal(follow, stop)) own.error("the journal is not watched", {{"why", "it cannot be read"}});
        });
  }

  Bus& bus;
  const std::string name, host;
  const PushOptions options;
  const common::Log log;
  std::deque<Publisher> publishers;
  Sources sources;  // last: they end before what they push to
};

Pushes::Pushes(Bus& bus, const Service& service, const PushOptions& options, const common::Log& log)
    : parts_(std::make_unique<Parts>(bus, service, options, log)) {
  if (has(options, "link")) parts_->link();
  parts_->thresholds();
  if (options.log_priority) parts_->logs();
}

Pushes::~Pushes() = default;

}  // namespace xbus::agent
