// Latencies of very many calls in logarithmic buckets: of bounded size, each value known to 1 in
// 256.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bus/clock.hpp"

namespace xbus::cli {

class Latencies {
 public:
  void add(Duration took);  // negative counts as 0

  uint64_t count() const { return count_; }
  // Zero without any.
  Duration least() const { return count_ == 0 ? Duration{} : least_; }
  Duration most() const { return most_; }
  Duration mean() const;
  // What `share` of all (0 to 1) do not exceed: the middle of its bucket, within least() and
  // most().
  Duration at(double share) const;

  // How many lie in [from, to), half octaves from the first that has any to the last.
  struct Bar {
    Duration from, to;
    uint64_t count = 0;
  };
  std::vector<Bar> bars() const;

 private:
  static constexpr unsigned fine_bits = 8;  // buckets of an octave: 1 << fine_bits
  static constexpr size_t octaves = 64 - fine_bits;
  static size_t index_of(uint64_t nanoseconds);
  static uint64_t begin_of(size_t index);

  // Exact up to 1 << fine_bits, then an octave after the other.
  std::array<uint64_t, (octaves + 1) << fine_bits> buckets_{};
  uint64_t count_ = 0;
  Duration least_{}, most_{};
  double sum_ = 0;  // nanoseconds
};

}  // namespace xbus::cli
