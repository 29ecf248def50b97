#include "bus/xmpp/rsm.hpp"

#include <charconv>

namespace xbus::xmpp {

namespace {

std::optional<uint32_t> number_of(std::string_view text) {
  uint32_t value = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> text_in(const xml::Element& set, std::string_view name) {
  const xml::Element* child = set.first(name, ns_rsm);
  if (!child) return std::nullopt;
  return child->text();
}

xml::Element empty_set() { return xml::Element("set", std::string(ns_rsm)); }

}  // namespace

xml::Element to_element(const PageRequest& request) {
  xml::Element set = empty_set();
  if (request.max) set.add("max").add_text(std::to_string(*request.max));
  if (request.after) set.add("after").add_text(*request.after);
  if (request.before) {
    xml::Element& before = set.add("before");
    if (!request.before->empty()) before.add_text(*request.before);
  }
  if (request.index) set.add("index").add_text(std::to_string(*request.index));
  return set;
}

xml::Element to_element(const Page& page) {
  xml::Element set = empty_set();
  if (page.first) {
    xml::Element& first = set.add("first");
    if (page.first_index) first.set("index", std::to_string(*page.first_index));
    first.add_text(*page.first);
  }
  if (page.last) set.add("last").add_text(*page.last);
  if (page.count) set.add("count").add_text(std::to_string(*page.count));
  return set;
}

Result<PageRequest, RsmError> page_request_from(const xml::Element& query) {
  PageRequest request;
  const xml::Element* set = query.first("set", ns_rsm);
  if (!set) return request;
  if (auto max = text_in(*set, "max")) {
    request.max = number_of(*max);
    if (!request.max) return Err{RsmError::bad_number};
  }
  if (auto index = text_in(*set, "index")) {
    request.index = number_of(*index);
    if (!request.index) return Err{RsmError::bad_number};
  }
  request.after = text_in(*set, "after");
  request.before = text_in(*set, "before");
  if (int{request.after.has_value()} + int{request.before.has_value()} +
          int{request.index.has_value()} >
      1) {
    return Err{RsmError::conflicting};
  }
  return request;
}

std::optional<Page> page_from(const xml::Element& query) {
  const xml::Element* set = query.first("set", ns_rsm);
  if (!set) return std::nullopt;
  Page page{.first = text_in(*set, "first"),
            .last = text_in(*set, "last"),
            .first_index = {},
            .count = {}};
  if (const xml::Element* first = set->first("first", ns_rsm))
    page.first_index = number_of(first->attr_or("index", ""));
  if (auto count = text_in(*set, "count")) page.count = number_of(*count);
  return page;
}

}  // namespace xbus::xmpp
