// Unpredictable stanza ids, cheap enough for one a call.
#pragma once
#include <cstddef>
#include <string>

namespace xbus::client {

class IdSource {
 public:
  // 16 url-safe letters that hold 96 random bits (CORE-46): nobody answers a request by guessing its id.
  std::string next();

 private:
  std::string pool_;  // letters drawn at once from the system's generator
  size_t used_ = 0;
};

}  // namespace xbus::client
