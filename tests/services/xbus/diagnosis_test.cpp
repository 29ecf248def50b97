#include "services/xbus/diagnosis.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;
using client::Step;
using Kind = Step::Kind;
using Login = xmpp::LoginError;
using Result = Finding::Result;

struct DiagnosisTest : testing::Test {
  void done(Kind kind, const std::string& subject = {}) {
    Step step{.kind = kind, .done = true, .subject = subject};
    if (kind == Kind::address) step.found = {subject};
    diagnosis.on_step(step);
  }
  void connect(const std::string& to, int error) {
    Step step{.kind = Kind::connect, .done = error == 0, .subject = to};
    step.dialed = net::ConnectStep{.done = error == 0, .subject = to, .error = error};
    last = step;
    diagnosis.on_step(step);
  }
  // The attempt ends with what was told last.
  void ended() {
    last.error = Login{.kind = Login::Kind::unreachable};
    diagnosis.on_step(last);
    diagnosis.end();
  }
  void failed(Kind kind, Login error) {
    Step step{.kind = kind};
    step.error = std::move(error);
    diagnosis.on_step(step);
    diagnosis.end();
  }
  std::string story() const {
    std::string out;
    for (const Finding& finding : told) {
      const char* word = finding.result == Result::ok       ? ""
                         : finding.result == Result::failed ? "!"
                                                            : "-";
      out += (out.empty() ? "" : " ") + std::string(word) + finding.step;
      if (!finding.cause.empty() && finding.result == Result::failed)
        out += "(" + finding.cause + ")";
    }
    return out;
  }
  const Finding& failure() const {
    for (const Finding& finding : told)
      if (finding.result == Result::failed) return finding;
    return told.back();
  }

  std::vector<Finding> told;
  SocketFile file{.error = 0, .is_socket = true, .owner = "somebody", .mode = 0600};
  Step last;
  Diagnosis diagnosis{
      {.account = "alice", .domain = "bus.example", .has_password = true, .time_max = 2s},
      [this](const Finding& finding) { told.push_back(finding); },
      [this](const std::string&) { return file; }};
};

TEST_F(DiagnosisTest, every_step_stands_in_the_order_of_the_way) {
  done(Kind::address, "xmpp://bus.example:5222");
  done(Kind::host, "bus.example");
  connect("192.0.2.1:5222", 0);
  for (const Kind kind : {Kind::stream, Kind::starttls, Kind::certificate, Kind::tls,
                          Kind::mechanism, Kind::login, Kind::bind})
    done(kind);
  diagnosis.end();
  EXPECT_EQ(story(),
            "address -srv host -socket connect stream starttls certificate tls sasl login bind "
            "-limits -registry -services -call");
  EXPECT_EQ(told.back().says, "no instance is listed");
  EXPECT_EQ(diagnosis.kind(), FaultKind::ok);
}

TEST_F(DiagnosisTest, on_a_unix_socket_a_call_is_skipped_for_want_of_an_instance) {
  done(Kind::address, "unix:/run/lab/socket");
  connect("/run/lab/socket", 0);
  for (const Kind kind : {Kind::stream, Kind::mechanism, Kind::login, Kind::bind}) done(kind);
  diagnosis.found({.step = "services", .says = "none is listed"});
  diagnosis.end();
  EXPECT_EQ(told.back().step, "call");
  EXPECT_EQ(told.back().says, "no instance is listed");
}

TEST_F(DiagnosisTest, direct_tls_comes_before_the_stream) {
  done(Kind::address, "xmpps://bus.example:5223");
  done(Kind::host, "bus.example");
  connect("192.0.2.1:5223", 0);
  for (const Kind kind : {Kind::certificate, Kind::tls, Kind::stream, Kind::mechanism}) done(kind);
  EXPECT_EQ(story(), "address -srv host -socket connect certificate tls stream -starttls sasl");
}

TEST_F(DiagnosisTest, what_lies_behind_a_failure_is_not_reached) {
  done(Kind::address, "tcp://127.0.0.1:5222");
  done(Kind::host, "127.0.0.1");
  connect("127.0.0.1:5222", 0);
  done(Kind::stream);
  failed(Kind::login, {.kind = Login::Kind::wrong_credentials, .text = "not-authorized"});
  EXPECT_EQ(story(),
            "address -srv host -socket connect stream -starttls -certificate -tls -sasl "
            "!login(not-authorized) -bind -limits -registry -services -call");
  EXPECT_EQ(told.back().says, "not reached");
  EXPECT_EQ(exit_status(diagnosis.kind()), 80);
}

TEST_F(DiagnosisTest, an_address_that_failed_beside_one_that_did_not_is_no_failure) {
  done(Kind::address, "xmpp://bus.example:5222");
  done(Kind::host, "bus.example");
  connect("[::1]:5222", ECONNREFUSED);
  connect("127.0.0.1:5222", 0);
  EXPECT_EQ(story(), "address -srv host -socket -connect connect");
  EXPECT_EQ(diagnosis.kind(), FaultKind::ok);
}

TEST_F(DiagnosisTest, where_all_addresses_failed_each_says_why) {
  done(Kind::address, "xmpp://bus.example:5222");
  done(Kind::host, "bus.example");
  connect("[::1]:5222", ENETUNREACH);
  connect("127.0.0.1:5222", ECONNREFUSED);
  ended();
  EXPECT_EQ(story().substr(0, 67),
            "address -srv host -socket !connect(unreachable) !connect(refused) -");
  EXPECT_EQ(exit_status(diagnosis.kind()), 78);
}

TEST_F(DiagnosisTest, a_socket_says_whose_it_is_or_what_is_wrong_with_it) {
  const auto case_of = [this](SocketFile of, int error) {
    told.clear();
    file = std::move(of);
    Diagnosis fresh{{},
                    [this](const Finding& finding) { told.push_back(finding); },
                    [this](const std::string&) { return file; }};
    Step address{.kind = Kind::address, .done = true, .found = {"unix:/run/xbus/socket"}};
    fresh.on_step(address);
    Step step{.kind = Kind::connect, .done = error == 0, .subject = "/run/xbus/socket"};
    step.dialed = net::ConnectStep{.done = error == 0, .subject = step.subject, .error = error};
    fresh.on_step(step);
    if (error != 0) {
      step.error = Login{.kind = Login::Kind::unreachable};
      fresh.on_step(step);
    }
    return story();
  };
  const SocketFile good{.error = 0, .is_socket = true, .owner = "root", .mode = 0600};
  EXPECT_EQ(case_of(good, 0), "address -srv -host socket connect");
  EXPECT_EQ(case_of(good, EACCES), "address -srv -host !socket(permission)");
  EXPECT_NE(failure().says.find("belongs to root, mode 0600"), std::string::npos);
  EXPECT_EQ(case_of(good, ECONNREFUSED), "address -srv -host socket !connect(refused)");
  EXPECT_NE(failure().advice.find("start xbusd"), std::string::npos);
  EXPECT_EQ(case_of({.error = ENOENT}, ENOENT), "address -srv -host !socket(missing)");
  EXPECT_EQ(case_of({.error = EACCES}, EACCES), "address -srv -host !socket(permission)");
  SocketFile folder = good;
  folder.is_socket = false;
  EXPECT_EQ(case_of(folder, ECONNREFUSED), "address -srv -host !socket(no-socket)");
}

TEST_F(DiagnosisTest, a_host_that_sends_us_on_is_no_failure) {
  done(Kind::address, "xmpp://bus.example:5222");
  Step step{.kind = Kind::stream};
  step.error = Login{.kind = Login::Kind::see_other_host, .text = "other.example"};
  diagnosis.on_step(step);
  EXPECT_EQ(diagnosis.kind(), FaultKind::ok);
  EXPECT_EQ(told.back().says, "sent on to other.example");
}

}  // namespace
}  // namespace xbus::cli
