// How much free memory xbusd keeps: what is more goes back to the system.
#pragma once
#include <cstddef>

namespace xbus::xbusd {

// Sets when the allocator asks the system for a block and when it gives one back. Before the first thread.
void set_up_heap();

// Gives back what lies free between blocks in use, which the allocator keeps. See DECISIONS.md.
class Heap {
 public:
  // To be called every few seconds: a look costs some ten microseconds, giving back 50 MiB some milliseconds.
  void look();

 private:
  size_t kept_ = 0;  // free and resident after the last time: pages that a small block in use holds
};

}  // namespace xbus::xbusd
