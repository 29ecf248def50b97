#include "services/ticker/watching.hpp"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "adapters/atom/entry_element.hpp"
#include "bus/xmpp/datetime.hpp"
#include "rpc/fault.hpp"
#include "rpc/printable.hpp"
#include "rpc/run.hpp"
#include "rpc/topic.hpp"
#include "rpc/watch.hpp"
#include "services/ticker/config.hpp"

namespace xbus::ticker {
namespace {

std::string_view name_of(std::string_view topic) {
  return topic.starts_with(topic_prefix) ? topic.substr(topic_prefix.size()) : topic;
}

std::string json_of(std::string_view topic, const atom::Entry& entry) {
  nlohmann::ordered_json out = {{"source", name_of(topic)}, {"id", entry.id}, {"title", entry.title}};
  if (!entry.link.empty()) out["link"] = entry.link;
  if (entry.updated) out["updated"] = xmpp::format_datetime(*entry.updated);
  if (entry.published) out["published"] = xmpp::format_datetime(*entry.published);
  if (!entry.author.empty()) out["author"] = entry.author;
  // Escaped, so that no character of it acts on a terminal.
  return out.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

// What the program is doing, for as long as it does it.
class Watching {
 public:
  Watching(Bus& bus, const WatchSettings& settings) : bus_(bus), settings_(settings) {}

  Task<void> run() {
    std::vector<std::string> names = settings_.names;
    for (std::string& name : names) name.insert(0, topic_prefix);
    if (names.empty()) {
      auto listing = topics(bus_);
      const auto all = co_await std::move(listing);
      for (const std::string& topic : all)
        if (topic.starts_with(topic_prefix)) names.push_back(topic);
    }
    if (names.empty()) throw Fault(Fault::Kind::not_found, "there are no topics of a ticker");
    for (const std::string& name : names) {
      WatchOptions options;
      if (settings_.all) options.since = Since::all();
      options.on_end = [this](const Fault& fault) { done_.complete(fault); };
      watches_.push_back(std::make_unique<Watch>(
          bus_, name, [this](WatchItem item) { return told(std::move(item)); }, std::move(options)));
      auto starting = watches_.back()->start();
      co_await std::move(starting);
    }
    const auto fault = co_await done_;
    if (fault) throw *fault;
    for (const auto& watch : watches_) {
      auto stopping = watch->stop();
      co_await std::move(stopping);
    }
  }

 private:
  Task<void> told(WatchItem item) {
    const std::string line = line_of(item.topic, item.payload, settings_.json);
    if (line.empty() || done_.done()) co_return;
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
    if (++printed_ != settings_.count) co_return;
    // Not from inside the watch, which ends with this.
    bus_.loop().post([done = done_] { done.complete(std::nullopt); });
  }

  Bus& bus_;
  const WatchSettings& settings_;
  std::vector<std::unique_ptr<Watch>> watches_;
  Completion<std::optional<Fault>> done_;
  uint64_t printed_ = 0;
};

}  // namespace

std::string line_of(std::string_view topic, const Payload& payload, bool as_json) {
  const auto* element = std::get_if<xml::Element>(&payload);
  const auto entry = element ? atom::entry_from(*element) : std::nullopt;
  if (!entry) return {};
  if (as_json) return json_of(topic, *entry);
  std::string line = std::string(name_of(topic)) + ": " + (entry->title.empty() ? "(no title)" : entry->title);
  if (!entry->link.empty()) line += " " + entry->link;
  return printable(line);
}

int watch(const WatchSettings& settings, BusOptions options) {
  options.connection.reconnect = true;
  return xbus::run(
      [&settings](Bus& bus) -> Task<void> {
        Watching watching(bus, settings);
        auto running = watching.run();
        co_await std::move(running);
      },
      std::move(options));
}

}  // namespace xbus::ticker
