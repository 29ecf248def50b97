#include "bus/crypto/random.hpp"

#include <openssl/rand.h>

#include <cstdlib>

#include "bus/crypto/base64.hpp"

namespace xbus::crypto {

std::string random_bytes(size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1)
    std::abort();
  return out;
}

std::string random_id(size_t count) { return base64url_encode(random_bytes(count)); }

}  // namespace xbus::crypto
