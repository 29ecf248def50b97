// What was probably meant, where a service or a method is not there.
#pragma once
#include <string>

#include "bus/task.hpp"
#include "rpc/bus.hpp"

namespace xbus::cli {

// Does the work of a verb on a method of a service, or on the service where `method` is empty. When
// it ends because there is no such service or method, the bus is asked for those there are, and a
// name that is near goes into the Fault as the detail "did you mean".
Task<int> with_suggestion(Bus& bus, std::string service, std::string method, Task<int> work);

}  // namespace xbus::cli
