#include "bus/xmpp/sasl_client.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp {
namespace {

SaslClient::Options with(Mechanism mechanism) {
  return {.choice = {.mechanism = mechanism}, .user = "alice", .password = "secret"};
}

TEST(SaslClient, security_mti_both_plain_and_external_messages) {
  SaslClient plain(with(Mechanism::plain));
  EXPECT_EQ(*plain.start(), std::string("\0alice\0secret", 13));
  EXPECT_EQ(plain.challenge("").error(), ScramError::wrong_step);
  EXPECT_TRUE(plain.success(std::nullopt));
  auto options = with(Mechanism::external);
  SaslClient anybody(options);
  EXPECT_EQ(*anybody.start(), "");
  options.authzid = "alice@example.org";
  SaslClient somebody(options);
  EXPECT_EQ(*somebody.start(), "alice@example.org");
  EXPECT_TRUE(somebody.success(std::nullopt));
}

// Up to the server's last message.
struct Scram {
  Scram() : client(with(Mechanism::scram_sha_256)) {
    ScramServer server({});
    const auto keys = make_scram_keys("secret", ScramHash::sha256).value();
    EXPECT_TRUE(server.first(*client.start()));
    const auto todo = *client.challenge(server.challenge(keys));
    EXPECT_EQ(todo.text, "");
    last = *server.finish(client.respond(todo.work->run()));
  }
  SaslClient client;
  std::string last;
};

TEST(SaslClient, CORE_25_the_proof_may_come_with_success_or_before_it) {
  Scram with_success;
  EXPECT_TRUE(with_success.client.success(with_success.last));
  Scram before;
  const auto answer = *before.client.challenge(before.last);
  EXPECT_EQ(answer.text, "");
  EXPECT_FALSE(answer.work);
  EXPECT_TRUE(before.client.success(std::nullopt));
}

TEST(SaslClient, CORE_25_no_proof_no_success) {
  EXPECT_EQ(Scram().client.success(std::nullopt).error(), ScramError::wrong_signature);
  EXPECT_EQ(Scram().client.success("").error(), ScramError::malformed);
  EXPECT_EQ(Scram().client.challenge("v=AAAA").error(), ScramError::wrong_signature);
  Scram twice;
  EXPECT_TRUE(twice.client.challenge(twice.last));
  EXPECT_EQ(twice.client.success(twice.last).error(), ScramError::wrong_step);
  SaslClient early(with(Mechanism::scram_sha_256));
  EXPECT_TRUE(early.start());
  EXPECT_EQ(early.success("v=AAAA").error(), ScramError::wrong_signature);
}

}  // namespace
}  // namespace xbus::xmpp
