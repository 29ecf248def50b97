// Drives a Scanner as a connection does, over input cut in any way, and writes down all that it
// reports.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"

namespace xbus::xml {

// One line an event: "header ...", "stanza ...", "close", "error NAME", "more" at the end of input.
// The lines hold every field of the views, so that equal lists mean equal behaviour.
std::vector<std::string> feed(const std::vector<std::string_view>& pieces,
                              const ScanLimits& limits = {});

// The same for input in one piece, and for input in pieces of one byte.
std::vector<std::string> feed_whole(std::string_view input, const ScanLimits& limits = {});
std::vector<std::string> feed_bytes(std::string_view input, const ScanLimits& limits = {});

// The result of feed_whole; fails the test unless all two-piece splits and single bytes give the
// same.
std::vector<std::string> feed_every_way(std::string_view input, const ScanLimits& limits = {});

// The last line without its first word when that is "error", otherwise "none".
std::string error_of(const std::vector<std::string>& lines);

inline constexpr std::string_view open_stream =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='d' "
    "version='1.0'>";

}  // namespace xbus::xml
