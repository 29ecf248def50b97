// The program itself: started, spoken to, reloaded, stopped.
#include "services/xbusd/daemon.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace xbus::xbusd {
namespace {

using testing::HasSubstr;

// Reads from a descriptor until `wanted` has come, the end, or ten seconds.
std::string read_until(int fd, std::string& got, std::string_view wanted) {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (got.find(wanted) == std::string::npos && std::chrono::steady_clock::now() < deadline) {
    pollfd wait{fd, POLLIN, 0};
    if (poll(&wait, 1, 100) <= 0) continue;
    char buffer[4096];
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count <= 0) break;
    got.append(buffer, static_cast<size_t>(count));
  }
  return got;
}

class Program {
 public:
  Program(const std::string& folder, std::vector<std::string> arguments) {
    int pipe_fds[2];
    EXPECT_EQ(pipe2(pipe_fds, O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(pipe_fds[1], 1);
      dup2(pipe_fds[1], 2);
      setenv("HOME", folder.c_str(), 1);
      setenv("XDG_RUNTIME_DIR", folder.c_str(), 1);
      setenv("XDG_STATE_HOME", (folder + "/state").c_str(), 1);
      std::string program = XBUS_BINARY_DIR "/bin/xbusd";
      std::vector<char*> argv{program.data()};
      for (std::string& argument : arguments) argv.push_back(argument.data());
      argv.push_back(nullptr);
      execv(program.c_str(), argv.data());
      _exit(127);
    }
    close(pipe_fds[1]);
    out_ = pipe_fds[0];
  }
  ~Program() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(out_);
  }
  // Everything said so far, `wanted` included.
  std::string said(std::string_view wanted) { return read_until(out_, got_, wanted); }
  void signal(int number) { kill(pid_, number); }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    said("\xFF");  // the rest
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  std::string got_;
};

class DaemonTest : public testing::Test {
 protected:
  DaemonTest() : folder_(mkdtemp(name_)) {}
  ~DaemonTest() override { std::filesystem::remove_all(folder_); }

  int connect_unix(const std::string& path) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << path;
    return fd;
  }

  char name_[32] = "/tmp/xbus-daemon-XXXXXX";
  std::string folder_;
};

TEST_F(DaemonTest, starts_with_nothing_said_and_drains_on_SIGTERM) {
  Program xbusd(folder_, {});
  ASSERT_THAT(xbusd.said(" ready "), HasSubstr(" ready "));
  struct stat info {};
  ASSERT_EQ(stat((folder_ + "/xbus").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  EXPECT_EQ(stat((folder_ + "/state/xbus/xbus.db").c_str(), &info), 0);
  int fd = connect_unix(folder_ + "/xbus/socket");
  std::string got, header =
                       "<stream:stream xmlns='jabber:client' "
                       "xmlns:stream='http://etherx.jabber.org/streams' to='localhost' "
                       "version='1.0'>";
  ASSERT_EQ(write(fd, header.data(), header.size()), static_cast<ssize_t>(header.size()));
  EXPECT_THAT(read_until(fd, got, "</stream:features>"),
              HasSubstr("<mechanism>EXTERNAL</mechanism>"));
  xbusd.signal(SIGHUP);
  EXPECT_THAT(xbusd.said("reloaded"), HasSubstr("reloaded"));
  xbusd.signal(SIGTERM);
  EXPECT_THAT(read_until(fd, got, "</stream:stream>"), HasSubstr("<system-shutdown"));
  close(fd);
  EXPECT_EQ(xbusd.wait(), 0);
  EXPECT_NE(stat((folder_ + "/xbus/socket").c_str(), &info), 0);  // the file is gone
}

TEST_F(DaemonTest, a_folder_open_to_others_is_refused) {
  ASSERT_EQ(mkdir((folder_ + "/xbus").c_str(), 0755), 0);
  ASSERT_EQ(chmod((folder_ + "/xbus").c_str(), 0755), 0);
  Program xbusd(folder_, {"--data", "memory"});
  EXPECT_EQ(xbusd.wait(), 1);
  EXPECT_THAT(xbusd.said("\xFF"), HasSubstr(folder_ + "/xbus"));
}

TEST_F(DaemonTest, makes_a_certificate_on_first_use_and_says_where) {
  for (int run = 0; run < 2; ++run) {
    Program xbusd(folder_,
                  {"--socket", "none", "--listen", "127.0.0.1:0", "--domain", "bus.example"});
    std::string said = xbusd.said(" ready ");
    EXPECT_THAT(said, HasSubstr(run == 0 ? "made a certificate authority" : " certificate "));
    EXPECT_THAT(said, HasSubstr(folder_ + "/state/xbus/tls/ca.pem"));
    EXPECT_THAT(said, testing::ContainsRegex("pin=[0-9a-f]{64}"));
    xbusd.signal(SIGTERM);
    EXPECT_EQ(xbusd.wait(), 0);
  }
}

TEST_F(DaemonTest, listeners_without_tls_are_for_loopback_alone) {
  for (const char* option : {"--plain-loopback", "--component-listen"}) {
    Program xbusd(folder_, {"--socket", "none", "--data", "memory", option, "0.0.0.0:0"});
    EXPECT_EQ(xbusd.wait(), 1);
    EXPECT_THAT(xbusd.said("\xFF"), HasSubstr("must be on a loopback address"));
  }
  std::ofstream(folder_ + "/c.toml") << "plain_loopback = true\nlisten = [\"0.0.0.0:0\"]\n";
  Program xbusd(folder_, {"--socket", "none", "--data", "memory", "--config", folder_ + "/c.toml"});
  EXPECT_EQ(xbusd.wait(), 1);
}

TEST_F(DaemonTest, mistakes_in_the_file_name_the_line) {
  std::ofstream(folder_ + "/c.toml") << "domain = \"x\"\n\nlissen = []\n";
  Program xbusd(folder_, {"--config", folder_ + "/c.toml"});
  EXPECT_EQ(xbusd.wait(), 2);
  EXPECT_THAT(xbusd.said("\xFF"), HasSubstr("c.toml:3: unknown key lissen"));
}

TEST_F(DaemonTest, the_command_line_is_above_the_file) {
  std::ofstream(folder_ + "/c.toml") << "domain = \"file.example\"\n";
  Program xbusd(folder_,
                {"--config", folder_ + "/c.toml", "--domain", "line.example", "--data", "memory"});
  EXPECT_THAT(xbusd.said(" ready "), HasSubstr("domain=line.example"));
}

TEST_F(DaemonTest, accounts_of_the_file_are_added_once) {
  std::ofstream(folder_ + "/a.toml") << "u0 = \"secret\"\nu1 = \"secret\"\n";
  chmod((folder_ + "/a.toml").c_str(), 0600);
  for (int run = 0; run < 2; ++run) {
    Program xbusd(folder_, {"--socket", "none", "--accounts", folder_ + "/a.toml"});
    std::string said = xbusd.said(" ready ");
    EXPECT_EQ(said.find("accounts added") != std::string::npos, run == 0) << said;
    xbusd.signal(SIGTERM);
    EXPECT_EQ(xbusd.wait(), 0);
  }
}

}  // namespace
}  // namespace xbus::xbusd
