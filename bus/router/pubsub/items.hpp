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
#include "bus/router/pubsub/places.hpp"

namespace xbus::router::pubsub {

struct Item {
  int64_t seq = 0;  // unique on the service, ascending; the payload's key in the store
  std::string id;
  std::string publisher;  // bare JID
  Timestamp published;
  uint32_t bytes = 0;  // of the payload
  bool operator==(const Item&) const = default;
};

// What XEP-0395 compares: another one for each publication, also of what was there under the same id.
std::string compared_value(const Item& item);

// Which of the items a request asks for, and which page of those (XEP-0059): always in the order of publication.
struct ItemQuery {
  std::vector<std::string> ids = {};    // these alone, as asked for; unknown ones are left out, and there is one page
  std::optional<uint32_t> newest = {};  // the last so many
  // ---- What a catch-up asks for (XEP-0313 section 4.1) ----
  std::optional<std::string> after_id = {}, before_id = {};  // between these two
  std::optional<Timestamp> start = {}, end = {};             // published then, later, earlier
  std::optional<std::string> publisher = {};                 // by that bare JID
  std::optional<std::vector<std::string>> among = {};        // these, each of which must be there
  // ---- The page ----
  // Of the item with that id; `before` empty: the last page.
  std::optional<std::string> after = {}, before = {};
  std::optional<size_t> index = {};  // from that one on, 0 the first
  bool from_start = false;           // where nothing says which: the first page, else the last
  size_t count_at_most = 0;
  size_t bytes_at_most = 0;  // of the items together; one item always fits
  // What an item weighs beside its payload: so many times its id and publisher, and so many bytes more.
  size_t names_times = 0, bytes_beside = 0;
};

struct ItemPage {
  std::vector<Item> items;
  std::optional<size_t> first_index;  // of the first of them in the whole; none on an empty page
  size_t count = 0;       // in the whole
  bool cut = false;       // there are more than these
  bool complete = false;  // nothing follows in the direction of paging
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

  // nullopt: an item that must be there is not.
  std::optional<ItemPage> page(const ItemQuery& query) const;

 private:
  // The result set that pages are cut from.
  class Matching;
  std::optional<Matching> matching(const ItemQuery& query) const;

  std::map<int64_t, Item> by_seq_;
  std::unordered_map<std::string_view, int64_t> by_id_;  // the ids of by_seq_, whose nodes do not move
  Places places_;  // the same keys
  uint64_t bytes_ = 0;
};

}  // namespace xbus::router::pubsub
