#include "adapters/atom/reader.hpp"

#include "adapters/atom/atom_feed.hpp"
#include "adapters/atom/document.hpp"
#include "adapters/atom/rss_feed.hpp"

namespace xbus::atom {
namespace {

std::string words_for(const DocumentTrouble& trouble) {
  std::string why = "this is no well-formed XML";
  switch (trouble.kind) {
    case DocumentTrouble::Kind::not_xml:
      break;
    case DocumentTrouble::Kind::definitions:
      why = "a document type with definitions of its own is refused";
      break;
    case DocumentTrouble::Kind::too_large:
      why = "this is larger than a feed may be";
      break;
    case DocumentTrouble::Kind::too_deep:
      why = "elements stand too deep inside each other";
      break;
  }
  return "line " + std::to_string(trouble.line) + ": " + why;
}

}  // namespace

Result<Feed, std::string> read_feed(std::string_view bytes, const ReadOptions& options) {
  const auto root = read_document(bytes, options.charset);
  if (!root) return Err{words_for(root.error())};
  Feed feed;
  if (root->is("feed", ns_atom)) {
    feed = atom_feed(*root, options.location);
  } else if (root->is("entry", ns_atom)) {  // a document of one entry (RFC 4287 section 2)
    feed.entries.push_back(atom_entry(*root, options.location));
  } else if (is_rss(*root)) {
    feed = rss_feed(*root, options.location);
  } else {
    return Err{std::string("this is XML, and neither Atom nor RSS")};
  }
  if (feed.id.empty()) feed.id = feed.link;
  complete(feed);
  return feed;
}

}  // namespace xbus::atom
