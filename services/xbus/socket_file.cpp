#include "services/xbus/socket_file.hpp"

#include <pwd.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

namespace xbus::cli {
namespace {

std::string name_of_user(uid_t uid) {
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->pw_name : "uid " + std::to_string(uid);
}

}  // namespace

SocketFile socket_file(const std::string& path) {
  struct stat found {};
  SocketFile out;
  if (::stat(path.c_str(), &found) != 0) {
    out.error = errno;
    return out;
  }
  out.is_socket = S_ISSOCK(found.st_mode);
  out.owner = name_of_user(found.st_uid);
  out.mode = found.st_mode & 07777U;
  return out;
}

std::string belongs_text(const SocketFile& file) {
  std::array<char, 16> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", file.mode);
  return "belongs to " + file.owner + ", mode " + mode.data();
}

}  // namespace xbus::cli
