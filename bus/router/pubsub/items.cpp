#include "bus/router/pubsub/items.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace xbus::router::pubsub {

const Item* Items::find(std::string_view id) const {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &by_seq_.at(found->second);
}

std::optional<Item> Items::put(Item item) {
  std::optional<Item> before = remove(item.id);
  bytes_ += item.bytes;
  int64_t seq = item.seq;
  auto place = by_seq_.emplace(seq, std::move(item)).first;
  by_id_.emplace(place->second.id, seq);
  return before;
}

void Items::restore(Item item) {
  if (by_id_.contains(item.id) || by_seq_.contains(item.seq)) return;
  put(std::move(item));
}

std::optional<Item> Items::remove(std::string_view id) {
  auto found = by_id_.find(id);
  if (found == by_id_.end()) return {};
  return remove(found->second);
}

std::optional<Item> Items::remove(int64_t seq) {
  auto found = by_seq_.find(seq);
  if (found == by_seq_.end()) return {};
  by_id_.erase(found->second.id);
  bytes_ -= found->second.bytes;
  Item item = std::move(found->second);
  by_seq_.erase(found);
  return item;
}

std::vector<int64_t> Items::clear() {
  std::vector<int64_t> keys;
  keys.reserve(by_seq_.size());
  for (const auto& [seq, item] : by_seq_) keys.push_back(seq);
  by_id_.clear();
  by_seq_.clear();
  bytes_ = 0;
  return keys;
}

std::optional<ItemPage> Items::page(const ItemQuery& query) const {
  ItemPage page;
  size_t bytes = 0;
  auto fits = [&](const Item& item) {
    if (page.items.size() >= query.count_at_most ||
        (!page.items.empty() && bytes + item.bytes > query.bytes_at_most)) {
      page.cut = true;
      return false;
    }
    bytes += item.bytes;
    page.items.push_back(item);
    return true;
  };
  page.count = size();
  if (!query.ids.empty()) {
    for (const std::string& id : query.ids) {
      const Item* item = find(id);
      if (item != nullptr && !fits(*item)) break;
    }
    page.count = page.items.size();
    return page;
  }
  auto at = [&](const std::string& id) {
    auto found = by_id_.find(id);
    return found == by_id_.end() ? by_seq_.end() : by_seq_.find(found->second);
  };
  if (query.after) {
    auto from = at(*query.after);
    if (from == by_seq_.end()) return {};
    ++from;
    while (from != by_seq_.end() && fits(from->second)) ++from;
    if (from == by_seq_.end()) page.first_index = size() - page.items.size();
    return page;
  }
  // Backwards from the end of the page.
  auto end = by_seq_.end();
  if (query.before && !query.before->empty()) {
    end = at(*query.before);
    if (end == by_seq_.end()) return {};
  }
  size_t wanted = query.newest ? *query.newest : size();
  auto from = end;
  while (from != by_seq_.begin() && page.items.size() < wanted && fits(std::prev(from)->second))
    --from;
  std::reverse(page.items.begin(), page.items.end());
  if (end == by_seq_.end()) page.first_index = size() - page.items.size();
  if (from == by_seq_.begin()) page.first_index = 0;
  return page;
}

}  // namespace xbus::router::pubsub
