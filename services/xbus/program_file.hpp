// The program that a command begins with: whether it is there to be run.
#pragma once
#include <optional>
#include <string>

namespace xbus::cli {

// Why `program` cannot be run, for whoever wrote it: looked up in $PATH where it has no slash, as exec does. Nothing
// when it can.
std::optional<std::string> why_not_runnable(const std::string& program);

}  // namespace xbus::cli
