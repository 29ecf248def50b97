// What a command line takes, as data: what help, manual pages and completion are made of.
#pragma once
#include <string>
#include <vector>

namespace xbus::common {

// An option, or a position where the name has no dashes.
struct OptionShape {
  enum class Takes { nothing, one, maybe, many };
  std::string name;  // "-o,--output", "SERVICE"
  std::string help;
  Takes takes = Takes::one;
  std::vector<std::string> words;  // the only values, where there are few
  bool required = false;

  bool is_position() const { return !name.starts_with('-'); }
};

// A command as it is typed, and what it does.
struct Example {
  std::string command, says;
};

struct SectionShape {
  struct Entry {
    std::string term, text;
  };
  std::string title;  // "Exit status"
  std::vector<Entry> entries;
};

// A program, a verb, or an action of a verb.
struct CommandShape {
  std::string name, about;
  std::vector<std::string> details;  // paragraphs
  std::vector<OptionShape> options;
  std::vector<CommandShape> verbs;
  std::vector<Example> examples;
  std::vector<SectionShape> sections;
  bool hidden = false;  // not for people

  const CommandShape* find(const std::string& verb) const {
    for (const CommandShape& each : verbs)
      if (each.name == verb) return &each;
    return nullptr;
  }
};

}  // namespace xbus::common
