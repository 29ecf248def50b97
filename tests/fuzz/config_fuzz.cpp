// xbusd's configuration, on any bytes: it is read or refused with a line that names the place.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/xbusd/config.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const int file = memfd_create("config", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    std::abort();
  xbusd::Config config;
  const auto read = xbusd::read_config(path, config);
  if (!read && !read.error().starts_with(path)) std::abort();
  if (read && (config.stanza_bytes_max < limits::stanza_bytes_least || config.threads > 1024))
    std::abort();
  (void)xbusd::read_accounts(path);
  return 0;
}
