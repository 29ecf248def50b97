// Plays about rosters (RFC 6121 section 2).
#include <gmock/gmock.h>

#include "bus/server/roster.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string set(std::string_view item, std::string_view id = "s") {
  return "<iq type='set' id='" + std::string(id) + "'><query xmlns='jabber:iq:roster'>" +
         std::string(item) + "</query></iq>";
}

// Items of the rosters in what was read, pushes and results alike.
std::vector<std::string> items(Actor& actor) {
  std::vector<std::string> all;
  for (const xml::Element& stanza : actor.stanzas()) {
    const xml::Element* query = stanza.first("query", ns_roster);
    if (query == nullptr) continue;
    for (const xml::Element* item : query->elements()) all.push_back(xml::write(*item, ns_roster));
  }
  return all;
}

constexpr std::string_view get = "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>";

TEST(Roster, roster_get_of_an_empty_roster) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  ann.send(get);
  EXPECT_THAT(ann.texts(),
              ElementsAre("<iq type='result' id='g' to='ann@localhost/a' from='ann@localhost'>"
                          "<query xmlns='jabber:iq:roster' ver='0'/></iq>"));
}

TEST(Roster, roster_push_of_a_set_to_interested_resources) {
  Bus bus;
  Actor ann(bus, "ann"), phone(bus, "ann"), deaf(bus, "ann");
  ann.login("a");
  phone.login("phone");
  deaf.login("deaf");
  ann.send(get);
  phone.send(get);
  ann.forget();
  phone.forget();
  ann.send(set(
      "<item jid='Bob@localhost/x' name='Bob'><group>Friends</group><group>Work</group></item>"));
  const char* bob =
      "<item jid='bob@localhost' name='Bob' "
      "subscription='none'><group>Friends</group><group>Work</group></item>";
  EXPECT_THAT(items(phone), ElementsAre(bob));
  EXPECT_THAT(items(deaf), IsEmpty());
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 2u);  // the push and the result
  ann.send(get);
  EXPECT_THAT(items(ann), ElementsAre(bob));
}

TEST(Roster, roster_version_an_unchanged_roster_is_not_sent) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  ann.send(set("<item jid='bob@localhost'/>"));
  ann.forget();
  ann.send("<iq type='get' id='g'><query xmlns='jabber:iq:roster' ver='1'/></iq>");
  EXPECT_THAT(ann.texts(),
              ElementsAre("<iq type='result' id='g' to='ann@localhost/a' from='ann@localhost'/>"));
  ann.send("<iq type='get' id='g'><query xmlns='jabber:iq:roster' ver='0'/></iq>");
  EXPECT_EQ(items(ann).size(), 1u);
}

TEST(Roster, roster_set_errors) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  struct Row {
    std::string request, condition;
  };
  for (const Row& row :
       {Row{set(""), "bad-request"}, Row{set("<item jid='a@x'/><item jid='b@x'/>"), "bad-request"},
        Row{set("<item jid='@x'/>"), "jid-malformed"}, Row{set("<item/>"), "jid-malformed"},
        Row{set("<item jid='ann@localhost'/>"), "not-allowed"},
        Row{set("<item jid='a@x'><group/></item>"), "not-acceptable"},
        Row{set("<item jid='a@x'><group>g</group><group>g</group></item>"), "bad-request"},
        Row{set("<item jid='a@x' name='" + std::string(1024, 'n') + "'/>"), "not-acceptable"},
        Row{set("<item jid='a@x' subscription='remove'/>"), "item-not-found"}}) {
    ann.send(row.request);
    auto got = ann.stanzas();
    ASSERT_EQ(got.size(), 1u) << row.request;
    EXPECT_EQ(condition_of(got[0]), row.condition) << row.request;
  }
  ann.send("<iq type='get' to='bob@localhost' id='g'><query xmlns='jabber:iq:roster'/></iq>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "forbidden");
}

TEST(Roster, the_subscription_handshake_shows_in_both_rosters) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  ann.send(std::string(get) + "<presence/>");
  bob.send(std::string(get) + "<presence/>");
  ann.forget();
  bob.forget();
  ann.send("<presence type='subscribe' to='bob@localhost'/>");
  EXPECT_THAT(items(ann),
              ElementsAre("<item jid='bob@localhost' subscription='none' ask='subscribe'/>"));
  EXPECT_THAT(items(bob), IsEmpty());  // no item before he agrees (appendix A.1)
  bob.send("<presence type='subscribed' to='ann@localhost'/>");
  EXPECT_THAT(items(bob), ElementsAre("<item jid='ann@localhost' subscription='from'/>"));
  EXPECT_THAT(items(ann), ElementsAre("<item jid='bob@localhost' subscription='to'/>"));
  bob.send("<presence type='subscribe' to='ann@localhost'/>");
  ann.send("<presence type='subscribed' to='bob@localhost'/>");
  EXPECT_EQ(items(ann).back(), "<item jid='bob@localhost' subscription='both'/>");
  EXPECT_EQ(items(bob).back(), "<item jid='ann@localhost' subscription='both'/>");
  ann.send(set("<item jid='bob@localhost' subscription='remove'/>"));
  EXPECT_EQ(items(ann).back(), "<item jid='bob@localhost' subscription='remove'/>");
  EXPECT_EQ(items(bob).back(), "<item jid='ann@localhost' subscription='none'/>");
}

TEST(Roster, has_a_bound) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  for (size_t i = 0; i < limits::roster_items_max; ++i) {
    ann.send(set("<item jid='c" + std::to_string(i) + "@x'/>"));
  }
  for (const xml::Element& stanza : ann.stanzas()) ASSERT_EQ(stanza.attr_or("type", ""), "result");
  ann.send(set("<item jid='more@x'/>"));
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "resource-constraint");
}

}  // namespace
}  // namespace xbus::server
