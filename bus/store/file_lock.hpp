// A lock file: at most one process at a time holds it, and its end, however it comes, lets it go.
#pragma once
#include <string>

#include "bus/result.hpp"

namespace xbus::store {

class FileLock {
 public:
  FileLock() = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  // Makes the file (mode 0600) where it is not there, takes its lock and writes this process's id into it. The file
  // stays when the lock goes.
  struct Refusal {
    bool in_use;       // another process has it
    std::string text;  // a line without the path: who has it, or what the system says
  };
  static Result<FileLock, Refusal> take(const std::string& path);

 private:
  int fd_ = -1;
};

}  // namespace xbus::store
