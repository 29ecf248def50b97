// Waits on one thread for a task that runs on the loop of another.
#pragma once
#include <functional>

#include "bus/net/loop.hpp"
#include "bus/task.hpp"
#include "rpc/value.hpp"

namespace xbus {

// What the task of `make` gives, which is made on the loop; throws what it throws. Not on the thread of the loop: that
// would wait for ever.
Value wait_for_task(net::Loop& loop, std::function<Task<Value>()> make);

}  // namespace xbus
