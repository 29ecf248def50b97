#include "services/xbus/refresh.hpp"

#include "rpc/fault.hpp"
#include "rpc/topic.hpp"

namespace xbus::cli {
namespace {

Task<std::optional<Description>> description_of(Remote remote) {
  try {
    Description description = co_await remote.describe();
    co_return description;
  } catch (const Fault&) {
  }
  co_return std::nullopt;
}

}  // namespace

Task<void> refresh_topics(Bus& bus, std::shared_ptr<Refreshed> target, Duration time_max) {
  TopicOptions options;
  options.timeout = time_max;
  try {
    auto listing = topics(bus, options);
    std::vector<std::string> names = co_await std::move(listing);
    if (target->stopped) co_return;
    target->known.topics = std::move(names);
    target->changed = true;
  } catch (const Fault&) {
    // A bus without a pubsub service has none.
  }
}

Task<void> refresh(Bus& bus, std::shared_ptr<Refreshed> target, Duration time_max) {
  CallOptions options;
  options.timeout = time_max;
  options.idempotent = true;
  try {
    const auto live = co_await bus.list();
    if (target->stopped) co_return;
    target->known.domain = bus.client().domain();
    target->known.update(live);
    target->changed = true;
  } catch (const Fault&) {
    co_return;
  }
  // By index: nothing else changes the list meanwhile, but references across co_await invite it.
  for (size_t i = 0; i < target->known.services.size() && !target->stopped; ++i) {
    const KnownService& service = target->known.services[i];
    // Without a hash it is a strict service, whose description takes a question a method.
    if (service.description || service.hash.empty() || service.jids.empty()) continue;
    auto asking = description_of(bus.entity(service.jids.front()).with(options));
    target->known.services[i].description = co_await std::move(asking);
  }
}

}  // namespace xbus::cli
