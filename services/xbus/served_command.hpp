// A command as a service: each call runs it once, its method the last argument, the arguments as
// JSON on its input.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "bus/limits.hpp"
#include "rpc/call.hpp"
#include "rpc/description.hpp"
#include "rpc/service.hpp"
#include "services/xbus/exec.hpp"

namespace xbus::cli {

struct ServedCommand {
  std::vector<std::string> words;  // the program and the arguments before the method
  std::vector<MethodDescription> methods;
  Duration time_max = limits::call_time_max;  // beside the deadline of each call
  size_t output_bytes_max = limits::exec_output_bytes_max;
  size_t runs_max = limits::exec_runs_default;  // at once, all methods together; beyond: busy
  // A run that gave no result, nor a status that stands for a row of the error table: for the log. From any thread; may
  // be empty.
  std::function<void(const std::string& method, const Ending&)> failed = {};
};

// Adds the methods. The command sees XBUS_CALLER, XBUS_METHOD, XBUS_DEADLINE_MS (time left), where
// there are any XBUS_VIA, XBUS_KEY, TRACEPARENT and TRACESTATE; XBUS_PASSWORD is taken out of its
// environment.
void add_served_command(Service& service, ServedCommand command);

// What a run means for its call. Exit 0: the value of its output, which is JSON, else text without
// its last line feed. Exit 64+n: the row of the error table with gRPC status n, with the last line
// of its errors as the message. Anything else is `failed`, and only admins are told that line.
Value served_result(Ending ending, const Type& result, bool admin);

// How a run ended, in a few words for the log.
std::string text_of(const Ending& ending);

}  // namespace xbus::cli
