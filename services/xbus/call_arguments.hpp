// The arguments of a call, from words or JSON, by the description of the service that is asked.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/task.hpp"
#include "rpc/description.hpp"
#include "rpc/remote.hpp"
#include "rpc/value.hpp"
#include "services/common/command_line.hpp"

namespace xbus::cli {

struct ArgumentWords {
  std::vector<std::string> words;
  std::optional<std::string> json;  // "-": standard input
  bool json_given = false;          // --json, with a text or alone
  std::string idl;                  // a file

  // The positions ARGS, --json and --idl.
  void add_to(common::CommandLine& line);
};

// What the words name, read: the JSON text, from standard input where it is "-", and the description.
struct GivenArguments {
  std::vector<std::string> words;
  std::optional<std::string> json;  // nothing where words count
  std::optional<Description> idl;   // nothing: the service is asked
};
// A Fault of kind invalid where words and JSON are given, or a file cannot be read.
GivenArguments read_arguments(const ArgumentWords& words);

// By the signature. A method that the description does not show may be there for others: then the
// service decides, and is sent what the words look like. Throws a Fault of kind invalid that names
// the parameter.
Task<Value::Array> arguments_for(Remote remote, std::string method, GivenArguments given);

}  // namespace xbus::cli
