// `xbus-ticker watch`: the titles of entries as they are published.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/bus.hpp"
#include "rpc/payload.hpp"

namespace xbus::ticker {

struct WatchSettings {
  std::vector<std::string> names;  // of sources; empty: all that there are at the start
  bool all = false;                // begin with what the topics keep
  bool json = false;
  uint64_t count = 0;  // end after so many; 0: go on
};

// The line for one item, without a line feed: "NAME: TITLE LINK", or JSON. Nothing in it acts on a terminal. Empty for
// a payload that is no atom:entry.
std::string line_of(std::string_view topic, const Payload& payload, bool as_json);

// Prints until it has printed `count`, or SIGTERM or SIGINT come. Returns the exit status; a failure is a line on
// standard error.
int watch(const WatchSettings& settings, BusOptions options);

}  // namespace xbus::ticker
