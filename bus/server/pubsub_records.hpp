// How the nodes of the pubsub service and their subscriptions stand in the store: as small XML documents.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bus/router/pubsub/node.hpp"

namespace xbus::server {

// The tables of store::Store::entries.
inline constexpr std::string_view pubsub_nodes = "pubsub_nodes";                  // by the node's name
inline constexpr std::string_view pubsub_subscriptions = "pubsub_subscriptions";  // by subscription_key
inline constexpr std::string_view pubsub_redirects = "pubsub_redirects";          // by name: where to

// Without subscriptions and items.
std::string record_of(const router::pubsub::Node& node);
std::unique_ptr<router::pubsub::Node> node_from(std::string name, std::string_view record);

std::string subscription_key(int64_t node_key, const xmpp::Jid& jid);
std::string record_of(const router::pubsub::Subscription& subscription);
// The node's key and the subscription.
std::optional<std::pair<int64_t, router::pubsub::Subscription>> subscription_from(
    std::string_view key, std::string_view record);

}  // namespace xbus::server
