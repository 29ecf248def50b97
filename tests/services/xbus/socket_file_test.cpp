#include "services/xbus/socket_file.hpp"

#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace xbus::cli {
namespace {

TEST(SocketFile, whose_it_is_and_who_may_connect) {
  std::string folder = "/tmp/xbus-socket-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/socket";
  EXPECT_EQ(socket_file(path).error, ENOENT);

  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0660), 0);
  const SocketFile file = socket_file(path);
  EXPECT_EQ(file.error, 0);
  EXPECT_TRUE(file.is_socket);
  EXPECT_EQ(file.mode, 0660U);
  const passwd* own = ::getpwuid(::getuid());
  const std::string name = own != nullptr ? own->pw_name : "uid " + std::to_string(::getuid());
  EXPECT_EQ(belongs_text(file), "belongs to " + name + ", mode 0660");
  ::close(fd);

  std::ofstream(folder + "/file") << "x";
  EXPECT_FALSE(socket_file(folder + "/file").is_socket);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace xbus::cli
