// Pages of the registry's lists (XEP-0059): what is asked for, within what any server passes on.
#pragma once
#include <string>
#include <vector>

#include "bus/xmpp/rsm.hpp"

namespace xbus::registry {

// An entry of a list, by an id that orders it.
struct PageEntry {
  std::string id;
  xml::Element element;
};

// Adds to `root` the entries that `request` asks for: behind `after`, before `before`, or from
// `index` on, at most `max`, and no more than limits::registry_answer_bytes_max allow, but one at
// least, so that whoever goes on from page to page comes to the end. `after` and `before` may name
// what has gone meanwhile. `entries` are in the order of their ids. The page is told in `root`
// where it was asked for by pages, or is not the whole.
xml::Element page_of(xml::Element root, std::vector<PageEntry> entries,
                     const xmpp::PageRequest& request);

}  // namespace xbus::registry
