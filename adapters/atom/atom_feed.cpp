#include "adapters/atom/atom_feed.hpp"

#include <array>

#include "adapters/atom/dates.hpp"
#include "adapters/atom/plain_text.hpp"
#include "adapters/atom/reference.hpp"
#include "bus/limits_feeds.hpp"

namespace xbus::atom {
namespace {

constexpr std::string_view ns_xml = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view ns_xhtml = "http://www.w3.org/1999/xhtml";

// HTML has no end tags for these.
bool is_void(std::string_view name) {
  constexpr std::array<std::string_view, 13> names = {"area",  "base", "br",   "col",   "embed",  "hr", "img",
                                                      "input", "link", "meta", "param", "source", "wbr"};
  for (const std::string_view each : names)
    if (each == name) return true;
  return false;
}

void write_html(std::string& out, const xml::Element& parent) {
  for (const xml::Node& node : parent.nodes()) {
    if (!node.is_element()) {
      xml::escape_text(out, node.text);
      continue;
    }
    const xml::Element& element = node.element.front();
    out += "<" + element.name();
    for (const xml::Attribute& attribute : element.attributes()) {
      if (!attribute.ns.empty()) continue;
      out += " " + attribute.name + "=\"";
      xml::escape_attribute(out, attribute.value);
      out += '"';
    }
    out += '>';
    if (is_void(element.name())) continue;
    write_html(out, element);
    out += "</" + element.name() + ">";
  }
}

std::string trimmed(std::string text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string text_of(const xml::Element& parent, std::string_view name) {
  const xml::Element* child = parent.first(name, ns_atom);
  return child ? trimmed(child->text()) : std::string();
}

std::optional<Timestamp> date_of(const xml::Element& parent, std::string_view name) {
  return parse_date(text_of(parent, name));
}

// Person constructs (section 3.2): names, in order.
std::string authors_of(const xml::Element& parent) {
  std::string out;
  for (const xml::Element* author : parent.elements("author", ns_atom)) {
    const std::string name = one_line(text_of(*author, "name"));
    if (name.empty() || out.size() > limits::feed_text_bytes_max) continue;
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

// Section 4.1.3: what is elsewhere or is no text is left out.
Text content_of(const xml::Element& entry) {
  const xml::Element* content = entry.first("content", ns_atom);
  if (!content || content->attr("src")) return {};
  const std::string_view type = content->attr_or("type", "text");
  if (type == "text" || type == "html" || type == "xhtml") return text_construct(*content);
  if (type == "text/html") return {Text::Type::html, content->text()};
  if (type.starts_with("text/")) return {Text::Type::text, content->text()};
  return {};
}

Text summary_of(const xml::Element& entry) {
  const xml::Element* summary = entry.first("summary", ns_atom);
  return summary ? text_construct(*summary) : Text{};
}

}  // namespace

std::string base_of(std::string_view outer, const xml::Element& element) {
  const std::string* own = element.attr("base", ns_xml);
  const bool used = own && own->size() <= limits::feed_uri_bytes_max;
  return used ? resolve(outer, *own) : std::string(outer);
}

Text text_construct(const xml::Element& element) {
  const std::string_view type = element.attr_or("type", "text");
  if (type == "html" || type == "text/html") return {Text::Type::html, trimmed(element.text())};
  if (type == "xhtml") {
    std::string out;
    const xml::Element* div = element.first("div", ns_xhtml);
    write_html(out, div ? *div : element);
    return {Text::Type::html, trimmed(std::move(out))};
  }
  return {Text::Type::text, trimmed(element.text())};
}

std::string line_of(const xml::Element* construct) {
  if (!construct) return {};
  const Text text = text_construct(*construct);
  return text.type == Text::Type::html ? plain_text(text.value) : one_line(text.value);
}

std::string alternate_link(const xml::Element& parent, std::string_view base) {
  std::string best;
  bool best_is_page = false;
  for (const xml::Element* link : parent.elements("link", ns_atom)) {
    const std::string_view rel = link->attr_or("rel", "alternate");
    if (rel != "alternate" && rel != "http://www.iana.org/assignments/relation/alternate") continue;
    std::string found = link_of(base_of(base, *link), link->attr_or("href", ""));
    const std::string_view type = link->attr_or("type", "text/html");
    const bool is_page = type == "text/html" || type == "application/xhtml+xml";
    if (found.empty() || !(best.empty() || (is_page && !best_is_page))) continue;
    best = std::move(found);
    best_is_page = is_page;
  }
  return best;
}

Entry atom_entry(const xml::Element& element, std::string_view outer) {
  const std::string base = base_of(outer, element);
  Entry entry;
  entry.id = text_of(element, "id");
  entry.title = line_of(element.first("title", ns_atom));
  entry.link = alternate_link(element, base);
  entry.updated = date_of(element, "updated");
  entry.published = date_of(element, "published");
  entry.author = authors_of(element);
  const xml::Element* source = element.first("source", ns_atom);
  if (entry.author.empty() && source) entry.author = authors_of(*source);
  entry.summary = summary_of(element);
  entry.content = content_of(element);
  return entry;
}

Feed atom_feed(const xml::Element& element, std::string_view outer) {
  const std::string base = base_of(outer, element);
  Feed feed;
  feed.id = text_of(element, "id");
  feed.title = line_of(element.first("title", ns_atom));
  feed.link = alternate_link(element, base);
  feed.author = authors_of(element);
  feed.updated = date_of(element, "updated");
  for (const xml::Element* entry : element.elements("entry", ns_atom)) {
    if (feed.entries.size() == limits::feed_entries_max) break;
    feed.entries.push_back(atom_entry(*entry, base));
    if (feed.entries.back().author.empty()) feed.entries.back().author = feed.author;  // section 4.2.1
  }
  return feed;
}

}  // namespace xbus::atom
