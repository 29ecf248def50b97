// A service's description as a verb gets it, and the one of its methods that was named.
#pragma once
#include <optional>
#include <string>

#include "rpc/bus.hpp"
#include "services/xbus/invocation.hpp"

namespace xbus::cli {

// What was typed.
struct DescribedWords {
  std::string service, method, instance;
  std::string idl;  // a file that says it in the service's place; empty: the service is asked

  // SERVICE and METHOD, --instance and --idl; `idl_help` is what is said of the last.
  void add_to(common::CommandLine& line, common::CommandLine::Need method_need, const std::string& method_help,
              const std::string& idl_help);
};

// What the service says, within the invocation's time. Throws as a call does.
Task<Description> described(Bus& bus, const Invocation& invocation, const DescribedWords& words);

// The method that was named; a Fault of kind no_such_method where the description has none of this name.
const MethodDescription& method_in(const Description& description, const DescribedWords& words);

}  // namespace xbus::cli
