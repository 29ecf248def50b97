// The line at the foot of a terminal that says how far a verb is, written over again and again.
#pragma once
#include <string_view>

#include "services/xbus/terminal.hpp"

namespace xbus::cli {

// On standard error, and only where that is a terminal. The destructor clears the line.
class ProgressLine {
 public:
  explicit ProgressLine(const Terminal& terminal) : on_(terminal.person) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool on() const { return on_; }
  // The text is printable and fits the terminal.
  void show(std::string_view text);
  void clear();

 private:
  bool on_, shown_ = false;
};

}  // namespace xbus::cli
