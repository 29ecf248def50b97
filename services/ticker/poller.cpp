#include "services/ticker/poller.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "adapters/atom/entry_element.hpp"
#include "adapters/atom/reader.hpp"
#include "bus/limits_feeds.hpp"
#include "rpc/fault.hpp"
#include "services/ticker/publishers.hpp"

namespace xbus::ticker {
namespace {

constexpr std::string_view payload_type = "http://www.w3.org/2005/Atom";
constexpr size_t saved_every = 64;  // entries of a long feed: so many are published again after a crash

Result<http::Answer, std::string> read_file(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return Err{path + ": " + error.message()};
  if (size > limits::feed_bytes_max) return Err{path + ": this is larger than a feed may be"};
  std::ifstream file(path, std::ios::binary);
  http::Answer answer;
  answer.body.assign(std::istreambuf_iterator<char>(file), {});
  if (!file) return Err{path + ": cannot be read"};
  return answer;
}

// Feeds have the newest first; where all have dates, these decide.
std::vector<const atom::Entry*> oldest_first(const atom::Feed& feed) {
  std::vector<const atom::Entry*> out;
  for (const atom::Entry& entry : feed.entries) out.push_back(&entry);
  std::reverse(out.begin(), out.end());
  if (std::all_of(out.begin(), out.end(), [](const atom::Entry* entry) { return entry->updated.has_value(); }))
    std::stable_sort(out.begin(), out.end(), [](auto* a, auto* b) { return *a->updated < *b->updated; });
  return out;
}

}  // namespace

Poller::Poller(Parts parts, Source source)
    : parts_(std::move(parts)),
      source_(std::move(source)),
      topic_(parts_.bus, std::string(topic_prefix) + source_.name, {.service = parts_.service}),
      service_(parts_.bus, parts_.service, limits::call_time_default),
      timer_(parts_.bus.loop()) {}

void Poller::start(Duration delay) {
  auto memory = read_memory(parts_.memory);
  if (memory) {
    memory_ = std::move(*memory);
  } else {
    warn("memory is begun anew", memory.error());
  }
  const std::string& location = source_.url.empty() ? source_.file : source_.url;
  if (memory_.location != location) {
    memory_.location = location;
    memory_.etag.clear();
    memory_.last_modified.clear();
  }
  timer_.start(delay, [this] { spawn(look()); });
}

// The next look is counted from the end of this one, so a slow source is asked once at a time.
Task<void> Poller::look() {
  try {
    auto looking = look_once();
    co_await std::move(looking);
  } catch (const std::exception& error) {
    warn("look failed", error.what());
  }
  timer_.start(source_.every, [this] { spawn(look()); });
}

Task<void> Poller::look_once() {
  auto preparing = prepare();
  if (!co_await std::move(preparing)) co_return;
  http::Answer answer;
  auto fetching = fetch(answer);
  if (!co_await std::move(fetching)) co_return;
  const auto feed = atom::read_feed(answer.body, {.location = answer.url, .charset = answer.charset});
  if (!feed) {
    warn("feed cannot be read", feed.error());
    co_return;
  }
  auto publishing = publish(*feed);
  if (co_await std::move(publishing)) {
    memory_.etag = answer.etag;
    memory_.last_modified = answer.last_modified;
    last_trouble_.clear();
  }
  save();
}

// False: there is nothing to read.
Task<bool> Poller::fetch(http::Answer& answer) {
  if (!source_.file.empty()) {
    auto read = read_file(source_.file);
    if (!read) {
      warn("file cannot be read", read.error());
      co_return false;
    }
    answer = std::move(*read);
    co_return true;
  }
  http::Get what{.url = source_.url, .body_bytes_max = limits::feed_bytes_max};
  what.etag = memory_.etag;
  what.last_modified = memory_.last_modified;
  auto getting = parts_.http.get(std::move(what));
  auto got = co_await std::move(getting);
  if (!got) {
    warn("source does not answer", got.error());
    co_return false;
  }
  parts_.log.debug("asked", {{"source", source_.name}, {"changed", got->changed ? "yes" : "no"}});
  if (!got->changed) last_trouble_.clear();
  answer = std::move(*got);
  co_return answer.changed;
}

// Once a run, and again when the topic has been deleted meanwhile.
Task<bool> Poller::prepare() {
  if (prepared_) co_return true;
  try {
    TopicConfig config;
    config.publish_model = xmpp::PublishModel::publishers;
    config.type = std::string(payload_type);
    auto creating = topic_.create(std::move(config));
    co_await std::move(creating);
    auto allowing =
        allow_publishers(service_, topic_.name(), publishers_of(source_.publishers, parts_.bus.jid().domain()));
    co_await std::move(allowing);
  } catch (const Fault& fault) {
    warn("topic cannot be had", fault.what());
    co_return false;
  }
  prepared_ = true;
  co_return true;
}

// The topic is called what the feed is called.
Task<void> Poller::name_topic(const std::string& title) {
  if (title.empty() || title == title_) co_return;
  TopicConfig config;
  config.title = title;
  auto configuring = topic_.configure(std::move(config));
  co_await std::move(configuring);
  title_ = title;
}

// True: the whole feed is known to the topic.
Task<bool> Poller::publish(const atom::Feed& feed) {
  size_t published = 0;
  try {
    auto naming = name_topic(feed.title);
    co_await std::move(naming);
  } catch (const Fault& fault) {
    warn("topic cannot be named", fault.what());
  }
  const auto entries = oldest_first(feed);
  for (const atom::Entry* entry : entries) {
    const Memory::Standing standing = memory_.standing(*entry);
    if (standing != Memory::Standing::known) {
      auto publishing = publish_one(*entry, feed, standing);
      if (!co_await std::move(publishing)) co_return false;
      if (++published % saved_every == 0) save();
    }
    memory_.keep(*entry);
  }
  co_return true;
}

Task<bool> Poller::publish_one(const atom::Entry& entry, const atom::Feed& feed, Memory::Standing standing) {
  try {
    auto publishing = topic_.publish(atom::to_element(entry, feed, parts_.bus.loop().wall()), {.id = entry.id});
    co_await std::move(publishing);
  } catch (const Fault& fault) {
    if (fault.kind() == Fault::Kind::not_found) prepared_ = false;
    warn("entry cannot be published", fault.what());
    co_return false;
  }
  parts_.log.info(standing == Memory::Standing::fresh ? "published" : "published again",
                  {{"topic", topic_.name()}, {"id", entry.id}, {"title", entry.title}});
  co_return true;
}

void Poller::save() {
  if (const auto written = write_memory(parts_.memory, memory_); !written)
    warn("memory cannot be written", written.error());
}

// What stays as it is is told once.
void Poller::warn(std::string_view event, std::string why) {
  if (why == last_trouble_) return;
  last_trouble_ = why;
  parts_.log.warn(event, {{"source", source_.name}, {"why", std::move(why)}});
}

}  // namespace xbus::ticker
