#include "bus/client/reconnect.hpp"

#include <gtest/gtest.h>

namespace xbus::client {
namespace {

using namespace std::chrono_literals;

TEST(Reconnect, CORE_02_waits_double_up_to_the_most_and_begin_anew) {
  for (double share : {0.0, 0.5, 0.999}) {
    Reconnect reconnect({1s, 60s}, [share] { return share; });
    EXPECT_LT(reconnect.next(), 1s);
    Duration bound = 2s;
    for (int i = 0; i < 20; ++i) {
      auto wait = reconnect.next();
      EXPECT_GE(wait, bound / 2) << i;
      EXPECT_LE(wait, bound) << i;
      bound = std::min<Duration>(bound * 2, 60s);
    }
    reconnect.reset();
    EXPECT_LT(reconnect.next(), 1s);
  }
}

TEST(Reconnect, CORE_02_the_first_wait_is_unpredictable) {
  Reconnect low({1s, 60s}, [] { return 0.1; }), high({1s, 60s}, [] { return 0.9; });
  EXPECT_EQ(low.next(), 100ms);
  EXPECT_EQ(high.next(), 900ms);
}

TEST(Reconnect, some_ends_are_final) {
  using Kind = xmpp::LoginError::Kind;
  auto again = [](xmpp::LoginError error, bool server_chooses = true) {
    return worth_trying_again(error, server_chooses);
  };
  for (auto kind : {Kind::closed, Kind::unreachable, Kind::timed_out, Kind::not_xmpp, Kind::protocol}) EXPECT_TRUE(again({.kind = kind}));
  for (auto kind : {Kind::tls_not_offered, Kind::untrusted, Kind::no_common_mechanism, Kind::wrong_credentials,
                    Kind::downgrade, Kind::bind_refused}) {
    EXPECT_FALSE(again({.kind = kind}));
  }
  EXPECT_TRUE(again({.kind = Kind::wrong_credentials, .text = "temporary-auth-failure"}));
  auto stream = [](xmpp::StreamCondition condition) {
    return xmpp::LoginError{.kind = Kind::stream_error, .stream = condition};
  };
  EXPECT_TRUE(again(stream(xmpp::StreamCondition::system_shutdown)));
  EXPECT_FALSE(again(stream(xmpp::StreamCondition::host_unknown)));
  EXPECT_TRUE(again(stream(xmpp::StreamCondition::conflict), true));
  EXPECT_FALSE(again(stream(xmpp::StreamCondition::conflict), false));
}

}  // namespace
}  // namespace xbus::client
