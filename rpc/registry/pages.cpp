#include "rpc/registry/pages.hpp"

#include <algorithm>

#include "bus/limits.hpp"
#include "bus/xml/element.hpp"

namespace xbus::registry {
namespace {

constexpr size_t frame_bytes = 512;  // of the root and the page told in it, beside the ends' ids

struct Range {
  size_t begin = 0, end = 0;
};

Range asked_for(const std::vector<PageEntry>& entries, const xmpp::PageRequest& request) {
  const auto first_at = [&](auto comes_before) {
    return static_cast<size_t>(std::partition_point(entries.begin(), entries.end(), comes_before) -
                               entries.begin());
  };
  Range range{0, entries.size()};
  if (request.after)
    range.begin = first_at([&](const PageEntry& entry) { return entry.id <= *request.after; });
  if (request.before && !request.before->empty())
    range.end = first_at([&](const PageEntry& entry) { return entry.id < *request.before; });
  if (request.index) range.begin = std::min<size_t>(*request.index, entries.size());
  const size_t count = range.end - range.begin;
  const size_t max = std::min<size_t>(request.max.value_or(UINT32_MAX), count);
  if (request.before) {
    range.begin = range.end - max;
  } else {
    range.end = range.begin + max;
  }
  return range;
}

// Leaves out what is furthest from where the request begins.
Range within_bytes(const std::vector<PageEntry>& entries, Range range, bool backwards,
                   std::string_view ns) {
  size_t bytes = frame_bytes, taken = 0;
  const size_t count = range.end - range.begin;
  for (; taken < count; ++taken) {
    const PageEntry& entry = entries[backwards ? range.end - 1 - taken : range.begin + taken];
    bytes += xml::write(entry.element, ns).size();
    if (bytes + 2 * entry.id.size() > limits::registry_answer_bytes_max && taken > 0) break;
  }
  if (backwards) {
    range.begin = range.end - taken;
  } else {
    range.end = range.begin + taken;
  }
  return range;
}

}  // namespace

xml::Element page_of(xml::Element root, std::vector<PageEntry> entries,
                     const xmpp::PageRequest& request) {
  const bool asked = request != xmpp::PageRequest{};
  const Range range =
      within_bytes(entries, asked_for(entries, request), request.before.has_value(), root.ns());
  xmpp::Page page;
  page.count = static_cast<uint32_t>(entries.size());
  if (range.begin < range.end) {
    page.first = entries[range.begin].id;
    page.last = entries[range.end - 1].id;
    page.first_index = static_cast<uint32_t>(range.begin);
  }
  for (size_t at = range.begin; at < range.end; ++at) root.add(std::move(entries[at].element));
  if (asked || range.end - range.begin < entries.size()) root.add(xmpp::to_element(page));
  return root;
}

}  // namespace xbus::registry
