#include "adapters/atom/entry_element.hpp"

#include <string>
#include <utility>

#include "adapters/atom/atom_feed.hpp"
#include "bus/limits_feeds.hpp"
#include "bus/xmpp/datetime.hpp"

namespace xbus::atom {
namespace {

void add(xml::Element& parent, std::string_view name, const std::string& text) {
  parent.add(std::string(name)).add_text(text);
}

void add(xml::Element& parent, std::string_view name, const Text& text) {
  xml::Element child(name, ns_atom);
  child.set("type", text.type == Text::Type::html ? "html" : "text");
  parent.add(std::move(child.add_text(text.value)));
}

void add_author(xml::Element& parent, const std::string& name) {
  xml::Element author("author", ns_atom);
  add(author, "name", name);
  parent.add(std::move(author));
}

void add_link(xml::Element& parent, const std::string& href) {
  xml::Element link("link", ns_atom);
  link.set("rel", "alternate").set("href", href);
  parent.add(std::move(link));
}

// Section 4.2.11: what the feed says of itself.
xml::Element source_of(const Feed& feed, Timestamp seen) {
  xml::Element source("source", ns_atom);
  add(source, "id", feed.id);
  add(source, "title", feed.title);
  add(source, "updated", xmpp::format_datetime(feed.updated.value_or(seen)));
  if (!feed.link.empty()) add_link(source, feed.link);
  return source;
}

enum class Parts { all, no_content, no_texts };

xml::Element build(const Entry& entry, const Feed& feed, Timestamp seen, Parts parts) {
  xml::Element out("entry", ns_atom);
  add(out, "id", entry.id);
  add(out, "title", entry.title);
  add(out, "updated", xmpp::format_datetime(entry.updated ? *entry.updated : entry.published.value_or(seen)));
  if (entry.published) add(out, "published", xmpp::format_datetime(*entry.published));
  const std::string& author = !entry.author.empty() ? entry.author : !feed.author.empty() ? feed.author : feed.title;
  add_author(out, author.empty() ? "unknown" : author);
  if (!entry.link.empty()) add_link(out, entry.link);
  if (!entry.summary.empty() && parts != Parts::no_texts) add(out, "summary", entry.summary);
  if (!entry.content.empty() && parts == Parts::all) {
    add(out, "content", entry.content);
  } else if (entry.link.empty()) {  // section 4.1.2: without a link there is content
    add(out, "content", Text{Text::Type::text, entry.title});
  }
  if (!feed.id.empty()) out.add(source_of(feed, seen));
  return out;
}

}  // namespace

xml::Element to_element(const Entry& entry, const Feed& feed, Timestamp seen) {
  xml::Element out = build(entry, feed, seen, Parts::all);
  for (const Parts parts : {Parts::no_content, Parts::no_texts}) {
    if (xml::write(out).size() <= limits::entry_bytes_max) break;
    out = build(entry, feed, seen, parts);
  }
  return out;
}

std::optional<Entry> entry_from(const xml::Element& element) {
  if (!element.is("entry", ns_atom)) return std::nullopt;
  Feed one;
  one.entries.push_back(atom_entry(element, {}));
  complete(one);
  return std::move(one.entries.front());
}

}  // namespace xbus::atom
