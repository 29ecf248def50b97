// Topic: one topic of the bus's pubsub service, as its publisher and its owner see it (XEP-0060).
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/task.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/pubsub_config.hpp"
#include "rpc/payload.hpp"
#include "rpc/value.hpp"

namespace xbus {

class Bus;

struct TopicOptions {
  // The JID of the pubsub service. Empty: events.DOMAIN, else the first one that the server names in disco#items.
  std::string service = {};
  PayloadForm form = PayloadForm::xml;  // of Values
  std::string type = {};  // the namespace of payloads in PayloadForm::xml; empty: ns_event
  Duration timeout = limits::call_time_default;  // of each request
};

struct PublishOptions {
  std::string id = {};  // of the item: an item of that id is replaced; empty: the service makes one
};

// What is not said stays as it is; of a new topic as the service has it. Seconds and counts as the form has them.
struct TopicConfig {
  std::optional<xmpp::PublishModel> publish_model = {};
  std::optional<xmpp::AccessModel> access_model = {};
  std::optional<uint32_t> max_items = {};
  std::optional<bool> persist = {};            // items are kept; otherwise they are only told
  std::optional<bool> deliver_payloads = {};   // otherwise events tell the ids alone
  std::optional<std::chrono::seconds> item_expire = {};
  std::optional<std::string> title = {}, description = {};
  std::optional<std::string> type = {};        // pubsub#type
  // Other fields of the form by their names, "pubsub#notify_retract", with their text values.
  std::vector<std::pair<std::string, std::string>> fields = {};
  bool operator==(const TopicConfig&) const = default;
};

// A handle: copies mean the same topic. Lives on the bus's loop and is not used after the bus has gone.
// Faults of every operation, by the conditions that the service gives: forbidden, not_found (no such topic),
// already_exists, invalid, too_big, busy (a limit), unavailable (no pubsub service, not connected), timeout, lost.
// What the service lacks is no_such_method and names the feature.
class Topic {
 public:
  Topic(Bus& bus, std::string name, TopicOptions options = {});

  const std::string& name() const;

  // Completes when the service has acknowledged the item (xbusd: when it is on disk), with the item's id. A topic that
  // does not exist is made by the way where the service has auto-create; a service that publishes calls create() first.
  // After Fault `lost` or `timeout` nobody knows whether it is there: publishing again with the same id is safe.
  Task<std::string> publish(Value payload, PublishOptions options = {});
  Task<std::string> publish(xml::Element payload, PublishOptions options = {});
  Task<std::string> publish(ProtobufPayload payload, PublishOptions options = {});

  // Makes the topic, or takes one that is there already and that the account owns; then it is configured as said.
  // publish_model is `publishers` unless said. Fault already_exists: it is another's.
  Task<void> create(TopicConfig config = {});
  Task<void> configure(TopicConfig config);
  // The configuration as the owner sees it, field by field: ("pubsub#max_items", "1000"); several values of one field
  // are several entries.
  using Fields = std::vector<std::pair<std::string, std::string>>;
  Task<Fields> configuration();
  // What anybody may see of it: pubsub#meta-data in disco#info.
  Task<Fields> metadata();
  Task<void> retract(std::string id);
  Task<void> purge();   // all items
  Task<void> remove();  // the topic itself

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// The topics that the account sees, by name, from the service that Topic would use.
Task<std::vector<std::string>> topics(Bus& bus, TopicOptions options = {});

}  // namespace xbus
