#include "services/xbus/tally.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace xbus::cli {
namespace {

constexpr size_t times_kept = 100'000;

std::string milliseconds(Duration time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f",
                std::chrono::duration<double, std::milli>(time).count());
  return text.data();
}

}  // namespace

void Tally::add(Duration took) {
  ++done_;
  if (times_.size() < times_kept) {
    times_.push_back(took);
    return;
  }
  times_[next_] = took;
  next_ = (next_ + 1) % times_.size();
}

void Tally::add(const Fault& fault) {
  ++faults_[std::string(fault.kind_name())];
  if (status_ == 0) status_ = exit_status(fault.kind());
}

std::string Tally::text() const {
  size_t all = done_;
  for (const auto& [kind, count] : faults_) all += count;
  std::string out =
      std::to_string(all) + (all == 1 ? " call: " : " calls: ") + std::to_string(done_) + " done";
  for (const auto& [kind, count] : faults_) out += ", " + std::to_string(count) + " " + kind;
  if (times_.empty()) return out;
  std::vector<Duration> sorted = times_;
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](size_t percent) { return sorted[(sorted.size() - 1) * percent / 100]; };
  return out + "; " + milliseconds(sorted.front()) + " ms fastest, " + milliseconds(at(50)) +
         " median, " + milliseconds(at(95)) + " 95 %, " + milliseconds(sorted.back()) + " slowest";
}

}  // namespace xbus::cli
