#include "bus/crypto/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

#include "bus/crypto/base64.hpp"

namespace xbus::crypto {

std::string random_bytes(size_t count) {
  std::string out(count, '\0');
  // The kernel's own: setting up a generator of OpenSSL takes longer than most programs of ours run.
  for (size_t done = 0; done < count;) {
    const auto got = ::getrandom(out.data() + done, count - done, 0);
    if (got < 0 && errno != EINTR) std::abort();
    if (got > 0) done += static_cast<size_t>(got);
  }
  return out;
}

std::string random_id(size_t count) { return base64url_encode(random_bytes(count)); }

}  // namespace xbus::crypto
