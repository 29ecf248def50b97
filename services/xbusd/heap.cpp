#include "services/xbusd/heap.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace xbus::xbusd {
namespace {

constexpr int mapped_bytes_least = 256 * 1024;  // such a block is a mapping of its own and goes back at once
constexpr int top_bytes_kept = 1024 * 1024;     // free at the end of an arena
constexpr size_t free_bytes_kept = 6 * 1024 * 1024;  // anywhere in it

// Pages of memory of its own that the process has; 0 where the system does not say.
size_t resident_bytes() {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file(std::fopen("/proc/self/statm", "re"));
  size_t all = 0, resident = 0, shared = 0;
  if (!file || std::fscanf(file.get(), "%zu %zu %zu", &all, &resident, &shared) != 3) return 0;
  return (resident - std::min(shared, resident)) * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

size_t free_and_resident() {
  auto heap = ::mallinfo2();
  const size_t used = heap.uordblks + heap.hblkhd, resident = resident_bytes();
  return resident > used ? resident - used : 0;
}

}  // namespace

void set_up_heap() {
  ::mallopt(M_MMAP_THRESHOLD, mapped_bytes_least);
  ::mallopt(M_TRIM_THRESHOLD, top_bytes_kept);
}

void Heap::look() {
  const size_t free = free_and_resident();
  kept_ = std::min(kept_, free);
  if (free <= kept_ + free_bytes_kept) return;
  ::malloc_trim(0);
  kept_ = free_and_resident();
}

}  // namespace xbus::xbusd
