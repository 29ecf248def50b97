// The command that sends an owner what it is to decide about.
#include "bus/xmpp/commands.hpp"
#include "bus/xmpp/disco.hpp"
#include "tests/bus/server/topics.hpp"

namespace xbus::server {
namespace {

constexpr const char* get_pending = "http://jabber.org/protocol/pubsub#get-pending";

class Pending : public Topics {
 protected:
  Pending() : ann(bus, "ann"), bob(bus, "bob") {
    ann.login("1");
    bob.login("2");
  }
  static xml::Element command(Actor& who, const std::string& inside, const std::string& more = {}) {
    return ask(who, "set", "<command xmlns='http://jabber.org/protocol/commands' node='" + std::string(get_pending) + "' " +
                               more + ">" + inside + "</command>");
  }
  Actor ann, bob;
};

TEST_F(Pending, PS_39_the_nodes_are_offered_and_the_requests_come_again) {
  EXPECT_EQ(create(ann, "news", {{"access_model", "authorize"}}), "result");
  EXPECT_EQ(create(ann, "quiet", {{"access_model", "authorize"}}), "result");
  EXPECT_EQ(subscribe(bob, "news"), "pending");
  xml::Element first = command(ann, "", "action='execute'");
  const xml::Element& step = *first.first_element();
  EXPECT_EQ(step.attr_or("status", ""), "executing");
  auto offered = xmpp::form_from(*step.first("x", xmpp::ns_data));
  ASSERT_TRUE(offered.ok());
  ASSERT_NE(offered->field("pubsub#node"), nullptr);
  ASSERT_EQ(offered->field("pubsub#node")->options.size(), 1u);
  EXPECT_EQ(offered->field("pubsub#node")->options[0].value, "news");
  ann.send("<iq to='events.localhost' type='set' id='c'><command xmlns='http://jabber.org/protocol/commands' node='" +
           std::string(get_pending) + "' sessionid='pending' action='complete'>" +
           form("subscribe_authorization", {{"node", "news"}}) + "</command></iq>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].first_element()->attr_or("status", ""), "completed");
  auto question = xmpp::form_from(*got[1].first("x", xmpp::ns_data));
  ASSERT_TRUE(question.ok());
  EXPECT_EQ(question->value("pubsub#subscriber_jid"), "bob@localhost/2");
}

TEST_F(Pending, PS_39_refusals) {
  EXPECT_EQ(create(ann, "news", {{"access_model", "authorize"}}), "result");
  EXPECT_EQ(outcome(command(bob, form("subscribe_authorization", {{"node", "news"}}))), "forbidden");
  EXPECT_EQ(outcome(command(ann, form("subscribe_authorization", {{"node", "none"}}))), "item-not-found");
  EXPECT_EQ(outcome(command(ann, form("subscribe_authorization", {}))), "bad-request");
  EXPECT_EQ(outcome(ask(ann, "set", "<command xmlns='http://jabber.org/protocol/commands' node='other'/>")), "item-not-found");
  xml::Element cancelled = command(ann, "", "action='cancel' sessionid='pending'");
  EXPECT_EQ(cancelled.first_element()->attr_or("status", ""), "canceled");
}

TEST_F(Pending, PS_04_the_command_is_found) {
  auto items = xmpp::disco_items_from(*ask(bob, "get", "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>").first_element());
  ASSERT_TRUE(items.ok());
  ASSERT_EQ(items->items.size(), 1u);
  EXPECT_EQ(items->items[0].node, get_pending);
  auto info = xmpp::disco_info_from(*ask(bob, "get", "<query xmlns='http://jabber.org/protocol/disco#info' node='" + std::string(get_pending) + "'/>").first_element());
  ASSERT_TRUE(info.ok());
  EXPECT_TRUE(info->has_identity("automation", "command-node"));
}

}  // namespace
}  // namespace xbus::server
