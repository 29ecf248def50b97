#include "services/agent/pushes.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "services/agent/link_watch.hpp"
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

}  // namespace

const std::vector<std::string>& push_topics() {
  static const std::vector<std::string> words = {"link", "load", "disk", "memory"};
  return words;
}

void add_agent_events(Service& service, const PushOptions& options) {
  if (has(options, "link"))
    service.event<LinkEvent>("link", "An interface, an address or a route has come, changed or gone.");
  if (has(options, "load")) service.event<LoadEvent>("load", "The processors have too much to do, or no longer.");
  if (has(options, "disk")) service.event<DiskEvent>("disk", "A disk is nearly full, or no longer.");
  if (has(options, "memory")) service.event<MemoryEvent>("memory", "Memory is short, or no longer.");
}

struct Pushes::Parts {
  Parts(Bus& on, const Service& service, const PushOptions& with, const common::Log& to)
      : bus(on), name(service.name()), host(on.jid().resource()), options(with), log(to) {}

  Publisher& publisher(const std::string& topic, const std::string& title) {
    PublisherOptions of;
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
}

Pushes::~Pushes() = default;

}  // namespace xbus::agent
