// What may stand where a word is being typed: verbs, options, services, instances, methods,
// arguments.
#pragma once
#include <string>
#include <vector>

#include "services/xbus/contexts.hpp"
#include "services/xbus/known.hpp"
#include "services/xbus/typed_line.hpp"

namespace xbus::cli {

struct Candidate {
  std::string text;  // the whole word
  std::string says;  // what it is, printable; may be empty
  bool operator==(const Candidate&) const = default;
};

struct Completion {
  std::vector<Candidate> candidates;  // those that begin like what is typed
  bool files = false;                 // the shell knows: a path
};

// Whether completing the last word takes knowledge of who is on the bus.
bool asks_the_bus(const TypedLine& line);

// A candidate with anything in it that acts on a terminal is left out: no peer chooses what a
// person's shell is handed.
Completion complete(const TypedLine& line, const Known& known, const Contexts& contexts);

// The candidates as lines for a shell's script: "zsh" and "fish" get TEXT<tab>SAYS and quote it
// themselves; "bash" gets what it puts into the line as it stands, so quoted, and without the first
// bytes that bash does not count to its `word`, as it splits at = and : too. ":files" stands for
// paths.
std::string shell_lines(const Completion& completion, const std::string& shell,
                        const TypedLine& line, const std::string& word);

}  // namespace xbus::cli
