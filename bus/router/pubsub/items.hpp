// The items that a node keeps, in the order in which they were published: what is known of each without its payload,
// which is in the store.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bus/clock.hpp"

namespace xbus::router::pubsub {

struct Item {
  int64_t seq = 0;  // unique on the service, ascending; the payload's key in the store
  std::string id;
  std::string publisher;  // bare JID
  Timestamp published;
  uint32_t bytes = 0;  // of the payload
  bool operator==(const Item&) const = default;
};

// Which of the items a request asks for; pages go from the oldest to the newest (XEP-0059).
struct ItemQuery {
  std::vector<std::string> ids = {};      // these alone; unknown ones are left out
  std::optional<uint32_t> newest = {};    // the last so many
  // Of the item with that id; `before` empty: the last page.
  std::optional<std::string> after = {}, before = {};
  size_t count_at_most = 0;
  size_t bytes_at_most = 0;  // of payloads together; one item always fits
};

struct ItemPage {
  std::vector<Item> items;
  std::optional<size_t> first_index;  // of the first of them in the whole, where it costs nothing to know
  size_t count = 0;        // in the whole
  bool cut = false;        // there are more than these
};

// A value. An item published again under its id moves to the end.
class Items {
 public:
  size_t size() const { return by_seq_.size(); }
  uint64_t bytes() const { return bytes_; }
  bool empty() const { return by_seq_.empty(); }
  const Item* find(std::string_view id) const;
  const Item* oldest() const { return empty() ? nullptr : &by_seq_.begin()->second; }
  const Item* newest() const { return empty() ? nullptr : &by_seq_.rbegin()->second; }
  const std::map<int64_t, Item>& all() const { return by_seq_; }

  // The item that had the id before, if any. `seq` is above that of all that are there.
  std::optional<Item> put(Item item);
  // Nothing happens where the id is taken: for undoing.
  void restore(Item item);
  std::optional<Item> remove(std::string_view id);
  std::optional<Item> remove(int64_t seq);
  std::vector<int64_t> clear();  // the keys of what was there

  // nullopt: `after` or `before` names no item that is there.
  std::optional<ItemPage> page(const ItemQuery& query) const;

 private:
  std::map<int64_t, Item> by_seq_;
  std::unordered_map<std::string_view, int64_t> by_id_;  // the ids of by_seq_, whose nodes do not move
  uint64_t bytes_ = 0;
};

}  // namespace xbus::router::pubsub
