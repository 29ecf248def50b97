#include "bus/xmpp/payloads/user_chatting.hpp"

#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string room(std::string_view inside) {
  return "<room xmlns='urn:xmpp:chatting:0'>" + std::string(inside) + "</room>";
}

TEST(UserChatting, examples_of_xep0194) {
  expect_both_ways(
      room("<name>Jabber Development</name><uri>xmpp:jdev@conference.jabber.org</uri>"),
      UserChatting{
          .name = "Jabber Development", .topic = "", .uri = "xmpp:jdev@conference.jabber.org"},
      user_chatting_from);
  expect_both_ways(room("<topic>BOSH meeting</topic><uri>irc://example.org/x</uri>"),
                   UserChatting{.name = "", .topic = "BOSH meeting", .uri = "irc://example.org/x"},
                   user_chatting_from);
  expect_both_ways(room(""), UserChatting{}, user_chatting_from);
}

TEST(UserChatting, what_is_refused) {
  expect_refused(user_chatting_from,
                 {{"<room/>", "another element"},
                  {room("<name>Jabber Development</name>"), "uri: missing"},
                  {room("<uri/>"), "uri: missing"},
                  {room("<uri>a room</uri>"), "uri: malformed"},
                  {room("<uri>" + std::string(2049, 'x') + "</uri>"), "uri: too long"}});
}

}  // namespace
}  // namespace xbus::xmpp
