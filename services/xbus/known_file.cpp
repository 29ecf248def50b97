#include "services/xbus/known_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "bus/crypto/digest.hpp"
#include "bus/limits.hpp"
#include "rpc/json.hpp"

namespace xbus::cli {
namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

// A file's name that says which bus and which account. What makes it too long for one is hashed:
// else every run would pay for the start of OpenSSL, which is a third of a short one.
std::string file_name(const std::string& bus, const std::string& account) {
  std::string name;
  for (const char c : bus + '\n' + account) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '.' || c == '-';
    if (plain) {
      name += c;
    } else {
      name += '%';
      name += hexadecimal({&c, 1});
    }
  }
  constexpr size_t longest = 200;  // with what is put behind it, names have 255
  if (name.size() <= longest) return name;
  return hexadecimal(crypto::digest(crypto::Hash::sha256, name).substr(0, 16));
}

// Ours alone.
bool is_safe(const struct stat& status) {
  return status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool make_folder(const std::string& path) {
  // Those above it as any program makes them.
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
    ::mkdir(path.substr(0, at).c_str(), S_IRWXU);
  ::mkdir(path.c_str(), S_IRWXU);
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && is_safe(status);
}

}  // namespace

KnownFile::KnownFile(const common::Connection& connection) {
  std::string caches = from_environment("XDG_CACHE_HOME");
  if (caches.empty() || caches.front() != '/') {
    const std::string home = from_environment("HOME");
    if (home.empty()) return;  // nowhere to keep anything
    caches = home + "/.cache";
  }
  folder_ = caches + "/xbus";
  std::string bus = connection.address();
  if (bus.empty()) bus = "default " + from_environment("XDG_RUNTIME_DIR");
  path_ = folder_ + "/" + file_name(bus, connection.account) + ".json";
}

std::optional<std::chrono::system_clock::duration> KnownFile::age() const {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) return std::nullopt;
  return std::chrono::system_clock::now() -
         std::chrono::system_clock::time_point(
             std::chrono::seconds(status.st_mtim.tv_sec) +
             std::chrono::microseconds(status.st_mtim.tv_nsec / 1000));
}

Known KnownFile::read() const {
  const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return {};
  struct stat status {};
  std::string text;
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && is_safe(status)) {
    std::array<char, 64 * 1024> buffer;
    ssize_t count = 0;
    while (text.size() <= limits::stanza_bytes_max &&
           (count = ::read(fd, buffer.data(), buffer.size())) > 0)
      text.append(buffer.data(), static_cast<size_t>(count));
  }
  ::close(fd);
  if (text.size() > limits::stanza_bytes_max) return {};
  const auto value = json_value(text);
  return value ? known_from(*value) : Known();
}

std::optional<int> KnownFile::claim() const {
  if (path_.empty() || !make_folder(folder_)) return std::nullopt;
  const std::string path = path_ + ".lock";
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (fd < 0) return std::nullopt;
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  ::close(fd);
  return std::nullopt;
}

bool KnownFile::write(const Known& known) const {
  const std::string text = json_text(to_value(known)) + "\n";
  if (path_.empty() || text.size() > limits::stanza_bytes_max || !make_folder(folder_))
    return false;
  const std::string part = path_ + "." + std::to_string(::getpid());
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                        S_IRUSR | S_IWUSR);
  if (fd < 0) return false;
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool closed = ::close(fd) == 0;
  if (written && closed && ::rename(part.c_str(), path_.c_str()) == 0) return true;
  ::unlink(part.c_str());
  return false;
}

}  // namespace xbus::cli
