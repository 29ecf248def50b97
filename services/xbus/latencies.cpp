#include "services/xbus/latencies.hpp"

#include <algorithm>
#include <bit>

namespace xbus::cli {
namespace {

Duration of(uint64_t nanoseconds) { return Duration(static_cast<Duration::rep>(nanoseconds)); }

}  // namespace

size_t Latencies::index_of(uint64_t nanoseconds) {
  if (nanoseconds < (uint64_t{1} << fine_bits)) return nanoseconds;
  const auto octave = static_cast<size_t>(std::bit_width(nanoseconds)) - 1 - fine_bits;
  const uint64_t within = (nanoseconds >> octave) & ((uint64_t{1} << fine_bits) - 1);
  return ((octave + 1) << fine_bits) + within;
}

uint64_t Latencies::begin_of(size_t index) {
  const size_t octave = index >> fine_bits;
  const uint64_t within = index & ((size_t{1} << fine_bits) - 1);
  if (octave == 0) return within;
  return ((uint64_t{1} << fine_bits) + within) << (octave - 1);
}

void Latencies::add(Duration took) {
  took = std::max(took, Duration{});
  const auto nanoseconds = static_cast<uint64_t>(took.count());
  ++buckets_[index_of(nanoseconds)];
  least_ = count_ == 0 ? took : std::min(least_, took);
  most_ = std::max(most_, took);
  sum_ += static_cast<double>(nanoseconds);
  ++count_;
}

Duration Latencies::mean() const {
  if (count_ == 0) return {};
  return Duration(static_cast<Duration::rep>(sum_ / static_cast<double>(count_)));
}

Duration Latencies::at(double share) const {
  if (count_ == 0) return {};
  const double rank = std::clamp(share, 0.0, 1.0) * static_cast<double>(count_);
  if (rank >= static_cast<double>(count_)) return most_;
  uint64_t seen = 0;
  for (size_t i = 0; i + 1 < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (buckets_[i] == 0 || static_cast<double>(seen) < rank) continue;
    const uint64_t begin = begin_of(i), end = begin_of(i + 1);
    return std::clamp(of(begin + (end - begin) / 2), least_, most_);
  }
  return most_;
}

std::vector<Latencies::Bar> Latencies::bars() const {
  constexpr size_t half = size_t{1} << (fine_bits - 1);
  std::vector<Bar> out;
  if (count_ == 0) return out;
  const size_t first = index_of(static_cast<uint64_t>(least_.count())) / half * half;
  const size_t last = index_of(static_cast<uint64_t>(most_.count()));
  for (size_t i = first; i <= last; i += half) {
    const size_t end = std::min(i + half, buckets_.size() - 1);
    Bar bar{of(begin_of(i)), of(begin_of(end)), 0};
    for (size_t k = i; k < end; ++k) bar.count += buckets_[k];
    out.push_back(bar);
  }
  return out;
}

}  // namespace xbus::cli
