// Which of a node's items is the how manieth: their keys in order, with what a catch-up looks for.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bus/clock.hpp"

namespace xbus::router::pubsub {

// A value. Blocks of neighbours: a place among a million is found by adding up some thousand sizes, and an item in the
// middle comes or goes without moving all behind it.
class Places {
 public:
  struct Entry {
    int64_t seq = 0;
    Timestamp published;
    uint32_t publisher = 0;  // a hash
  };

  void insert(const Entry& entry);  // whose seq is not there
  void erase(int64_t seq);          // nothing happens where it is not there
  void clear();
  size_t size() const { return size_; }
  // How many have a smaller seq.
  size_t before(int64_t seq) const;
  // The seq of that one; place < size().
  int64_t at(size_t place) const;
  // Calls `visit` with each entry from place `from` up to `to`.
  template <class Visit>
  void each(size_t from, size_t to, Visit visit) const {
    size_t first = 0;  // place of the block's first
    for (const std::vector<Entry>& block : blocks_) {
      if (first >= to) return;
      size_t begin = from > first ? from - first : 0;
      size_t end = std::min(block.size(), to - first);
      for (size_t i = begin; i < end; ++i) visit(block[i]);
      first += block.size();
    }
  }

 private:
  // The block where the seq is, or would be.
  size_t block_of(int64_t seq) const;

  std::vector<std::vector<Entry>> blocks_;  // none of them empty
  size_t size_ = 0;
};

}  // namespace xbus::router::pubsub
