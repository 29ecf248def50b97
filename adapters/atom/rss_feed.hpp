// RSS documents as feeds: 2.0 and its forerunners (<rss/>), and 1.0 and 0.90, which are RDF.
#pragma once
#include <string_view>

#include "adapters/atom/feed.hpp"
#include "bus/xml/element.hpp"

namespace xbus::atom {

// <rss/> or <rdf:RDF/>.
bool is_rss(const xml::Element& root);

// Without the ids that complete() gives. Understood besides: content:encoded, dc:creator, dc:date, atom:link,
// atom:updated. A guid or rdf:about that is no IRI becomes one that is its own in this feed. `base` is where the
// document came from.
Feed rss_feed(const xml::Element& root, std::string_view base);

}  // namespace xbus::atom
