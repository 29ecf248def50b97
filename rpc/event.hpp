// Event<T>: what a service tells whoever wants to hear it, as items of its topic SERVICE/NAME; and on<T>(), which hears
// them.
//
//   auto alarms = calc.event<std::string>("alarm");        co_await alarms.publish("hot");
//   auto watch = on<std::string>(bus, "calc/alarm", [](std::string text) { ... });    co_await watch.start();
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "bus/task.hpp"
#include "rpc/convert.hpp"
#include "rpc/topic.hpp"
#include "rpc/watch.hpp"

namespace xbus {

class Bus;

// One event of a service: where its items go while the service is on a bus.
class EventSource {
 public:
  EventSource(std::string topic, TopicConfig config) : name_(std::move(topic)), config_(std::move(config)) {}
  const std::string& topic() const { return name_; }

  // Makes the topic, or takes it again: Faults as Topic::create(). Until end() items go to this bus, which goes after.
  Task<void> begin(Bus& bus);
  void end() { topic_.reset(); }
  // Fault unavailable: the service is not on a bus.
  Task<std::string> publish(Value item, PublishOptions options);

 private:
  std::string name_;
  TopicConfig config_;
  std::optional<Topic> topic_;
};

// A handle, as Service::event() gives it; copies are the same event.
template <class T>
class Event {
 public:
  explicit Event(std::shared_ptr<EventSource> source) : source_(std::move(source)) {}
  // Completes when the bus has acknowledged the item, with its id; Faults as Topic::publish(), unavailable before the
  // service is on a bus. T is any type that Convert knows.
  Task<std::string> publish(const T& item, PublishOptions options = {}) const {
    return source_->publish(to_value(item), std::move(options));
  }
  const std::string& topic() const { return source_->topic(); }

 private:
  std::shared_ptr<EventSource> source_;
};

// Calls `handler` with each item, a T; it returns nothing or a Task<void>, and may take a const WatchItem& besides. What
// is no T is passed over: whoever may publish to a topic may publish anything. The rest is as Watch has it.
template <class T, class F>
Watch on(Bus& bus, std::string topic, F handler, WatchOptions options = {}) {
  auto call = [handler = std::move(handler)](WatchItem item) -> Task<void> {
    std::optional<T> typed;
    try {
      if (const Value* value = std::get_if<Value>(&item.payload)) typed.emplace(from_value<T>(*value));
    } catch (const Fault&) {
    }
    if (!typed) co_return;
    if constexpr (std::is_invocable_v<const F&, T, const WatchItem&>) {
      if constexpr (std::is_void_v<std::invoke_result_t<const F&, T, const WatchItem&>>) {
        handler(std::move(*typed), item);
      } else {
        auto handling = handler(std::move(*typed), item);
        co_await std::move(handling);
      }
    } else if constexpr (std::is_void_v<std::invoke_result_t<const F&, T>>) {
      handler(std::move(*typed));
    } else {
      auto handling = handler(std::move(*typed));
      co_await std::move(handling);
    }
  };
  return Watch(bus, std::move(topic), std::move(call), std::move(options));
}

}  // namespace xbus
