// Atom documents (RFC 4287) as feeds.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "adapters/atom/feed.hpp"
#include "bus/xml/element.hpp"

namespace xbus::atom {

inline constexpr std::string_view ns_atom = "http://www.w3.org/2005/Atom";

// The base of what stands in the element (XML Base): `outer`, unless it has one of its own, of feed_uri_bytes_max at
// most.
std::string base_of(std::string_view outer, const xml::Element& element);

// A text construct (section 3.1); "xhtml" becomes HTML.
Text text_construct(const xml::Element& element);
// The same as plain text of one line; empty for nullptr.
std::string line_of(const xml::Element* construct);

// The link that a person follows (section 4.2.7): rel "alternate" or none, HTML before other types. Resolved; empty
// where there is none.
std::string alternate_link(const xml::Element& parent, std::string_view base);

// Of <feed/>, without the ids that complete() gives. `base` is where the document came from.
Feed atom_feed(const xml::Element& feed, std::string_view base);

// Of one <entry/>, likewise.
Entry atom_entry(const xml::Element& entry, std::string_view base);

}  // namespace xbus::atom
