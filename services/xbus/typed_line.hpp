// A command line that is still being typed: what its words are so far.
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/command_shape.hpp"

namespace xbus::cli {

// Refers to the shape that it was read by.
struct TypedLine {
  std::vector<const common::CommandShape*> path;  // the program, its verb, the verb's action
  std::vector<std::string> positions;             // of the last of them, in order
  std::map<std::string, std::string> options;     // by their long names: "--bus"
  const common::OptionShape* pending = nullptr;   // the last word is this option's value
  std::string before;           // what stands in the last word before that value: "--bus="
  std::string last;             // the word that is being typed, or the value in it; may be empty
  bool only_positions = false;  // behind "--"

  const common::CommandShape& shape() const { return *path.back(); }
  // The option of that name where the last word stands: of the action, the verb or the program.
  const common::OptionShape* option(std::string_view name) const;
  // The position that the last word has; nullptr beyond those that the shape knows.
  const common::OptionShape* position() const;
  // What stands at a position of this name; empty when nothing does.
  std::string at(std::string_view position_name) const;
};

// Reads words behind the program's name; the last one is being typed. `words` is not empty.
TypedLine typed_line(const common::CommandShape& program, std::span<const std::string> words);

// The words of a line as a shell splits it, quotes and backslashes taken off; the last one may be
// empty, or have its quote still open. Nothing is expanded.
std::vector<std::string> words_of_line(std::string_view line);

}  // namespace xbus::cli
