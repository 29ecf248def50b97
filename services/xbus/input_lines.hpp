// Standard input line by line, as it comes, beside a loop that goes on meanwhile.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "bus/net/loop.hpp"
#include "bus/result.hpp"
#include "bus/task.hpp"

namespace xbus::cli {

// A thread reads ahead by a few lines and no further. One reader at a time. The destructor ends the thread, whether or
// not there is anything to read.
class InputLines {
 public:
  InputLines(net::Loop& loop, int fd, size_t line_bytes_max);
  ~InputLines();
  InputLines(const InputLines&) = delete;
  InputLines& operator=(const InputLines&) = delete;

  // The next line without its line feed; nothing at the end, which a last line without one is not. The error says what
  // is wrong: a line that is too long, an input that cannot be read.
  Task<Result<std::optional<std::string>, std::string>> next();
  // next() gives the end from now on, also the one under way.
  void stop();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace xbus::cli
