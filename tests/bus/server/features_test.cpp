// Plays about what the server answers itself.
#include <gmock/gmock.h>

#include "bus/xmpp/disco.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::Contains;
using testing::HasSubstr;

xml::Element ask(Actor& actor, std::string_view to, std::string_view payload,
                 std::string_view type = "get") {
  actor.send("<iq type='" + std::string(type) + "' id='q' to='" + std::string(to) + "'>" +
             std::string(payload) + "</iq>");
  auto got = actor.stanzas();
  EXPECT_EQ(got.size(), 1u) << payload;
  return got.empty() ? xml::Element() : got[0];
}

TEST(Features, DISCO_01_the_server_says_what_it_is) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  auto answer = ask(ann, "localhost", "<query xmlns='http://jabber.org/protocol/disco#info'/>");
  auto info = xmpp::disco_info_from(*answer.first_element());
  ASSERT_TRUE(info.ok());
  EXPECT_TRUE(info->has_identity("server", "im"));
  for (const char* feature :
       {"http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items",
        "urn:xmpp:ping", "urn:xmpp:time", "jabber:iq:version", "msgoffline"}) {
    EXPECT_TRUE(info->has_feature(feature)) << feature;
  }
  answer = ask(ann, "localhost", "<query xmlns='http://jabber.org/protocol/disco#info' node='x'/>");
  EXPECT_EQ(condition_of(answer), "item-not-found");
}

TEST(Features, DISCO_02_items_are_the_domains_inside) {
  ListeningEntity registry;
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  auto answer = ask(ann, "localhost", "<query xmlns='http://jabber.org/protocol/disco#items'/>");
  EXPECT_EQ(answer.first_element()->element_count(), 0u);
  bus.server.attach("services.localhost", registry);
  answer = ask(ann, "localhost", "<query xmlns='http://jabber.org/protocol/disco#items'/>");
  auto items = xmpp::disco_items_from(*answer.first_element());
  ASSERT_TRUE(items.ok());
  ASSERT_EQ(items->items.size(), 1u);
  EXPECT_EQ(items->items[0].jid.str(), "services.localhost");
  bus.server.detach("services.localhost");
  EXPECT_EQ(registry.port, nullptr);
  answer = ask(ann, "services.localhost", "<ping xmlns='urn:xmpp:ping'/>");
  EXPECT_EQ(condition_of(answer), "remote-server-not-found");
}

TEST(Features, DISCO_03_an_account_is_shown_to_itself) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.appear("a");
  auto answer = ask(ann, "ann@localhost", "<query xmlns='http://jabber.org/protocol/disco#info'/>");
  auto info = xmpp::disco_info_from(*answer.first_element());
  ASSERT_TRUE(info.ok());
  EXPECT_TRUE(info->has_identity("account", "registered"));
  answer = ask(ann, "ann@localhost", "<query xmlns='http://jabber.org/protocol/disco#items'/>");
  auto items = xmpp::disco_items_from(*answer.first_element());
  ASSERT_TRUE(items.ok());
  ASSERT_EQ(items->items.size(), 1u);
  EXPECT_EQ(items->items[0].jid.str(), "ann@localhost/a");
}

TEST(Features, ping_version_and_time) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  EXPECT_EQ(ask(ann, "localhost", "<ping xmlns='urn:xmpp:ping'/>").attr_or("type", ""), "result");
  auto version =
      xml::write(ask(ann, "localhost", "<query xmlns='jabber:iq:version'/>"), xml::ns_client);
  EXPECT_THAT(version, HasSubstr("<name>xbusd</name>"));
  EXPECT_THAT(version, testing::Not(HasSubstr("<os>")));
  auto time = xml::write(ask(ann, "localhost", "<time xmlns='urn:xmpp:time'/>"), xml::ns_client);
  EXPECT_THAT(time, HasSubstr("<utc>2026-01-01T00:00:0"));
  EXPECT_EQ(condition_of(ask(ann, "localhost", "<ping xmlns='urn:xmpp:ping'/>", "set")),
            "service-unavailable");
}

TEST(Features, CORE_35_an_unknown_payload_is_unavailable) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  EXPECT_EQ(condition_of(ask(ann, "localhost", "<x xmlns='urn:unknown'/>")), "service-unavailable");
  EXPECT_EQ(condition_of(ask(ann, "localhost/r", "<ping xmlns='urn:xmpp:ping'/>")),
            "service-unavailable");
}

TEST(Features, an_entity_is_fed_trees_and_sends_them) {
  ListeningEntity registry;
  Bus bus;
  bus.server.attach("services.localhost", registry);
  Actor ann(bus, "ann");
  ann.login("a",
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
            "xmlns:p='urn:p' "
            "xml:lang='fr' to='localhost' version='1.0'>");
  ann.send("<iq type='set' id='1' to='echo@services.localhost'><p:q/></iq>");
  ASSERT_EQ(registry.got.size(), 1u);
  const xml::Element& got = registry.got[0];
  EXPECT_EQ(got.attr_or("from", ""), "ann@localhost/a");
  EXPECT_EQ(*got.attr("lang", xml::ns_xml), "fr");
  EXPECT_NE(got.first("q", "urn:p"), nullptr);
  xml::Element answer("iq", std::string(xml::ns_client));
  answer.set("type", "result")
      .set("id", "1")
      .set("to", "ann@localhost/a")
      .set("from", "echo@services.localhost/t");
  registry.port->send(answer);
  auto read = ann.stanzas();
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].attr_or("from", ""), "echo@services.localhost/t");
  // What it sends and cannot be delivered comes back to it.
  answer.set("type", "get").set("to", "ann@localhost/gone").add(xml::Element("q", "urn:q"));
  registry.port->send(answer);
  bus.settle();
  ASSERT_EQ(registry.got.size(), 2u);
  EXPECT_EQ(condition_of(registry.got[1]), "service-unavailable");
  // A `from` outside of its domain goes nowhere.
  answer.set("from", "root@localhost").set("to", "ann@localhost/a");
  registry.port->send(answer);
  EXPECT_THAT(ann.stanzas(), testing::IsEmpty());
}

// ---- urn:xbus:admin:0 ----

std::string admin_name(Bus& bus) {
  for (const char* name : {"root", "uid-0"}) {
    if (bus.server.is_admin(*xmpp::Jid::parse(std::string(name) + "@localhost"))) return name;
  }
  return "root";
}

// An account is made off the loop: waits for the answer.
xml::Element wait_for(Bus& bus, Actor& actor) {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    bus.settle();
    auto got = actor.stanzas();
    if (!got.empty()) return got[0];
  }
  ADD_FAILURE() << "no answer";
  return {};
}

TEST(Admin, accounts_are_added_listed_changed_and_removed) {
  Bus bus;
  Actor root(bus, admin_name(bus));
  root.login("r");
  root.send(
      "<iq type='set' id='1' to='localhost'><add xmlns='urn:xbus:admin:0' "
      "name='Zed-7'><password>pw</password></add></iq>");
  EXPECT_EQ(wait_for(bus, root).attr_or("type", ""), "result");
  auto accounts = bus.store->accounts();
  auto zed = std::find_if(accounts.begin(), accounts.end(),
                          [](const auto& account) { return account.local == "zed-7"; });
  ASSERT_NE(zed, accounts.end());
  EXPECT_EQ(zed->sha1.stored_key.size(), 20u);
  EXPECT_EQ(zed->sha256.stored_key.size(), 32u);
  auto list =
      xml::write(ask(root, "localhost", "<accounts xmlns='urn:xbus:admin:0'/>"), xml::ns_client);
  EXPECT_THAT(list,
              HasSubstr("<account name='zed-7' password='true' admin='false' connections='0'/>"));
  EXPECT_EQ(condition_of(ask(
                root, "localhost",
                "<add xmlns='urn:xbus:admin:0' name='zed-7'><password>x</password></add>", "set")),
            "conflict");
  auto old = *zed;
  root.send(
      "<iq type='set' id='2' to='localhost'><passwd xmlns='urn:xbus:admin:0' "
      "name='zed-7'><password>new</password></passwd></iq>");
  EXPECT_EQ(wait_for(bus, root).attr_or("type", ""), "result");
  EXPECT_EQ(ask(root, "localhost", "<remove xmlns='urn:xbus:admin:0' name='zed-7'/>", "set")
                .attr_or("type", ""),
            "result");
  EXPECT_EQ(condition_of(
                ask(root, "localhost", "<remove xmlns='urn:xbus:admin:0' name='zed-7'/>", "set")),
            "item-not-found");
}

TEST(Admin, others_may_only_change_their_own_password) {
  Bus bus;
  Actor eve(bus, "eve-of-no-uid");
  eve.login("e");
  EXPECT_EQ(condition_of(ask(eve, "localhost", "<accounts xmlns='urn:xbus:admin:0'/>")),
            "forbidden");
  EXPECT_EQ(condition_of(ask(eve, "localhost",
                             "<add xmlns='urn:xbus:admin:0' name='x'><password>p</password></add>",
                             "set")),
            "forbidden");
  EXPECT_EQ(
      condition_of(ask(eve, "localhost", "<remove xmlns='urn:xbus:admin:0' name='root'/>", "set")),
      "forbidden");
  eve.send(
      "<iq type='set' id='1' to='localhost'><passwd xmlns='urn:xbus:admin:0' "
      "name='eve-of-no-uid'><password>n</password></passwd></iq>");
  EXPECT_EQ(wait_for(bus, eve).attr_or("type", ""), "result");
}

TEST(Admin, names_of_uids_are_taken_only_by_a_link) {
  Bus bus;
  Actor root(bus, admin_name(bus));
  root.login("r");
  for (const char* name : {"daemon", "uid-12345"}) {
    std::string add = "<add xmlns='urn:xbus:admin:0' name='" + std::string(name) +
                      "'><password>p</password></add>";
    EXPECT_EQ(condition_of(ask(root, "localhost", add, "set")), "not-allowed");
  }
  EXPECT_EQ(condition_of(ask(
                root, "localhost",
                "<add xmlns='urn:xbus:admin:0' name='a b'><password>p</password></add>", "set")),
            "jid-malformed");
  EXPECT_EQ(
      condition_of(ask(root, "localhost", "<add xmlns='urn:xbus:admin:0' name='abc'/>", "set")),
      "bad-request");
  root.send(
      "<iq type='set' id='1' to='localhost'><add xmlns='urn:xbus:admin:0' name='uid-12345' "
      "link='true'><password>p</password></add></iq>");
  EXPECT_EQ(wait_for(bus, root).attr_or("type", ""), "result");
}

TEST(Admin, the_streams_of_a_removed_account_end) {
  Bus bus;
  Actor root(bus, admin_name(bus)), zed(bus, "zed-of-no-uid");
  root.login("r");
  zed.login("z");
  EXPECT_EQ(ask(root, "localhost", "<remove xmlns='urn:xbus:admin:0' name='zed-of-no-uid'/>", "set")
                .attr_or("type", ""),
            "result");
  EXPECT_THAT(zed.all(), HasSubstr("<not-authorized"));
  EXPECT_TRUE(zed.closed());
}

}  // namespace
}  // namespace xbus::server
