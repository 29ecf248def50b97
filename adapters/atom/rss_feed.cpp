#include "adapters/atom/rss_feed.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "adapters/atom/atom_feed.hpp"
#include "adapters/atom/dates.hpp"
#include "adapters/atom/plain_text.hpp"
#include "adapters/atom/reference.hpp"
#include "bus/limits_feeds.hpp"

namespace xbus::atom {
namespace {

constexpr std::string_view ns_rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
constexpr std::string_view ns_content = "http://purl.org/rss/1.0/modules/content/";
constexpr std::string_view ns_dc = "http://purl.org/dc/elements/1.1/";

// 2.0 has none, others are those of 1.0, 0.90 and of what some generators write.
constexpr std::array<std::string_view, 5> namespaces = {
    "", "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/",
    "http://channel.netscape.com/rdf/simple/0.9/", "http://backend.userland.com/rss2"};

bool of_rss(const xml::Element& element) {
  for (const std::string_view ns : namespaces)
    if (element.ns() == ns) return true;
  return false;
}

const xml::Element* child(const xml::Element& parent, std::string_view name) {
  for (const xml::Node& node : parent.nodes())
    if (node.is_element() && node.element.front().name() == name && of_rss(node.element.front()))
      return &node.element.front();
  return nullptr;
}

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string text_of(const xml::Element* element) { return element ? trimmed(element->text()) : std::string(); }

// A title is plain text by the book, and HTML by many generators: what has no markup reads the same either way.
std::string title_of(const xml::Element& parent) {
  const std::string text = text_of(child(parent, "title"));
  return text.find_first_of("<&") == text.npos ? one_line(text) : plain_text(text);
}

std::optional<Timestamp> date_of(const xml::Element& parent) {
  const std::array<const xml::Element*, 4> places = {parent.first("updated", ns_atom), child(parent, "pubDate"),
                                                     parent.first("date", ns_dc), child(parent, "lastBuildDate")};
  for (const xml::Element* place : places)
    if (const auto date = parse_date(text_of(place))) return date;
  return std::nullopt;
}

// "jan@example.org (Jan)" is Jan; an address alone stays as it is.
std::string author_of(const xml::Element& item) {
  if (std::string creator = one_line(text_of(item.first("creator", ns_dc))); !creator.empty()) return creator;
  const std::string author = one_line(text_of(child(item, "author")));
  const size_t open = author.find('('), close = author.rfind(')');
  if (author.find('@') < open && close != author.npos && open + 1 < close)
    return author.substr(open + 1, close - open - 1);
  return author;
}

struct Place {
  std::string base;  // of links
  std::string feed;  // what names this feed, for ids that hold only inside of it
};

std::string id_of(const std::string& name, const Place& place) {
  if (name.empty() || is_absolute(name)) return name;
  return named_information(place.feed + "\n" + name);
}

Entry entry_of(const xml::Element& item, const Place& place) {
  const std::string base = base_of(place.base, item);
  const xml::Element* guid = child(item, "guid");
  const std::string* about = item.attr("about", ns_rdf);
  Entry entry;
  entry.id = id_of(guid ? text_of(guid) : about ? trimmed(*about) : std::string(), place);
  entry.title = title_of(item);
  const xml::Element* link = child(item, "link");
  entry.link = link_of(link ? base_of(base, *link) : base, text_of(link));
  if (entry.link.empty()) entry.link = alternate_link(item, base);
  if (entry.link.empty() && guid && guid->attr_or("isPermaLink", "true") == "true")
    entry.link = link_of("", text_of(guid));
  entry.published = date_of(item);
  entry.updated = entry.published;
  entry.author = author_of(item);
  const xml::Element* content = item.first("encoded", ns_content);
  entry.content = {content ? Text::Type::html : Text::Type::text, text_of(content)};
  const xml::Element* description = child(item, "description");
  if (description) entry.summary = {Text::Type::html, text_of(description)};
  if (entry.title.empty() && description) entry.title = plain_text(entry.summary.value);  // 2.0 asks for one of both
  return entry;
}

}  // namespace

bool is_rss(const xml::Element& root) { return (root.name() == "rss" && of_rss(root)) || root.is("RDF", ns_rdf); }

Feed rss_feed(const xml::Element& root, std::string_view outer) {
  Feed feed;
  const xml::Element* channel = child(root, "channel");
  const xml::Element& head = channel ? *channel : root;
  Place place;
  place.base = base_of(base_of(outer, root), head);
  feed.title = title_of(head);
  feed.link = link_of(place.base, text_of(child(head, "link")));
  feed.id = outer.empty() ? feed.link : std::string(outer);
  feed.author = author_of(head);
  feed.updated = date_of(head);
  if (!is_absolute(place.base)) place.base = feed.link;  // a file has no place in the web, its site has
  place.feed = feed.id.empty() ? feed.title : feed.id;
  // In 1.0 items stand beside the channel.
  for (const xml::Element* parent : {&head, &root}) {
    for (const xml::Element* item : parent->elements()) {
      if (item->name() != "item" || !of_rss(*item) || feed.entries.size() == limits::feed_entries_max) continue;
      feed.entries.push_back(entry_of(*item, place));
    }
    if (&head == &root) break;
  }
  return feed;
}

}  // namespace xbus::atom
