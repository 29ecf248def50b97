// Unpredictable bytes and ids, from the operating system through the library's generator.
#pragma once
#include <cstddef>
#include <string>

namespace xbus::crypto {

// `count` unpredictable bytes. Ends the program if the system has none to give.
std::string random_bytes(size_t count);

// An unpredictable id of url-safe letters (A-Z a-z 0-9 - _), holding `count` random bytes: 4
// letters for 3 bytes, rounded up. The default is 128 bits in 22 letters: enough for stream ids,
// stanza ids, resources and tokens.
std::string random_id(size_t count = 16);

}  // namespace xbus::crypto
