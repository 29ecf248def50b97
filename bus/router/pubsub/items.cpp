#include "bus/router/pubsub/items.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace xbus::router::pubsub {
namespace {

uint32_t hash_of(std::string_view publisher) {
  return static_cast<uint32_t>(std::hash<std::string_view>()(publisher));
}

}  // namespace

// The time beside the number: after a restart the number of an item that had gone may be another's.
std::string compared_value(const Item& item) {
  return std::to_string(item.seq) + '-' + std::to_string(item.published.time_since_epoch().count());
}

// A stretch of the items, or some of them picked out.
class Items::Matching {
 public:
  Matching(const Places& places, size_t from, size_t to) : places_(&places), from_(from), to_(std::max(from, to)) {}

  size_t to() const { return to_; }
  void pick(std::vector<int64_t> seqs) { picked_ = std::move(seqs); }
  size_t size() const { return picked_ ? picked_->size() : to_ - from_; }
  int64_t at(size_t i) const { return picked_ ? (*picked_)[i] : places_->at(from_ + i); }
  // How many have a smaller seq.
  size_t before(int64_t seq) const {
    if (picked_)
      return static_cast<size_t>(std::lower_bound(picked_->begin(), picked_->end(), seq) - picked_->begin());
    return std::clamp(places_->before(seq), from_, to_) - from_;
  }

 private:
  const Places* places_;
  size_t from_, to_;
  std::optional<std::vector<int64_t>> picked_;
};

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
  places_.insert({seq, place->second.published, hash_of(place->second.publisher)});
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
  places_.erase(seq);
  return item;
}

std::vector<int64_t> Items::clear() {
  std::vector<int64_t> keys;
  keys.reserve(by_seq_.size());
  for (const auto& [seq, item] : by_seq_) keys.push_back(seq);
  by_id_.clear();
  by_seq_.clear();
  places_.clear();
  bytes_ = 0;
  return keys;
}

std::optional<Items::Matching> Items::matching(const ItemQuery& query) const {
  size_t from = 0, to = size();
  if (query.newest && *query.newest < to) from = to - *query.newest;
  if (query.after_id) {
    const Item* item = find(*query.after_id);
    if (item == nullptr) return {};
    from = std::max(from, places_.before(item->seq) + 1);
  }
  if (query.before_id) {
    const Item* item = find(*query.before_id);
    if (item == nullptr) return {};
    to = std::min(to, places_.before(item->seq));
  }
  Matching all(places_, from, to);
  std::optional<std::vector<int64_t>> among;
  if (query.among) {
    among.emplace();
    for (const std::string& id : *query.among) {
      const Item* item = find(id);
      if (item == nullptr) return {};
      among->push_back(item->seq);
    }
    std::sort(among->begin(), among->end());
  }
  if (!among && !query.start && !query.end && !query.publisher) return all;
  // The clock may have been set back between two items, so each is looked at. Of publishers the hash is; page() compares
  // the few that it takes.
  const uint32_t hash = query.publisher ? hash_of(*query.publisher) : 0;
  auto matches = [&](const Places::Entry& entry) {
    if ((query.start && entry.published < *query.start) || (query.end && entry.published > *query.end)) return false;
    if (among && !std::binary_search(among->begin(), among->end(), entry.seq)) return false;
    return !query.publisher || entry.publisher == hash;
  };
  size_t place = from, first = from, behind = from, count = 0;
  places_.each(from, all.to(), [&](const Places::Entry& entry) {
    ++place;
    if (!matches(entry)) return;
    if (count++ == 0) first = place - 1;
    behind = place;
  });
  Matching found(places_, first, behind);
  if (found.size() == count) return found;  // as nearly always when asked by time
  std::vector<int64_t> picked;
  picked.reserve(count);
  places_.each(first, behind, [&](const Places::Entry& entry) {
    if (matches(entry)) picked.push_back(entry.seq);
  });
  found.pick(std::move(picked));
  return found;
}

std::optional<ItemPage> Items::page(const ItemQuery& query) const {
  ItemPage page;
  size_t bytes = 0;
  auto fits = [&](const Item& item) {
    if (query.publisher && item.publisher != *query.publisher) return true;  // of the same hash
    size_t weight = item.bytes + query.names_times * (item.id.size() + item.publisher.size()) + query.bytes_beside;
    if (page.items.size() >= query.count_at_most || (!page.items.empty() && bytes + weight > query.bytes_at_most))
      return false;
    bytes += weight;
    page.items.push_back(item);
    return true;
  };
  if (!query.ids.empty()) {
    page.complete = true;
    for (const std::string& id : query.ids) {
      const Item* item = find(id);
      if (item == nullptr || fits(*item)) continue;
      page.cut = true;
      page.complete = false;
      break;
    }
    page.count = page.items.size();
    return page;
  }
  const std::optional<Matching> all = matching(query);
  if (!all) return {};
  page.count = all->size();
  size_t from = query.index ? std::min(*query.index, page.count) : 0, to = page.count;
  if (query.after) {
    const Item* item = find(*query.after);
    if (item == nullptr) return {};
    from = all->before(item->seq + 1);
  }
  if (query.before && !query.before->empty()) {
    const Item* item = find(*query.before);
    if (item == nullptr) return {};
    to = all->before(item->seq);
  }
  if (query.after || query.index || (query.from_start && !query.before)) {
    size_t at = from;
    while (at < to && fits(by_seq_.at(all->at(at)))) ++at;
    page.complete = at == to;
  } else {
    // Backwards from the end of the page.
    while (to > from && fits(by_seq_.at(all->at(to - 1)))) --to;
    std::reverse(page.items.begin(), page.items.end());
    page.complete = to == from;
    from = to;
  }
  if (!page.items.empty()) page.first_index = from;  // XEP-0059: may be approximate, where hashes are the same
  page.cut = page.items.size() < page.count;
  return page;
}

}  // namespace xbus::router::pubsub
