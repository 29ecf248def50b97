// The limits of what the agent publishes by itself; a header of its own, since nothing else needs them.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "bus/limits.hpp"

namespace xbus::limits {

inline constexpr size_t agent_events_waiting_max = 256;  // of one topic, from the kernel to the bus
inline constexpr size_t agent_links_max = 10'000;        // interfaces that changes are told of
inline constexpr size_t agent_addresses_max = 50'000;    // likewise, of all interfaces
inline constexpr size_t agent_routes_max = 20'000;       // beyond, no route is told: a table of the whole Internet
inline constexpr size_t agent_multicast_bytes_max = 64 * 1024;    // of one datagram of the kernel's
inline constexpr int agent_multicast_buffer_bytes = 1024 * 1024;  // that the kernel keeps for us
inline constexpr auto agent_multicast_loss_wait =
    std::chrono::milliseconds(50);                             // after a loss, before all is asked for
inline constexpr size_t agent_log_events_per_second_max = 20;  // journal lines; the rest is counted
inline constexpr size_t agent_log_events_burst_max = 100;
inline constexpr size_t agent_alerts_burst_max = 20;  // messages to a person; the rest is counted
inline constexpr double agent_alerts_per_second_max = 0.2;
inline constexpr auto agent_publish_again_least = std::chrono::seconds(1);  // after a failure, then twice that ...
inline constexpr auto agent_publish_again_max = std::chrono::seconds(10);
inline constexpr auto agent_publish_refused_wait = std::chrono::seconds(60);  // after a refusal that stays

static_assert(agent_log_events_burst_max <= agent_events_waiting_max);

}  // namespace xbus::limits
