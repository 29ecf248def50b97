#include "services/xbusd/notify.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace xbus::xbusd {
namespace {

// What systemd is to a service: a socket that is told things.
class Manager {
 public:
  explicit Manager(const std::string& name) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    const bool abstract = name[0] == '@';
    if (abstract) address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + (abstract ? 0 : 1));
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0) << name << ": " << strerror(errno);
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Manager() {
    unsetenv("NOTIFY_SOCKET");
    close(fd_);
  }
  // The next thing that it was told; empty: nothing was.
  std::string told() {
    pollfd wait{fd_, POLLIN, 0};
    if (poll(&wait, 1, 0) <= 0) return {};
    char buffer[256];
    const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
    return std::string(buffer, count > 0 ? static_cast<size_t>(count) : 0);
  }

 private:
  int fd_;
};

TEST(Notify, each_state_is_a_datagram_to_a_path_or_an_abstract_name) {
  char name[] = "/tmp/xbus-notify-XXXXXX";
  const std::string folder = mkdtemp(name);
  for (const std::string& at : {folder + "/notify", "@" + folder.substr(1)}) {
    SCOPED_TRACE(at);
    Manager systemd(at);
    notify("READY=1");
    notify("STOPPING=1\nSTATUS=x");
    EXPECT_EQ(systemd.told(), "READY=1");
    EXPECT_EQ(systemd.told(), "STOPPING=1\nSTATUS=x");
    EXPECT_EQ(systemd.told(), "");
  }
  std::filesystem::remove_all(folder);
}

TEST(Notify, where_there_is_nobody_nothing_happens) {
  notify("READY=1");
  for (const std::string& at : {std::string(), std::string("@"), std::string("/"), std::string("relative"),
                                std::string("/nowhere/at/all"), "/" + std::string(200, 'x')}) {
    setenv("NOTIFY_SOCKET", at.c_str(), 1);
    notify("READY=1");
  }
  unsetenv("NOTIFY_SOCKET");
}

// systemd waits for READY=1 by the unit's type, whatever the build had: the two go together.
TEST(Notify, the_unit_waits_for_it) {
  std::ifstream file(XBUS_SOURCE_DIR "/services/xbusd/xbusd.service.in");
  std::stringstream unit;
  unit << file.rdbuf();
  EXPECT_NE(unit.str().find("\nType=notify\n"), std::string::npos);
}

}  // namespace
}  // namespace xbus::xbusd
