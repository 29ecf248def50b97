// An entry as it travels: <entry xmlns='http://www.w3.org/2005/Atom'/>, complete by itself.
#pragma once
#include <optional>

#include "adapters/atom/feed.hpp"
#include "bus/clock.hpp"
#include "bus/xml/element.hpp"

namespace xbus::atom {

// Valid by RFC 4287 section 4.1.2: id, title, updated and author are there, and a link or content. `seen` stands for
// the date of an entry that has none, the feed for the author. Names its feed in <source/>. Beyond
// limits::entry_bytes_max, written, the content is left out, then the summary, and a link to the whole stays.
xml::Element to_element(const Entry& entry, const Feed& feed, Timestamp seen);

// Reads one that anybody wrote; nullopt for another element. Its id is never empty.
std::optional<Entry> entry_from(const xml::Element& element);

}  // namespace xbus::atom
