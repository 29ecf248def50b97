#include "rpc/event.hpp"

namespace xbus {

Task<void> EventSource::begin(Bus& bus) {
  topic_.emplace(bus, name_);
  auto creating = topic_->create(config_);
  co_await std::move(creating);
}

Task<std::string> EventSource::publish(Value item, PublishOptions options) {
  if (!topic_) throw Fault(Fault::Kind::unavailable, "the service of " + name_ + " is not on a bus");
  Topic topic = *topic_;
  auto publishing = topic.publish(std::move(item), std::move(options));
  std::string id = co_await std::move(publishing);
  co_return id;
}

}  // namespace xbus
