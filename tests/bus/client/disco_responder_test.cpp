#include "bus/client/disco_responder.hpp"

#include <gtest/gtest.h>

#include "bus/client/ping_responder.hpp"
#include "bus/client/time_responder.hpp"
#include "bus/client/version_responder.hpp"
#include "bus/net/virtual_loop.hpp"
#include "bus/xmpp/caps.hpp"
#include "bus/xmpp/entity_time.hpp"
#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/stanza.hpp"
#include "tests/bus/client/test_server.hpp"

namespace xbus::client {
namespace {

using namespace std::chrono_literals;

struct Responders : testing::Test {
  Responders() : client(loop, {.domain = "bus.example"}, [this] { return server.connect(); }) {
    auto login = collect(client.connect());
    loop.advance(10ms);
    EXPECT_EQ(client.state(), State::online);
  }
  // What the client answers to this payload.
  xml::Element ask(const std::string& payload, const std::string& type = "get") {
    server.received.clear();
    server.send("<iq type='" + type + "' id='1' from='romeo@bus.example/x'>" + payload + "</iq>");
    loop.run_until_idle();
    EXPECT_EQ(server.received.size(), 1u);
    return server.received.empty() ? xml::Element() : server.received[0];
  }
  static std::string_view condition(const xml::Element& answer) {
    return xmpp::name_of(xmpp::stanza_error_from(answer).condition);
  }
  net::VirtualLoop loop;
  TestServer server{loop};
  Client client;
};

TEST_F(Responders, DISCO_01_says_what_it_is) {
  DiscoResponder disco(client, "https://xbus.example/");
  disco.add_identity({"automation", "rpc", "agent", ""});
  disco.add_feature("jabber:iq:rpc");
  auto answer = ask("<query xmlns='http://jabber.org/protocol/disco#info'/>");
  auto info = xmpp::disco_info_from(*answer.first_element());
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->has_identity("automation", "rpc"));
  EXPECT_TRUE(info->has_feature("jabber:iq:rpc"));
  EXPECT_TRUE(info->has_feature(xmpp::ns_disco_info));
  EXPECT_EQ(condition(ask("<query xmlns='http://jabber.org/protocol/disco#info' node='other'/>")), "item-not-found");
  EXPECT_EQ(condition(ask("<query xmlns='http://jabber.org/protocol/disco#info'/>", "set")), "bad-request");
}

TEST_F(Responders, DISCO_02_no_items_is_no_error) {
  DiscoResponder disco(client, "https://xbus.example/");
  auto answer = ask("<query xmlns='http://jabber.org/protocol/disco#items'/>");
  EXPECT_EQ(answer.attr_or("type", ""), "result");
  disco.set_items({{*xmpp::Jid::parse("a@bus.example"), "", "A"}});
  auto items = xmpp::disco_items_from(*ask("<query xmlns='http://jabber.org/protocol/disco#items'/>").first_element());
  ASSERT_TRUE(items);
  EXPECT_EQ(items->items.size(), 1u);
}

TEST_F(Responders, DISCO_04_caps_change_with_everything_said) {
  DiscoResponder disco(client, "https://xbus.example/");
  int changes = 0;
  disco.on_change([&] { ++changes; });
  disco.add_identity({"automation", "rpc", "agent", ""});
  disco.add_feature("urn:a");
  disco.add_feature("urn:a");  // no change
  auto form = xmpp::make_form(xmpp::FormType::result, "urn:form");
  disco.set_form(form);
  disco.set_form(form);  // no change
  EXPECT_EQ(changes, 3);
  ASSERT_EQ(disco.caps().size(), 2u);
  auto before = disco.caps();
  auto caps = xmpp::caps_from(disco.caps()[0]);
  ASSERT_TRUE(caps);
  EXPECT_EQ(xmpp::verify(*caps, disco.info()), xmpp::CapsVerdict::valid);
  // The nodes that stand for it are known, those of yesterday are not.
  for (auto& node : {caps->disco_node(), xmpp::caps2_from(disco.caps()[1]).front().disco_node()}) {
    auto answer = ask("<query xmlns='http://jabber.org/protocol/disco#info' node='" + node + "'/>");
    ASSERT_EQ(answer.attr_or("type", ""), "result") << node;
    EXPECT_EQ(answer.first_element()->attr_or("node", ""), node);
  }
  disco.remove_form("urn:form");
  disco.remove_feature("urn:a");
  EXPECT_EQ(changes, 5);
  EXPECT_NE(disco.caps(), before);
  EXPECT_EQ(condition(ask("<query xmlns='http://jabber.org/protocol/disco#info' node='" + caps->disco_node() + "'/>")),
            "item-not-found");
}

TEST_F(Responders, ping_time_and_version) {
  answer_ping(client);
  answer_time(client, 90min);
  answer_version(client, {"xbus-agent", "0.1", ""});
  EXPECT_EQ(ask("<ping xmlns='urn:xmpp:ping'/>").attr_or("type", ""), "result");
  EXPECT_EQ(condition(ask("<ping xmlns='urn:xmpp:ping'/>", "set")), "bad-request");
  auto time = xmpp::entity_time_from(*ask("<time xmlns='urn:xmpp:time'/>").first_element());
  ASSERT_TRUE(time);
  EXPECT_EQ(time->zone, 90min);
  EXPECT_LT(loop.wall() - time->utc, 1s);
  auto version = xmpp::software_version_from(*ask("<query xmlns='jabber:iq:version'/>").first_element());
  ASSERT_TRUE(version);
  EXPECT_EQ(version->name, "xbus-agent");
}

}  // namespace
}  // namespace xbus::client
