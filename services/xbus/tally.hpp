// How many calls ended how, and how long those took that succeeded.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "bus/clock.hpp"
#include "rpc/fault.hpp"

namespace xbus::cli {

class Tally {
 public:
  void add(Duration took);
  void add(const Fault& fault);

  // 0, or the exit status of the first fault.
  int status() const { return status_; }
  // "5 calls: 4 done, 1 timeout; 0.21 ms fastest, 0.30 median, 0.90 95 %, 0.90 slowest". Times are
  // exact up to 100,000 calls, beyond it those of the last ones.
  std::string text() const;

 private:
  size_t done_ = 0;
  size_t next_ = 0;  // place in times_ that is replaced next, when it is full
  std::vector<Duration> times_;
  std::map<std::string, size_t> faults_;
  int status_ = 0;
};

}  // namespace xbus::cli
