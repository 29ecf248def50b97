// Where the fixture trees of the collectors' tests lie.
#pragma once
#include <string>

namespace xbus::agent {

inline std::string fixture(const std::string& name) {
  return std::string(XBUS_SOURCE_DIR "/tests/data/agent/") + name;
}

}  // namespace xbus::agent
