#include "bus/client/bus_address.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "bus/net/socket.hpp"

namespace xbus::client {

namespace {

std::string variable(const char* name) {
  auto* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

Environment environment() {
  return {variable("XBUS_BUS"), variable("XDG_RUNTIME_DIR"), uint32_t(::getuid())};
}

std::string per_user_folder(const Environment& environment) {
  if (!environment.xdg_runtime_dir.empty()) return environment.xdg_runtime_dir + "/xbus";
  return (environment.uid == 0 ? "/run/xbus-" : "/tmp/xbus-") + std::to_string(environment.uid);
}

std::string per_user_socket(const Environment& environment) {
  return per_user_folder(environment) + "/socket";
}

std::optional<std::string> distrust(const std::string& folder, uint32_t uid) {
  struct stat found{};
  if (::lstat(folder.c_str(), &found) != 0) return folder + ": " + std::strerror(errno);
  if (!S_ISDIR(found.st_mode)) return folder + " is no folder";
  if (found.st_uid != uid) return folder + " is another user's";
  if (found.st_mode & 077) return folder + " is open to other users";
  return {};
}

Result<std::vector<net::Address>, std::string> bus_addresses(const std::string& given,
                                                             const Environment& environment) {
  auto& named = given.empty() ? environment.xbus_bus : given;
  if (!named.empty()) {
    auto address = net::parse_address(named);
    if (!address) return Err{address.error()};
    return std::vector{*address};
  }
  std::vector<net::Address> out;
  auto why = distrust(per_user_folder(environment), environment.uid);
  struct stat found{};
  if (!why) {
    out.push_back({net::Address::Kind::unix_socket, per_user_socket(environment)});
  } else if (::lstat(per_user_folder(environment).c_str(), &found) == 0) {
    // Something stands there that another user may have put: to go on to the next bus would hide it.
    return Err{*why};
  }
  out.push_back({net::Address::Kind::unix_socket, system_socket});
  return out;
}

std::string domain_at(const net::Address& address) {
  if (address.host.empty()) return "localhost";
  const auto ip = net::SocketAddress::ip(address.host, 0);
  return ip && ip->loopback() ? "localhost" : address.host;
}

}  // namespace xbus::client
