// Registration: a dialogue with the registry, with every answer it may give, and with none.
#include "rpc/registration.hpp"

#include <gtest/gtest.h>

#include "bus/limits.hpp"
#include "bus/net/virtual_loop.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;

class RegistrationTest : public testing::Test {
 protected:
  RegistrationTest()
      : address(*xmpp::Jid::parse("calc@services.localhost")),
        registration(loop, address,
                     {[this](const xml::Element& stanza) { sent.push_back(stanza); },
                      [](registry::InstanceState state) {
                        xml::Element presence = xmpp::presence(xmpp::PresenceType::available, {});
                        presence.set("id", std::string(registry::name_of(state)));
                        return presence;
                      },
                      [this](const std::optional<Fault>& fault) { told.push_back(fault); }}) {}

  bool answer(xmpp::PresenceType type, const std::string& from = "calc@services.localhost") {
    xml::Element presence = xmpp::presence(type, *xmpp::Jid::parse("s@localhost/1"));
    presence.set("from", from);
    return registration.on_presence(presence);
  }
  bool refuse(xmpp::Condition condition) {
    xml::Element presence = xmpp::presence(xmpp::PresenceType::error, *xmpp::Jid::parse("s@localhost/1"));
    presence.set("from", address.str());
    presence.add(xmpp::to_element(xmpp::StanzaError(condition)));
    return registration.on_presence(presence);
  }

  net::VirtualLoop loop;
  xmpp::Jid address;
  std::vector<xml::Element> sent;
  std::vector<std::optional<Fault>> told;
  Registration registration;
};

TEST_F(RegistrationTest, is_listed_by_the_answer) {
  registration.online();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(*sent[0].attr("to"), "calc@services.localhost");
  EXPECT_FALSE(registration.listed());
  EXPECT_TRUE(answer(xmpp::PresenceType::available));
  EXPECT_TRUE(registration.listed());
  EXPECT_EQ(told, (std::vector<std::optional<Fault>>{std::nullopt}));
  loop.advance(1h);
  EXPECT_EQ(sent.size(), 1u);
}

TEST_F(RegistrationTest, without_an_answer_it_is_sent_again_with_back_off) {
  registration.online();
  loop.advance(limits::register_answer_time - 1ms);
  EXPECT_EQ(sent.size(), 1u);
  loop.advance(1ms);
  EXPECT_EQ(sent.size(), 2u);
  loop.advance(2 * limits::register_answer_time);
  EXPECT_EQ(sent.size(), 3u);
  loop.advance(5min);
  const size_t in_five_minutes = sent.size();
  EXPECT_GT(in_five_minutes, 10u);
  EXPECT_LT(in_five_minutes, 25u);
  answer(xmpp::PresenceType::available);
  loop.advance(5min);
  EXPECT_EQ(sent.size(), in_five_minutes);
}

TEST_F(RegistrationTest, one_that_is_taken_off_the_list_for_silence_registers_again_at_once) {
  registration.online();
  answer(xmpp::PresenceType::available);
  EXPECT_TRUE(refuse(xmpp::Condition::remote_server_timeout));
  EXPECT_FALSE(registration.listed());
  EXPECT_EQ(sent.size(), 2u);
  // Once at once, then at the pace of any other try.
  refuse(xmpp::Condition::remote_server_timeout);
  refuse(xmpp::Condition::remote_server_timeout);
  EXPECT_EQ(sent.size(), 2u);
  loop.advance(limits::register_answer_time);
  EXPECT_EQ(sent.size(), 3u);
}

TEST_F(RegistrationTest, a_refusal_is_told_and_a_missing_registry_is_waited_for) {
  registration.online();
  EXPECT_TRUE(refuse(xmpp::Condition::service_unavailable));
  EXPECT_TRUE(told.empty());
  loop.advance(limits::register_answer_time);
  EXPECT_EQ(sent.size(), 2u);
  EXPECT_TRUE(refuse(xmpp::Condition::conflict));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]->kind(), Fault::Kind::already_exists);
  // The operator may give the name later.
  loop.advance(1min);
  EXPECT_GT(sent.size(), 2u);
}

TEST_F(RegistrationTest, what_others_say_is_not_for_it) {
  registration.online();
  EXPECT_FALSE(answer(xmpp::PresenceType::available, "calc@services.localhost/1"));
  EXPECT_FALSE(answer(xmpp::PresenceType::available, "calc@services.evil"));
  EXPECT_FALSE(answer(xmpp::PresenceType::available, "other@services.localhost"));
  EXPECT_FALSE(registration.listed());
}

TEST_F(RegistrationTest, registers_anew_after_a_loss) {
  registration.online();
  answer(xmpp::PresenceType::available);
  registration.offline();
  EXPECT_FALSE(registration.listed());
  loop.advance(1min);
  EXPECT_EQ(sent.size(), 1u);
  registration.online();
  EXPECT_EQ(sent.size(), 2u);
}

TEST_F(RegistrationTest, says_again_only_what_is_listed) {
  registration.online();
  registration.say_again();
  EXPECT_EQ(sent.size(), 1u);
  answer(xmpp::PresenceType::available);
  registration.say_again();
  EXPECT_EQ(sent.size(), 2u);
}

TEST_F(RegistrationTest, a_change_of_state_is_sent_again_and_leaving_is_the_end) {
  registration.online();
  answer(xmpp::PresenceType::available);
  registration.set_state(registry::InstanceState::away);
  registration.set_state(registry::InstanceState::away);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(*sent[1].attr("id"), "away");
  registration.leave();
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_EQ(xmpp::presence_type(sent[2]), xmpp::PresenceType::unavailable);
  loop.advance(1min);
  registration.online();
  EXPECT_EQ(sent.size(), 3u);
}

}  // namespace
}  // namespace xbus
