#include "bus/client/progress.hpp"

#include <algorithm>

#include "tests/bus/client/client_fixture.hpp"

namespace xbus::client {
namespace {

using namespace std::chrono_literals;
using Kind = Step::Kind;
using Connecting = net::ConnectStep::Kind;

class ProgressTest : public ClientTest {
 protected:
  void listen() {
    client->on_step([this](const Step& step) { steps.push_back(step); });
  }
  std::vector<Kind> kinds() const {
    std::vector<Kind> out;
    for (const Step& step : steps) out.push_back(step.kind);
    return out;
  }
  std::vector<Step> steps;
};

TEST_F(ProgressTest, each_step_of_a_login_in_its_order) {
  make();
  listen();
  ASSERT_TRUE(connect());
  EXPECT_EQ(kinds(), (std::vector{Kind::stream, Kind::mechanism, Kind::login, Kind::bind}));
  for (const Step& step : steps) EXPECT_TRUE(step.done);
  EXPECT_EQ(steps[1].chosen, "EXTERNAL");
  EXPECT_NE(std::find(steps[1].found.begin(), steps[1].found.end(), "EXTERNAL"), steps[1].found.end());
  EXPECT_EQ(steps[3].chosen, client->jid().str());
}

TEST_F(ProgressTest, a_login_that_is_refused_ends_at_the_login) {
  server.refuse_external = true;
  make({.reconnect = false});
  listen();
  ASSERT_FALSE(connect());
  ASSERT_EQ(kinds(), (std::vector{Kind::stream, Kind::mechanism, Kind::login}));
  EXPECT_FALSE(steps.back().done);
  ASSERT_TRUE(steps.back().error);
  EXPECT_EQ(steps.back().error->kind, xmpp::LoginError::Kind::wrong_credentials);
}

TEST_F(ProgressTest, no_common_mechanism_tells_what_was_offered) {
  server.options.external_by_uid = false;
  make({.reconnect = false});
  listen();
  ASSERT_FALSE(connect());
  ASSERT_EQ(steps.back().kind, Kind::mechanism);
  ASSERT_TRUE(steps.back().error);
  EXPECT_EQ(steps.back().error->kind, xmpp::LoginError::Kind::no_common_mechanism);
  EXPECT_FALSE(steps.back().found.empty());
}

TEST_F(ProgressTest, silence_is_the_end_of_what_was_under_way) {
  server.silent = true;
  make({.reconnect = false, .connect_time_max = 5s});
  listen();
  const auto login = connect();
  ASSERT_FALSE(login);
  EXPECT_EQ(login.error().kind, xmpp::LoginError::Kind::timed_out);
  ASSERT_EQ(kinds(), std::vector{Kind::stream});
  EXPECT_FALSE(steps.back().done);
  ASSERT_TRUE(steps.back().error);
  EXPECT_EQ(steps.back().error->kind, xmpp::LoginError::Kind::timed_out);
  EXPECT_GE(steps.back().took, 4s);
}

TEST_F(ProgressTest, what_happens_to_a_session_later_is_no_step) {
  online({.reconnect = false});
  listen();
  server.drop();
  settle();
  EXPECT_EQ(steps.size(), 0u);
}

// ---- What a dialer says ----

struct Dialing : testing::Test {
  Dialing() {
    progress.on_step([this](const Step& step) { steps.push_back(step); });
    progress.begin(Kind::host, "bus.example");
  }
  void address(bool there) {
    net::ConnectStep step{.kind = Connecting::addresses, .done = there, .subject = "bus.example"};
    if (there) step.found = {"192.0.2.1:5222", "192.0.2.2:5222"};
    progress.ended(step);
  }
  void attempt(const std::string& to, int error) {
    progress.ended(net::ConnectStep{
        .kind = Connecting::connect, .done = error == 0, .subject = to, .error = error});
  }
  net::VirtualLoop loop;
  Progress progress{loop};
  std::vector<Step> steps;
};

TEST_F(Dialing, the_last_way_that_failed_is_told_again_as_the_end) {
  address(true);
  attempt("192.0.2.1:5222", 111);
  attempt("192.0.2.2:5222", 113);
  progress.failed({.kind = xmpp::LoginError::Kind::unreachable, .text = "no"});
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_FALSE(steps[1].error || steps[2].error);
  EXPECT_EQ(steps[3].subject, "192.0.2.2:5222");
  ASSERT_TRUE(steps[3].dialed);
  EXPECT_EQ(steps[3].dialed->error, 113);
  EXPECT_TRUE(steps[3].error);
}

TEST_F(Dialing, an_attempt_without_an_end_is_one_to_connect) {
  address(true);
  progress.failed({.kind = xmpp::LoginError::Kind::timed_out});
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[1].kind, Kind::connect);
  EXPECT_EQ(steps[1].subject, "192.0.2.1:5222");
  EXPECT_FALSE(steps[1].dialed);
}

TEST_F(Dialing, a_lookup_without_an_end_is_one_of_the_host) {
  progress.failed({.kind = xmpp::LoginError::Kind::timed_out});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].kind, Kind::host);
  EXPECT_EQ(steps[0].subject, "bus.example");
}

TEST_F(Dialing, what_failed_before_a_success_is_no_end) {
  address(true);
  attempt("192.0.2.1:5222", 111);
  attempt("192.0.2.2:5222", 0);
  progress.begin(Kind::stream);
  progress.failed({.kind = xmpp::LoginError::Kind::closed});
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_EQ(steps[3].kind, Kind::stream);
  EXPECT_FALSE(steps[3].dialed);
}

TEST_F(Dialing, a_certificate_that_is_refused_is_the_end_of_its_attempt) {
  progress.begin(Kind::tls);
  net::ShownCertificate shown;
  shown.fault = net::CertificateFault::expired;
  progress.ended(shown);
  progress.failed({.kind = xmpp::LoginError::Kind::untrusted});
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[1].kind, Kind::certificate);
  EXPECT_EQ(steps[1].certificate->fault, net::CertificateFault::expired);
  EXPECT_TRUE(steps[1].error);
}

}  // namespace
}  // namespace xbus::client
