#include "bus/net/metrics_server.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace xbus::net {

namespace {

double seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec); }

// The 22 first numbers behind the name in /proc/self/stat (proc(5)); empty when it cannot be read.
std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t name = text.rfind(')');
  if (name == std::string::npos) return {};
  std::istringstream rest(text.substr(name + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

// Seconds since 1970; 0 when it is not known.
uint64_t boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    uint64_t time = 0;
    if (word == "btime" && file >> time) return time;
  }
  return 0;
}

uint64_t open_descriptors() {
  uint64_t count = 0;
  DIR* folder = opendir("/proc/self/fd");
  if (!folder) return 0;
  while (const dirent* entry = readdir(folder))
    if (entry->d_name[0] != '.') ++count;
  closedir(folder);
  return count - 1;  // the folder's own
}

}  // namespace

void process_metrics(MetricsText& text) {
  // Positions in /proc/self/stat behind state, which is the third field of proc(5).
  constexpr size_t threads = 17, start = 19, virtual_bytes = 20, resident_pages = 21;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    text.counter("process_cpu_seconds_total", "CPU time used, user and system, in seconds.");
    text.add({}, seconds(usage.ru_utime) + seconds(usage.ru_stime));
  }
  if (const auto fields = stat_fields(); fields.size() > resident_pages) {
    const auto number = [&](size_t at) { return static_cast<uint64_t>(std::strtoull(fields[at].c_str(), nullptr, 10)); };
    text.gauge("process_resident_memory_bytes", "Memory in use, in bytes.");
    text.add({}, number(resident_pages) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
    text.gauge("process_virtual_memory_bytes", "Address space, in bytes.");
    text.add({}, number(virtual_bytes));
    text.gauge("process_threads", "Threads.");
    text.add({}, number(threads));
    if (const uint64_t booted = boot_time()) {
      text.gauge("process_start_time_seconds", "When the process began, in seconds since 1970.");
      const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
      text.add({}, static_cast<double>(booted) + static_cast<double>(number(start)) / ticks);
    }
  }
  text.gauge("process_open_fds", "Open descriptors.");
  text.add({}, open_descriptors());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    text.gauge("process_max_fds", "Descriptors that the process may have open.");
    text.add({}, static_cast<uint64_t>(limit.rlim_cur));
  }
}

Result<std::unique_ptr<MetricsServer>, std::string> MetricsServer::listen(IoLoop& loop, std::string_view address,
                                                                          std::function<void(MetricsText&)> fill) {
  const auto place = listen_address(address);
  if (!place) return Err{place.error()};
  auto server = HttpServer::listen(
      loop, *place, [fill = std::move(fill)](std::string_view path) -> std::optional<HttpAnswer> {
        if (path != "/metrics") return {};
        MetricsText text;
        fill(text);
        process_metrics(text);
        return HttpAnswer{"text/plain; version=0.0.4; charset=utf-8", text.take()};
      });
  if (!server) return Err{server.error()};
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(*server)));
}

}  // namespace xbus::net
