#include "services/agent/threshold_watch.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>

namespace xbus::agent {
namespace {

// A procfs of the test's own, whose kernel has no pressure to tell.
class Proc {
 public:
  Proc() {
    std::string pattern = (std::filesystem::temp_directory_path() / "xbus-proc-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Proc(const Proc&) = delete;
  Proc& operator=(const Proc&) = delete;
  ~Proc() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/next") << text;
    std::filesystem::rename(path_ + "/next", path_ + "/" + name);
  }

 private:
  std::string path_;
};

TEST(ThresholdWatch, the_timer_finds_what_the_kernel_does_not_tell) {
  const Proc proc;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Level> levels;
  const auto await = [&](size_t count) {
    std::unique_lock<std::mutex> lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), [&] { return levels.size() >= count; });
  };
  ThresholdWatch watch;
  watch.host = "web1";
  watch.proc = proc.path();
  watch.every = std::chrono::milliseconds(1);
  watch.limits.calm = Duration(0);
  watch.memory = [&](const MemoryEvent& event) {
    const std::lock_guard<std::mutex> lock(mutex);
    levels.push_back(event.level);
    changed.notify_all();
  };
  const auto memory = [](int available) {
    return "MemTotal: 1000 kB\nMemAvailable: " + std::to_string(available) + " kB\n";
  };
  Sources sources;
  sources.add([&](const Stop& stop) { watch_memory(watch, stop); });
  proc.write("meminfo", memory(50));
  ASSERT_TRUE(await(1));
  proc.write("meminfo", memory(500));
  ASSERT_TRUE(await(2));
  const std::lock_guard<std::mutex> lock(mutex);
  EXPECT_EQ(levels, (std::vector<Level>{Level::high, Level::normal}));
}

TEST(ThresholdWatch, each_ends_when_told_to) {
  ThresholdWatch watch;
  watch.load = [](const LoadEvent&) {};
  watch.memory = [](const MemoryEvent&) {};
  watch.disk = [](const DiskEvent&) {};
  Sources sources;
  for (const auto& run : {watch_load, watch_memory, watch_disks})
    sources.add([&, run](const Stop& stop) { run(watch, stop); });
}

}  // namespace
}  // namespace xbus::agent
