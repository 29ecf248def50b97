// The arguments of a call, from words or JSON, by the description of the service that is asked.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/task.hpp"
#include "rpc/remote.hpp"
#include "rpc/value.hpp"
#include "services/common/command_line.hpp"

namespace xbus::cli {

struct ArgumentWords {
  std::vector<std::string> words;
  std::optional<std::string> json;  // "-": standard input
  bool json_given = false;          // --json, with a text or alone

  // The positions ARGS, and --json.
  void add_to(common::CommandLine& line);
};

// The JSON text, from standard input where it is "-"; nothing where words count. A Fault of kind
// invalid where both are given.
std::optional<std::string> json_text_of(const ArgumentWords& given);

// By the signature. A method that the description does not show may be there for others: then the
// service decides, and is sent what the words look like. Throws a Fault of kind invalid that names
// the parameter.
Task<Value::Array> arguments_for(Remote remote, std::string method, std::vector<std::string> words,
                                 std::optional<std::string> json);

}  // namespace xbus::cli
