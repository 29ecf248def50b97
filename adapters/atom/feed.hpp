// A feed as plain data, whatever format it came in: its title and its entries.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/clock.hpp"

namespace xbus::atom {

// Text for people. XHTML is kept as HTML. What is HTML is as the feed has it: whoever shows it must clean it first.
struct Text {
  enum class Type : uint8_t { text, html } type = Type::text;
  std::string value;
  bool empty() const { return value.empty(); }
  bool operator==(const Text&) const = default;
};

struct Entry {
  std::string id;                           // an IRI that stays the same for as long as the entry is there; never empty
  std::string title;                        // plain text, one line; may be empty
  std::string link;                         // http, https or ftp, absolute; else empty
  std::optional<Timestamp> updated = {};    // where the feed says so
  std::optional<Timestamp> published = {};  // likewise
  std::string author;                       // names, separated by ", "; may be empty
  Text summary = {};
  Text content = {};  // may be empty, also where the feed only points to it
  bool operator==(const Entry&) const = default;
};

struct Feed {
  std::string id;     // of an Atom feed; else its link, else where it was read from; may be empty
  std::string title;  // plain text, one line
  std::string link;   // of the site
  std::string author;
  std::optional<Timestamp> updated = {};
  std::vector<Entry> entries;  // in the feed's order, each id once
};

// SHA-256 in hex of everything that an entry says: differs when the entry has been changed.
std::string fingerprint(const Entry& entry);

// An IRI of these bytes (RFC 6920, sha-256), for what has no name of its own.
std::string named_information(std::string_view bytes);

// Gives each entry an id that has none (its link, else one of its content), leaves the later updated of two with the
// same id, and cuts what is beyond limits::feed_*.
void complete(Feed& feed);

}  // namespace xbus::atom
