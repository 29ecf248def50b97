// The limits of the pubsub service; a header of its own, since little else needs them.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "bus/limits.hpp"

namespace xbus::limits {

inline constexpr size_t topics_max = 100'000;              // of one service
inline constexpr size_t topics_per_account_max = 20'000;   // created by one account
inline constexpr size_t topic_name_bytes_max = 1023;
inline constexpr size_t topic_text_bytes_max = 1024;       // of a title, a description, a roster group
inline constexpr size_t topic_lists_max = 64;              // contacts, roster groups of one topic
inline constexpr size_t topic_affiliations_max = 10'000;   // of one topic
inline constexpr size_t topic_redirects_max = 10'000;      // of deleted topics that are remembered
inline constexpr size_t topic_items_default = 1000;        // kept of a topic that says nothing else
inline constexpr size_t topic_items_max = 1'000'000;       // what "max" stands for
inline constexpr size_t items_max = 1'000'000;             // kept, of all topics: each has an entry in memory
inline constexpr uint64_t items_bytes_max = uint64_t{16} * 1024 * 1024 * 1024;  // likewise, on disk
// Of them, in the topics that one account has made: others keep theirs whatever it does. Admins have all.
inline constexpr size_t items_per_account_max = items_max / 4;
inline constexpr uint64_t items_bytes_per_account_max = items_bytes_max / 4;
inline constexpr size_t item_id_bytes_max = 1023;
inline constexpr size_t item_bytes_default = 64 * 1024;    // of a payload, of a topic that says nothing else
inline constexpr size_t item_bytes_max = 192 * 1024;       // so that any server passes its event on
inline constexpr size_t items_per_request_max = 1000;      // published, retracted or asked for by one request
inline constexpr uint64_t item_expire_seconds_max = uint64_t{100} * 366 * 24 * 3600;
inline constexpr size_t topic_subscriptions_max = 200'000;
inline constexpr size_t subscriptions_per_account_max = 100'000;
inline constexpr size_t subscriptions_max = 1'000'000;     // of all topics
inline constexpr uint32_t event_bounces_max = 16;          // in a row, then the subscription ends
inline constexpr size_t topic_changes_bytes_max = 64 * 1024 * 1024;  // that wait for the disk
inline constexpr size_t topic_changes_bytes_per_account_max = 16 * 1024 * 1024;  // likewise, of one account
inline constexpr size_t topic_answer_bytes_max = 224 * 1024;  // of items in one answer, unless it is one item
inline constexpr size_t topic_page_entries_max = 1000;     // of topics, subscriptions or ids in one answer
inline constexpr size_t archive_page_entries_max = 250;    // messages that one query of an archive brings
inline constexpr size_t archive_pages_per_account_max = 16;  // on their way: each is tried again until there is room
inline constexpr size_t archive_query_id_bytes_max = 256;  // it comes back in each of them
inline constexpr size_t event_receivers_at_once_max = 1024;  // until others have the router's lock again

static_assert(item_bytes_default <= item_bytes_max && item_bytes_max < topic_answer_bytes_max);
static_assert(topic_answer_bytes_max < stanza_bytes_assumed);
static_assert(topic_items_default <= topic_items_max && topic_items_max <= items_max);
static_assert(topics_per_account_max <= topics_max);
static_assert(subscriptions_per_account_max <= topic_subscriptions_max);
static_assert(topic_subscriptions_max <= subscriptions_max);
static_assert(stanza_bytes_max <= topic_changes_bytes_per_account_max);
static_assert(topic_changes_bytes_per_account_max <= topic_changes_bytes_max);

}  // namespace xbus::limits
