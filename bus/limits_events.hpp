// The limits of those who watch topics; a header of its own, since little else needs them.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "bus/limits_topics.hpp"

namespace xbus::limits {

inline constexpr size_t watch_seen_items_max = 16'384;  // that a watch remembers, to tell each once
inline constexpr size_t watch_queue_items_max = 1024;   // that wait for the handler; what comes then is fetched later
inline constexpr size_t watch_queue_bytes_max = 4 * 1024 * 1024;  // likewise, of their payloads
inline constexpr uint32_t watch_page_items = 100;                 // asked for at once
inline constexpr size_t watch_pages_back_max = topic_items_max;   // of one item each, to the oldest that is kept
inline constexpr auto watch_retry_first = std::chrono::seconds(1);  // doubled at each failure
inline constexpr auto watch_retry_max = std::chrono::seconds(30);
inline constexpr size_t pubsub_candidates_max = 50;  // entities of a server that are asked whether topics are there
inline constexpr size_t last_items_bytes_max = 16 * 1024 * 1024;  // of the file of a durable subscriber
inline constexpr size_t publish_under_way_max = 32;     // items of one `xbus publish -` that are not acknowledged yet
inline constexpr size_t publish_line_bytes_max = 2 * item_bytes_max;  // of JSON
inline constexpr size_t input_lines_ahead_max = 256;    // read before they are asked for

static_assert(watch_seen_items_max >= watch_queue_items_max + watch_page_items);
static_assert(watch_queue_bytes_max >= item_bytes_max);
static_assert(watch_page_items <= topic_page_entries_max);
static_assert(watch_retry_first <= watch_retry_max);

}  // namespace xbus::limits
