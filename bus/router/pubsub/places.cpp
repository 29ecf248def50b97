#include "bus/router/pubsub/places.hpp"

#include <iterator>

namespace xbus::router::pubsub {
namespace {

// A block moves in one go, and a million items have two thousand of them.
constexpr size_t block_entries = 512;

auto place_in(const std::vector<Places::Entry>& block, int64_t seq) {
  return std::lower_bound(block.begin(), block.end(), seq,
                          [](const Places::Entry& entry, int64_t key) { return entry.seq < key; });
}

}  // namespace

size_t Places::block_of(int64_t seq) const {
  auto behind = std::upper_bound(
      blocks_.begin(), blocks_.end(), seq,
      [](int64_t key, const std::vector<Entry>& block) { return key < block.front().seq; });
  return behind == blocks_.begin() ? 0 : static_cast<size_t>(behind - blocks_.begin()) - 1;
}

void Places::insert(const Entry& entry) {
  ++size_;
  // New items go to the end, where a full block is left as it is.
  if (blocks_.empty() ||
      (blocks_.back().size() >= block_entries && entry.seq > blocks_.back().back().seq)) {
    blocks_.push_back({entry});
    return;
  }
  size_t at = block_of(entry.seq);
  blocks_[at].insert(place_in(blocks_[at], entry.seq), entry);
  if (blocks_[at].size() <= block_entries) return;
  auto half = blocks_[at].begin() + block_entries / 2;
  std::vector<Entry> upper(half, blocks_[at].end());
  blocks_[at].erase(half, blocks_[at].end());
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(upper));
}

void Places::erase(int64_t seq) {
  if (blocks_.empty()) return;
  size_t at = block_of(seq);
  auto found = place_in(blocks_[at], seq);
  if (found == blocks_[at].end() || found->seq != seq) return;
  blocks_[at].erase(found);
  --size_;
  auto block = blocks_.begin() + static_cast<std::ptrdiff_t>(at);
  if (block->empty()) {
    blocks_.erase(block);
    return;
  }
  // Two that have become small are one: otherwise few items could lie in many blocks.
  auto next = std::next(block);
  if (next == blocks_.end() || block->size() + next->size() > block_entries / 2) return;
  block->insert(block->end(), next->begin(), next->end());
  blocks_.erase(next);
}

void Places::clear() {
  blocks_.clear();
  size_ = 0;
}

size_t Places::before(int64_t seq) const {
  if (blocks_.empty()) return 0;
  size_t at = block_of(seq), count = 0;
  for (size_t i = 0; i < at; ++i) count += blocks_[i].size();
  return count + static_cast<size_t>(place_in(blocks_[at], seq) - blocks_[at].begin());
}

int64_t Places::at(size_t place) const {
  for (const std::vector<Entry>& block : blocks_) {
    if (place < block.size()) return block[place].seq;
    place -= block.size();
  }
  return 0;
}

}  // namespace xbus::router::pubsub
