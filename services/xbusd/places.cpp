#include "services/xbusd/places.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "bus/client/bus_address.hpp"

namespace xbus::xbusd {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && value[0] == '/' ? value : "";
}

std::string home() {
  std::string folder = variable("HOME");
  if (!folder.empty()) return folder;
  const passwd* user = getpwuid(getuid());
  return user != nullptr ? user->pw_dir : "/";
}

}  // namespace

Result<std::string, std::string> make_folder(const std::string& path, unsigned mode) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    mkdir(path.substr(0, slash).c_str(), 0755);  // those above; an error shows below
  }
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    return Err{path + ": " + std::strerror(errno)};
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return Err{path + ": " + std::strerror(errno)};
  if (!S_ISDIR(info.st_mode)) return Err{path + ": is no folder"};
  return path;
}

Result<std::string, std::string> user_socket() {
  const client::Environment environment = client::environment();
  std::string folder = client::per_user_folder(environment);
  auto made = make_folder(folder, 0700);
  if (!made) return made;
  // Somebody else may have made it first, in /tmp.
  if (auto why = client::distrust(folder, environment.uid)) return Err{*why};
  return client::per_user_socket(environment);
}

Result<std::string, std::string> system_socket() {
  auto folder = make_folder("/run/xbus", 0755);
  if (!folder) return folder;
  return *folder + "/socket";
}

Result<std::string, std::string> user_data() {
  std::string state = variable("XDG_STATE_HOME");
  if (state.empty()) state = home() + "/.local/state";
  return make_folder(state + "/xbus", 0700);
}

Result<std::string, std::string> system_data() {
  std::string state = variable("STATE_DIRECTORY");
  return make_folder(state.empty() ? "/var/lib/xbus" : state, 0700);
}

}  // namespace xbus::xbusd
