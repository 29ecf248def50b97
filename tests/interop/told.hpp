// What a play tells a foreign peer: the PEER_ variables of peers.py.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string>

namespace xbus::interop {

inline std::string told(const char* name) {
  const char* value = std::getenv((std::string("PEER_") + name).c_str());
  return value ? value : "";
}

// One line of what the peer did, at once.
inline void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

[[noreturn]] inline void give_up(const std::string& why) {
  say("failed " + why);
  std::_Exit(1);
}

}  // namespace xbus::interop
