// The reader of feeds: bytes of Atom 1.0 or any RSS in, a Feed out.
#pragma once
#include <string>
#include <string_view>

#include "adapters/atom/feed.hpp"
#include "bus/result.hpp"

namespace xbus::atom {

struct ReadOptions {
  std::string location = {};  // URL that the bytes came from, which relative links are resolved by; empty: a file
  std::string charset = {};   // of the Content-Type that came with them; empty: none
};

// Reads also what has mistakes that harm nothing: missing ids, dates and titles. Each entry of the result has an id,
// and no more than limits::feed_entries_max are read. The error is a line for a person: "line 3: this is no well-formed
// XML".
Result<Feed, std::string> read_feed(std::string_view bytes, const ReadOptions& options = {});

}  // namespace xbus::atom
