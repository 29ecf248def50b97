// SeenItems: which items of a topic a watcher has told, so that each is told once however it comes: as an event, or from
// a retrieval.
#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bus/xmpp/pubsub_answer.hpp"

namespace xbus {

// What stands for the content of an item; the same for the same element however it was written. nullopt: its payload was
// not sent along.
std::optional<uint64_t> content_of(const xmpp::PubsubItem& item);

// An id may be published again with another content, which is a new item (XEP-0060 section 7.1.2). Pure.
class SeenItems {
 public:
  // Remembers the ids that came last.
  explicit SeenItems(size_t most) : most_(most) {}

  // True where the item is to be told: an id that is new, or another content than that id had last. An item without an
  // id is always new; one without a content is new only when its id is.
  bool add(const std::string& id, std::optional<uint64_t> content);
  bool knows(const std::string& id) const { return by_id_.contains(id); }
  // The content that the id had last; nullopt: not known.
  std::optional<uint64_t> content(const std::string& id) const;
  size_t size() const { return by_id_.size(); }

 private:
  struct Entry {
    std::optional<uint64_t> content;
    std::list<std::string>::iterator place;
  };
  size_t most_;
  std::list<std::string> order_;  // the oldest first
  std::unordered_map<std::string, Entry> by_id_;
};

}  // namespace xbus
