#include "bus/store/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace xbus::store {
namespace {

// The process that has written its id into the file; empty where it has not yet.
std::string holder(int fd) {
  std::array<char, 16> buffer{};
  const ssize_t count = ::pread(fd, buffer.data(), buffer.size(), 0);
  const std::string text(buffer.data(), static_cast<size_t>(std::max<ssize_t>(count, 0)));
  const size_t end = text.find_first_not_of("0123456789");
  return text.substr(0, end);
}

}  // namespace

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FileLock, FileLock::Refusal> FileLock::take(const std::string& path) {
  FileLock lock;
  lock.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock.fd_ < 0) return Err{Refusal{false, std::strerror(errno)}};
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Err{Refusal{false, std::strerror(errno)}};
    const std::string pid = holder(lock.fd_);
    return Err{Refusal{true, "in use by another process" + (pid.empty() ? "" : ", pid " + pid)}};
  }
  // The id is for people: on a full disk the lock holds without it.
  const std::string pid = std::to_string(::getpid()) + '\n';
  if (::ftruncate(lock.fd_, 0) == 0 && ::pwrite(lock.fd_, pid.data(), pid.size(), 0) < 0) errno = 0;
  return lock;
}

}  // namespace xbus::store
