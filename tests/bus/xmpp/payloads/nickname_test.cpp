#include "bus/xmpp/payloads/nickname.hpp"

#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

TEST(Nickname, examples_of_xep0172) {
  expect_both_ways("<nick xmlns='http://jabber.org/protocol/nick'>Ishmael</nick>",
                   Nickname{"Ishmael"}, nickname_from);
  expect_both_ways("<nick xmlns='http://jabber.org/protocol/nick'/>", Nickname{}, nickname_from);
}

TEST(Nickname, what_is_refused) {
  expect_refused(nickname_from, {{"<nick>Ishmael</nick>", "another element"},
                                 {"<nick xmlns='http://jabber.org/protocol/nick'>" +
                                      std::string(16 * 1024 + 1, 'x') + "</nick>",
                                  "too long"}});
}

}  // namespace
}  // namespace xbus::xmpp
