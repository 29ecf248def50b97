// Tells what changes in this host's network when the kernel tells it: rtnetlink's multicast groups (rtnetlink(7)).
#pragma once
#include <functional>
#include <string>

#include "services/agent/kernel_file.hpp"
#include "services/agent/link_event.hpp"
#include "services/agent/source.hpp"

namespace xbus::agent {

struct LinkWatch {
  std::string host;                     // the agent's instance, named in events
  std::function<void(LinkEvent)> tell;  // each change, in order, by the thread that runs it
  std::function<void(const char*)> note =
      {};                            // for the log: changes were lost, routes are too many; a few constant words
  std::function<void()> begun = {};  // from now on nothing that changes is left out
  int buffer_bytes = 0;              // of the kernel's queue for us; 0: limits::agent_multicast_buffer_bytes
};

// Runs until told to stop, in the network namespace of its thread. Where the kernel has dropped messages (ENOBUFS) it
// asks for the tables anew and tells the difference. An error: rtnetlink refuses.
Result<void, KernelError> watch_links(const LinkWatch& watch, const Stop& stop);

}  // namespace xbus::agent
