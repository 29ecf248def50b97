// Result Set Management (XEP-0059): pages of a long list.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/xml/element.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_rsm = "http://jabber.org/protocol/rsm";

// What the requesting entity asks for. At most one of after, before and index; `before` may be the
// empty string: the last page (section 2.5).
struct PageRequest {
  std::optional<uint32_t> max;  // 0: only the count (section 2.7)
  std::optional<std::string> after;
  std::optional<std::string> before;
  std::optional<uint32_t> index;
  bool operator==(const PageRequest&) const = default;
};

// What the responding entity tells of the page it sends.
struct Page {
  std::optional<std::string> first, last;  // ids of the page's ends; absent when it is empty
  std::optional<uint32_t> first_index;     // position of `first` in the whole
  std::optional<uint32_t> count;           // items in the whole
  bool operator==(const Page&) const = default;
};

enum class RsmError {
  bad_number,   // max, index or count is none
  conflicting,  // more than one of after, before, index
};

xml::Element to_element(const PageRequest& request);
xml::Element to_element(const Page& page);

// Reads the <set/> inside a query; a query without one asks for everything: the default
// PageRequest.
Result<PageRequest, RsmError> page_request_from(const xml::Element& query);
// nullopt when the answer is not paged. Numbers that are none are left out.
std::optional<Page> page_from(const xml::Element& query);

}  // namespace xbus::xmpp
