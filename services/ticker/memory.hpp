// What one source remembers from one run to the next: what it has published, and what its server said of the last
// answer.
#pragma once
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/atom/feed.hpp"
#include "bus/result.hpp"

namespace xbus::ticker {

// Holds the digests of at most limits::ticker_entries_kept_max entries; those that were seen longest ago are forgotten
// first.
class Memory {
 public:
  Memory() = default;
  Memory(Memory&&) = default;
  Memory& operator=(Memory&&) = default;

  // Of the location that they came from; what was said at another place says nothing here.
  std::string location, etag, last_modified;

  enum class Standing { fresh, changed, known };
  Standing standing(const atom::Entry& entry) const;
  // The entry stands in the feed: published now, or known already.
  void keep(const atom::Entry& entry);
  size_t size() const { return by_id_.size(); }

  // As JSON, in the order in which they were seen.
  std::string text() const;
  // The error is a line for a person.
  static Result<Memory, std::string> from_text(std::string_view text);

 private:
  struct Kept {
    std::string content;
    std::list<std::string>::iterator place;
  };
  void keep(const std::string& id, std::string content);

  std::list<std::string> order_;  // digests of ids, the one seen longest ago first
  std::unordered_map<std::string, Kept> by_id_;
};

// Of a file that is not there: an empty one.
Result<Memory, std::string> read_memory(const std::string& path);
// Whole or not at all, on disk when it returns (fsync, rename). The error is a line for a person.
Result<void, std::string> write_memory(const std::string& path, const Memory& memory);

}  // namespace xbus::ticker
