// The program itself: started, spoken to, reloaded, stopped.
#include "services/xbusd/daemon.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
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
  pid_t pid() const { return pid_; }
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

  // To the address that the log names for a listener of that kind.
  int connect_tcp(const std::string& said, const std::string& kind) {
    std::string marker = "kind=" + kind + " address=127.0.0.1:";
    size_t at = said.find(marker);
    EXPECT_NE(at, std::string::npos) << said;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(std::stoi(said.substr(at + marker.size()))));
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }

  // Says something and reads until `wanted` has come.
  static std::string talk(int fd, std::string_view text, std::string_view wanted) {
    EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    std::string got;
    return read_until(fd, got, wanted);
  }

  // Logs in on the unix socket; what the server answers to the request to bind.
  static std::string bind(int fd, const std::string& resource) {
    talk(fd, header, "</stream:features>");
    talk(fd, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>",
         "<success");
    talk(fd, header, "</stream:features>");
    return talk(fd,
                "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" +
                    resource + "</resource></bind></iq>",
                "</iq>");
  }

  static constexpr std::string_view header =
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
      "to='localhost' version='1.0'>";

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
  std::string got;
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
  // The third is for another domain, by the same CA.
  const char* words[] = {" made a certificate authority and a certificate ca=", " info certificate ca=",
                         " made a certificate ca="};
  for (int run = 0; run < 3; ++run) {
    Program xbusd(folder_, {"--socket", "none", "--listen", "127.0.0.1:0", "--domain",
                            run < 2 ? "bus.example" : "other.example"});
    std::string said = xbusd.said(" ready ");
    EXPECT_THAT(said, HasSubstr(words[run]));
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
  EXPECT_EQ(xbusd.wait(), 2);
}

TEST_F(DaemonTest, a_bus_that_nobody_could_connect_to_is_refused) {
  Program xbusd(folder_, {"--socket", "none", "--data", folder_ + "/data"});
  EXPECT_EQ(xbusd.wait(), 1);
  EXPECT_THAT(xbusd.said("\xFF"), testing::MatchesRegex("xbusd: nobody could connect: socket is \"none\"[^\n]*\n"));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/data"));
  Program components(folder_, {"--socket", "none", "--data", "memory", "--component-listen", "127.0.0.1:0"});
  EXPECT_THAT(components.said(" ready "), HasSubstr(" ready "));
}

TEST_F(DaemonTest, mistakes_in_the_file_name_the_line) {
  std::ofstream(folder_ + "/c.toml") << "domain = \"x\"\n\nlissen = []\n";
  Program xbusd(folder_, {"--config", folder_ + "/c.toml"});
  EXPECT_EQ(xbusd.wait(), 2);
  EXPECT_THAT(xbusd.said("\xFF"), HasSubstr("c.toml:3: unknown key lissen"));
}

TEST_F(DaemonTest, SIGHUP_takes_over_what_can_change_and_names_what_cannot) {
  std::string file = folder_ + "/c.toml";
  std::ofstream(file) << "data = \"memory\"\nlog_level = \"info\"\n";
  Program xbusd(folder_, {"--config", file, "--threads", "1"});
  ASSERT_THAT(xbusd.said(" ready "), HasSubstr(" ready "));
  int first = connect_unix(folder_ + "/xbus/socket");
  EXPECT_THAT(bind(first, "1"), HasSubstr("type='result'"));
  std::ofstream(file) << "data = \"memory\"\nconnections_per_account_max = 1\nlog_level = "
                         "\"debug\"\nthreads = 4\nlisten = [\"127.0.0.1:0\"]\nlog = \"json\"\n";
  xbusd.signal(SIGHUP);
  // What the command line says stands above the file still, so `threads` has not changed.
  EXPECT_THAT(xbusd.said("reloaded"),
              HasSubstr("these settings change with a restart only keys=\"listen, log\""));
  int second = connect_unix(folder_ + "/xbus/socket");
  EXPECT_THAT(bind(second, "2"), HasSubstr("<resource-constraint"));
  close(second);
  EXPECT_THAT(xbusd.said(" debug "), HasSubstr(" debug "));
  close(first);
}

TEST_F(DaemonTest, SIGHUP_leaves_everything_where_the_file_is_broken) {
  std::string file = folder_ + "/c.toml";
  std::string good = "data = \"memory\"\nconnections_per_account_max = 1\n";
  std::ofstream(file) << good;
  Program xbusd(folder_, {"--config", file});
  ASSERT_THAT(xbusd.said(" ready "), HasSubstr(" ready "));
  struct Row {
    std::string more, error;
  };
  for (const Row& row :
       {Row{"lissen = []\n", "c.toml:4: unknown key lissen"},
        Row{"log_level = \"loud\"\n", "c.toml:4: log_level must be one of"},
        Row{"[names]\nx = \"@\"\n", "c.toml:5: x must be names of accounts"},
        Row{"[components]\n\"a@b\" = \"s\"\n", "c.toml:5: components must be a domain"},
        Row{"[components]\n\"localhost\" = \"s\"\n", "is a domain of the bus itself"}}) {
    std::ofstream(file) << "data = \"memory\"\nconnections_per_account_max = 9\n\n" << row.more;
    xbusd.signal(SIGHUP);
    EXPECT_THAT(xbusd.said(row.error), HasSubstr(row.error));
  }
  int first = connect_unix(folder_ + "/xbus/socket");
  int second = connect_unix(folder_ + "/xbus/socket");
  EXPECT_THAT(bind(first, "1"), HasSubstr("type='result'"));
  EXPECT_THAT(bind(second, "2"), HasSubstr("<resource-constraint"));
  close(first);
  close(second);
}

TEST_F(DaemonTest, an_address_that_fails_to_log_in_too_often_is_banned) {
  std::ofstream(folder_ + "/c.toml")
      << "data = \"memory\"\nplain_loopback_listen = [\"127.0.0.1:0\"]\n"
         "login_failures_max = 3\nlogin_ban_seconds = 3600\n";
  Program xbusd(folder_, {"--config", folder_ + "/c.toml"});
  std::string said = xbusd.said(" ready ");
  int eve = connect_tcp(said, "plain");
  EXPECT_THAT(talk(eve, header, "</stream:features>"), HasSubstr("SCRAM-SHA-256"));
  constexpr std::string_view wrong =
      "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='NONE'/>";
  for (int i = 0; i < 2; ++i) EXPECT_THAT(talk(eve, wrong, "</failure>"), HasSubstr("<failure"));
  EXPECT_THAT(talk(eve, wrong, "</stream:stream>"), HasSubstr("<policy-violation"));
  close(eve);
  EXPECT_THAT(xbusd.said("address_banned"), HasSubstr("address_banned"));
  int again = connect_tcp(said, "plain");
  std::string got;
  EXPECT_THAT(read_until(again, got, "</stream:stream>"), HasSubstr("too many failed logins"));
  close(again);
  // Who is known to the kernel is not counted.
  int local = connect_unix(folder_ + "/xbus/socket");
  EXPECT_THAT(bind(local, "1"), HasSubstr("type='result'"));
  close(local);
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
    Program xbusd(folder_, {"--accounts", folder_ + "/a.toml"});
    std::string said = xbusd.said(" ready ");
    EXPECT_EQ(said.find("accounts added") != std::string::npos, run == 0) << said;
    xbusd.signal(SIGTERM);
    EXPECT_EQ(xbusd.wait(), 0);
  }
}

TEST_F(DaemonTest, a_data_folder_is_one_daemon_s_alone) {
  Program first(folder_, {});
  ASSERT_THAT(first.said(" ready "), HasSubstr(" ready "));
  Program second(folder_, {"--socket", folder_ + "/second"});
  EXPECT_EQ(second.wait(), 1);
  EXPECT_THAT(second.said("\xFF"), HasSubstr(folder_ + "/state/xbus/xbus.db: in use by another process, pid " +
                                             std::to_string(first.pid())));
  first.signal(SIGKILL);
  first.wait();
  Program third(folder_, {});
  EXPECT_THAT(third.said(" ready "), HasSubstr(" ready "));
}

TEST_F(DaemonTest, a_wrong_address_is_told_before_anything_is_made) {
  struct Row {
    std::vector<std::string> arguments;
    std::string error;
  };
  for (const Row& row :
       {Row{{"--listen", "127.0.0.1:99999"}, "\"127.0.0.1:99999\" is no ADDRESS:PORT"},
        Row{{"--listen", "nowhere", "--data", "memory"}, "\"nowhere\" is no ADDRESS:PORT"},
        Row{{"--listen-tls", "127.0.0.1:0", "--component-listen", "0.0.0.0:0"}, "must be on a loopback address"},
        Row{{"--metrics", "x:y"}, "metrics: "}}) {
    Program xbusd(folder_, row.arguments);
    EXPECT_EQ(xbusd.wait(), 1);
    EXPECT_THAT(xbusd.said("\xFF"), HasSubstr(row.error));
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/state"));
  }
}

TEST_F(DaemonTest, COMP_01_no_component_speaks_for_the_bus_itself) {
  struct Row {
    std::string components, error;
  };
  for (const Row& row :
       {Row{"\"Bus.Example\" = \"s\"", "component \"Bus.Example\" is a domain of the bus itself"},
        Row{"\"services.bus.example\" = \"s\"", "is a domain of the bus itself"},
        Row{"\"events.bus.example\" = \"s\"", "is a domain of the bus itself"},
        Row{"\"a.bus.example\" = \"s\"\n\"A.bus.example\" = \"t\"", "is there twice"}}) {
    std::ofstream(folder_ + "/c.toml") << "domain = \"Bus.example\"\n[components]\n" << row.components << "\n";
    Program xbusd(folder_, {"--config", folder_ + "/c.toml"});
    EXPECT_EQ(xbusd.wait(), 2);
    const std::string said = xbusd.said("\xFF");
    EXPECT_THAT(said, HasSubstr(row.error));
    EXPECT_THAT(said, testing::ContainsRegex("c.toml:[34]: components "));
  }
}

TEST_F(DaemonTest, SIGHUP_takes_nothing_where_the_certificate_cannot_be_read) {
  const std::string file = folder_ + "/c.toml";
  std::ofstream(file) << "listen = [\"127.0.0.1:0\"]\n";
  Program xbusd(folder_, {"--config", file});
  ASSERT_THAT(xbusd.said(" ready "), HasSubstr(" ready "));
  const std::string bad = "listen = [\"127.0.0.1:0\"]\nconnections_per_account_max = 1\n";
  std::ofstream(file) << bad << "certificate = \"/nonexistent/c.pem\"\nkey = \"/nonexistent/k.pem\"\n";
  xbusd.signal(SIGHUP);
  const std::string error = "configuration not reloaded error=\"";
  EXPECT_THAT(xbusd.said("c.pem: No"), HasSubstr(error + "certificate /nonexistent/c.pem: No such file"));
  std::ofstream(file) << bad << "client_ca = \"/nonexistent/ca.pem\"\n";
  xbusd.signal(SIGHUP);
  EXPECT_THAT(xbusd.said("ca.pem: No"), HasSubstr(error + "client CA /nonexistent/ca.pem: No such file"));
  int first = connect_unix(folder_ + "/xbus/socket");
  int second = connect_unix(folder_ + "/xbus/socket");
  EXPECT_THAT(bind(first, "1"), HasSubstr("type='result'"));
  EXPECT_THAT(bind(second, "2"), HasSubstr("type='result'"));
  close(first);
  close(second);
}

}  // namespace
}  // namespace xbus::xbusd
