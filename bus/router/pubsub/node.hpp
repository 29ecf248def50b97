// A leaf node: what it is called, how it is configured, who stands how to it, and what it keeps.
#pragma once
#include <cstdint>
#include <string>

#include "bus/clock.hpp"
#include "bus/router/pubsub/affiliations.hpp"
#include "bus/router/pubsub/items.hpp"
#include "bus/router/pubsub/subscriptions.hpp"
#include "bus/xmpp/pubsub_config.hpp"

namespace xbus::router::pubsub {

struct Node {
  int64_t key = 0;  // in the store; never used twice
  std::string name;
  xmpp::Jid creator;  // bare
  Timestamp created;
  xmpp::NodeConfig config;
  Affiliations affiliations;
  Subscriptions subscriptions;
  Items items;
};

// NAME of a node `NAME/...`, which belongs to the owners of NAME; empty: the node belongs to nobody's name.
inline std::string_view service_name(std::string_view node) {
  size_t slash = node.find('/');
  return slash == std::string_view::npos ? std::string_view() : node.substr(0, slash);
}

}  // namespace xbus::router::pubsub
