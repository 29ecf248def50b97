// A network namespace of the test's own, for one thread.
#pragma once
#include <sched.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace xbus::agent {

// Moves the calling thread, and what it starts from then on, into a new network namespace; empty, or why that is not to
// be had. The thread cannot go back.
inline std::string enter_new_network() {
  if (::unshare(CLONE_NEWNET) == 0) return "";
  return std::string("a network namespace of its own is not permitted here (root or CAP_SYS_ADMIN is needed): ") +
         std::strerror(errno);
}

// Runs ip(8) with these words in the namespace of the calling thread.
inline bool ip(const std::string& words) { return std::system(("ip " + words).c_str()) == 0; }

}  // namespace xbus::agent
