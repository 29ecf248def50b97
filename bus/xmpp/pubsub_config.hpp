// How a pubsub node is configured, and the forms in which that is asked for, told and demanded (XEP-0060 sections 5.4,
// 7.1.5, 8.2 and 17.4).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bus/limits_topics.hpp"
#include "bus/result.hpp"
#include "bus/xmpp/forms.hpp"
#include "bus/xmpp/pubsub.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view form_node_config = "http://jabber.org/protocol/pubsub#node_config";
inline constexpr std::string_view form_publish_options =
    "http://jabber.org/protocol/pubsub#publish-options";
inline constexpr std::string_view form_meta_data = "http://jabber.org/protocol/pubsub#meta-data";

enum class AccessModel : uint8_t { open, presence, roster, authorize, whitelist };  // section 4.5
enum class PublishModel : uint8_t { publishers, subscribers, open };
// What becomes of an item published to a node that is full (section 7.1.2.5).
enum class NodeFull : uint8_t { retract_oldest, discard_oldest, reject };
enum class SendLast : uint8_t { never, on_sub };

std::string_view name_of(AccessModel model);
std::string_view name_of(PublishModel model);

// The options that mean something here. Events are always headlines, which are never stored offline: who was away asks
// for the items it missed.
struct NodeConfig {
  AccessModel access_model = AccessModel::open;
  PublishModel publish_model = PublishModel::publishers;
  NodeFull node_full = NodeFull::retract_oldest;
  SendLast send_last = SendLast::never;
  bool persist_items = true;
  bool deliver_notifications = true;
  bool deliver_payloads = true;
  bool notify_config = false;
  bool notify_delete = true;
  bool notify_retract = false;  // of items removed, the oldest of a full node among them
  bool notify_sub = false;  // owners are told of subscriptions
  bool purge_offline = false;  // a publisher's items go with the last of its sessions that has published
  bool subscribe = true;    // subscriptions are allowed
  bool temporary = false;   // pubsub#tempsub: subscriptions end with the subscriber's presence
  uint32_t max_items = limits::topic_items_default;  // topic_items_max stands for "max"
  uint32_t max_payload_bytes = limits::item_bytes_default;
  uint64_t item_expire_seconds = 0;  // 0: never, which is "max" on the wire
  std::string title = {}, description = {}, language = {};
  std::string type = {};  // the namespace of the payloads; empty: any
  std::vector<std::string> contacts = {};
  std::vector<std::string> roster_groups = {};
  bool operator==(const NodeConfig&) const = default;
};

// The form that asks for a configuration, filled in with `now`.
Form config_form(const NodeConfig& now);
// The same as it is kept and told: fields and values alone.
Form config_record(const NodeConfig& config);

// `base` with what was submitted. Fields that the form does not have are ignored (XEP-0004 section 3.1). Refused with
// not-acceptable for a value that cannot be applied, and with unsupported-access-model.
Result<NodeConfig, PubsubRefusal> configured(NodeConfig base, const Form& submitted);

// Publish-options are preconditions (section 7.1.5): each field must be one of the configuration's, with the value it
// has there.
bool meets(const NodeConfig& config, const Form& publish_options);

// What disco#info tells of a node beside its configuration (section 5.4).
struct NodeFacts {
  std::string created = {};  // XEP-0082
  std::string creator = {};
  std::vector<std::string> owners = {}, publishers = {};
  size_t subscribers = 0, items = 0;
};
Form meta_data_form(const NodeConfig& config, const NodeFacts& facts);

}  // namespace xbus::xmpp
