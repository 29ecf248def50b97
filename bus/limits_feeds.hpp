// The limits of what is read from feeds (Atom, RSS) and over HTTP; a header of its own, since only adapters and the
// ticker need them.
#pragma once
#include <chrono>
#include <cstddef>

#include "bus/limits_topics.hpp"

namespace xbus::limits {

inline constexpr size_t feed_bytes_max = 4 * 1024 * 1024;  // of a document
inline constexpr size_t feed_depth_max = 128;              // elements inside each other
inline constexpr size_t feed_elements_max = 100'000;       // of a document: a tree takes many times its text
inline constexpr size_t feed_attributes_max = 200'000;     // likewise
inline constexpr size_t element_attributes_max = 256;      // of one element of it
inline constexpr size_t feed_namespace_bytes_max = 256;    // of a namespace's name, which each element has a copy of
inline constexpr size_t feed_entries_max = 1000;           // the first of a feed; what stands behind them is left out
inline constexpr size_t feed_text_bytes_max = 1024;        // of a title or of names; longer ones are cut
// Of an id or a base; a longer one is replaced. Of a link; a longer one is left out.
inline constexpr size_t feed_uri_bytes_max = item_id_bytes_max;
inline constexpr size_t entry_bytes_max = item_bytes_default - 4096;  // of an entry as an element: any topic takes it

inline constexpr size_t fetch_head_bytes_max = 64 * 1024;  // of an HTTP answer's head
inline constexpr int fetch_redirects_max = 5;
inline constexpr auto fetch_time_max = std::chrono::seconds(30);  // of one GET with all its redirects

inline constexpr size_t ticker_sources_max = 1000;
inline constexpr size_t ticker_entries_kept_max = 4 * feed_entries_max;  // that a source remembers to have published
inline constexpr size_t ticker_state_bytes_max = 1024 * 1024;            // of a source's state file

// An entry without its texts fits, whatever must be escaped in the rest: six bytes for one.
static_assert(6 * (4 * feed_text_bytes_max + 4 * feed_uri_bytes_max) + 4096 < entry_bytes_max);

}  // namespace xbus::limits
