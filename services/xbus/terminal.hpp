// Who reads what the program writes: a person at a terminal, or a program behind a pipe.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace xbus::cli {

struct Terminal {
  bool person = false;  // the stream is a terminal
  bool colour = false;  // a person, NO_COLOR unset or empty, and not a dumb terminal
  size_t width = 80;    // columns

  // What the file descriptor is, with the environment's NO_COLOR, TERM and COLUMNS.
  static Terminal of(int fd);

  // The text in bold, in red, dimmed, where there is colour. Expects printable text.
  std::string bold(std::string_view text) const;
  std::string red(std::string_view text) const;
  std::string dim(std::string_view text) const;
};

}  // namespace xbus::cli
