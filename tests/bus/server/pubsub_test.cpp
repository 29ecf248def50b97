// Plays about the pubsub service: publishers and subscribers over the in-memory pipe.
#include "bus/server/pubsub.hpp"

#include "bus/limits_topics.hpp"
#include "bus/xmpp/disco.hpp"
#include "tests/bus/server/topics.hpp"

namespace xbus::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PubsubTest : public Topics {
 protected:
  PubsubTest() : ann(bus, "ann"), bob(bus, "bob") {
    ann.login("1");
    bob.login("2");
  }
  Actor ann, bob;
};

TEST_F(PubsubTest, PS_01_PS_22_an_item_reaches_the_subscribers_and_stays) {
  EXPECT_EQ(create(ann, "news"), "result");
  EXPECT_EQ(subscribe(bob, "news"), "subscribed");
  xml::Element answer = pubsub(ann, "set", "<publish node='news'><item><p xmlns='u'>1 &lt; 2</p></item></publish>");
  ASSERT_EQ(outcome(answer), "result");
  std::string id(answer.first_element()->first_element()->first_element()->attr_or("id", ""));
  EXPECT_FALSE(id.empty());
  auto told = bob.stanzas();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].attr_or("to", ""), "bob@localhost/2");
  EXPECT_FALSE(told[0].attr_or("id", "").empty());
  const xml::Element* item = told[0].first("event", ns_ps_event)->first_element()->first_element();
  EXPECT_EQ(item->attr_or("id", ""), id);
  EXPECT_EQ(item->attr_or("publisher", ""), "ann@localhost");  // PS-28
  EXPECT_EQ(item->first("p", "u")->text(), "1 < 2");
  xml::Element kept = pubsub(bob, "get", "<items node='news'/>");
  const xml::Element* same = kept.first_element()->first_element()->first_element();
  EXPECT_EQ(same->attr_or("publisher", ""), "ann@localhost");
  EXPECT_EQ(*same->first("p", "u"), *item->first("p", "u"));
}

TEST_F(PubsubTest, PS_30_each_address_once_and_bare_ones_where_messages_are_taken) {
  Actor second(bus, "bob"), absent(bus, "bob");
  second.appear("phone");
  absent.appear("absent", -1);
  create(ann, "news");
  EXPECT_EQ(subscribe(bob, "news"), "subscribed");
  EXPECT_EQ(outcome(pubsub(bob, "set", "<subscribe node='news' jid='bob@localhost'/>")), "result");
  for (Actor* actor : {&bob, &second, &absent}) actor->forget();
  EXPECT_EQ(publish(ann, "news", item("a")), "result");
  EXPECT_THAT(events(bob), ElementsAre("items news: a "));     // by its own address
  EXPECT_THAT(events(second), ElementsAre("items news: a "));  // by the bare one
  EXPECT_THAT(events(absent), IsEmpty());
}

TEST_F(PubsubTest, PS_03_nothing_is_sent_to_the_pending_or_stored_for_the_absent) {
  create(ann, "news", {{"access_model", "authorize"}});
  ann.send("<presence/>");
  EXPECT_EQ(subscribe(bob, "news"), "pending");
  ann.forget();
  EXPECT_EQ(publish(ann, "news", item("a")), "result");
  EXPECT_THAT(events(bob), IsEmpty());
  create(ann, "open");
  EXPECT_EQ(outcome(pubsub(bob, "set", "<subscribe node='open' jid='bob@localhost'/>")), "result");
  EXPECT_EQ(publish(ann, "open", item("a")), "result");
  EXPECT_THAT(bob.stanzas(), IsEmpty());  // it has sent no presence
  Actor later(bus, "bob");
  later.appear("later");
  EXPECT_THAT(events(later), IsEmpty());
}

TEST_F(PubsubTest, PS_39_an_owner_is_asked_and_answers) {
  create(ann, "news", {{"access_model", "authorize"}});
  ann.send("<presence/>");
  EXPECT_EQ(subscribe(bob, "news"), "pending");
  std::string asked;
  xml::Element question;
  for (const xml::Element& stanza : ann.stanzas()) {
    if (stanza.first("x", "jabber:x:data") != nullptr) question = stanza;
  }
  ASSERT_EQ(question.attr_or("from", ""), "events.localhost");
  ann.send("<message to='events.localhost' id='" + std::string(question.attr_or("id", "")) + "'>" +
           form("subscribe_authorization",
                {{"node", "news"}, {"subscriber_jid", "bob@localhost/2"}, {"allow", "true"}}) + "</message>");
  EXPECT_THAT(events(bob), ElementsAre("subscription news bob@localhost/2 subscribed"));  // PS-41
  EXPECT_EQ(publish(ann, "news", item("a")), "result");
  EXPECT_THAT(events(bob), ElementsAre("items news: a "));
  bob.send("<message to='events.localhost' id='1'>" +
           form("subscribe_authorization",
                {{"node", "news"}, {"subscriber_jid", "ann@localhost/1"}, {"allow", "1"}}) + "</message>");
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "forbidden");
}

TEST_F(PubsubTest, PS_29_PS_38_PS_37_what_is_taken_away_is_told) {
  create(ann, "news", {{"notify_retract", "1"}});
  subscribe(bob, "news");
  publish(ann, "news", item("a") + item("b") + item("c"));
  EXPECT_THAT(events(bob), ElementsAre("items news: a b c "));
  EXPECT_EQ(outcome(pubsub(ann, "set", "<retract node='news'><item id='a'/></retract>")), "result");
  EXPECT_THAT(events(bob), ElementsAre("items news: -a "));
  EXPECT_EQ(items(bob, "news"), "b c ");
  EXPECT_EQ(outcome(own(ann, "set", "<purge node='news'/>")), "result");
  EXPECT_THAT(events(bob), ElementsAre("purge news"));
  EXPECT_EQ(items(bob, "news"), "");
  EXPECT_EQ(outcome(own(ann, "set", "<delete node='news'><redirect uri='xmpp:m'/></delete>")), "result");
  EXPECT_THAT(events(bob), ElementsAre("delete news"));
  EXPECT_EQ(subscribe(bob, "news"), "gone");  // PS-15
}

TEST_F(PubsubTest, PS_29_notify_is_asked_for_where_the_node_says_nothing) {
  create(ann, "news");
  subscribe(bob, "news");
  publish(ann, "news", item("a") + item("b"));
  bob.forget();
  pubsub(ann, "set", "<retract node='news'><item id='a'/></retract>");
  EXPECT_THAT(events(bob), IsEmpty());
  pubsub(ann, "set", "<retract node='news' notify='1'><item id='b'/></retract>");
  EXPECT_THAT(events(bob), ElementsAre("items news: -b "));
}

TEST_F(PubsubTest, PS_35_configuration_is_asked_changed_and_told) {
  create(ann, "news", {{"notify_config", "true"}});
  subscribe(bob, "news");
  xml::Element asked = own(ann, "get", "<configure node='news'/>");
  auto form_now = xmpp::form_from(*asked.first_element()->first_element()->first("x", xmpp::ns_data));
  ASSERT_TRUE(form_now.ok());
  EXPECT_EQ(form_now->value("pubsub#notify_config"), "1");
  EXPECT_EQ(outcome(own(ann, "set", "<configure node='news'>" + form("node_config", {{"title", "T"}}) + "</configure>")), "result");
  EXPECT_THAT(events(bob), ElementsAre("configuration news"));
  EXPECT_EQ(outcome(own(bob, "get", "<configure node='news'/>")), "forbidden");
  EXPECT_EQ(outcome(own(ann, "set", "<configure node='news'><x xmlns='jabber:x:data' type='cancel'/></configure>")), "result");
  xml::Element fresh = own(ann, "get", "<default/>");  // PS-36
  EXPECT_NE(fresh.first_element()->first("default", ns_ps_owner)->first("x", xmpp::ns_data), nullptr);
  EXPECT_EQ(outcome(pubsub(bob, "get", "<default node='news'/>")), "result");
}

TEST_F(PubsubTest, PS_31_the_last_item_on_subscribing_is_stamped) {
  create(ann, "news", {{"send_last_published_item", "on_sub"}});
  publish(ann, "news", item("a"));
  publish(ann, "news", item("b"));
  bob.send("<iq to='events.localhost' type='set' id='s'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
           "<subscribe node='news' jid='bob@localhost/2'/></pubsub></iq>");
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].attr_or("id", ""), "s");
  EXPECT_EQ(ids(*got[1].first("event", ns_ps_event)->first_element()), "b ");
  EXPECT_NE(got[1].first("delay", "urn:xmpp:delay"), nullptr);
}

TEST_F(PubsubTest, PS_07_lists_of_ones_own_and_PS_40_of_the_owner) {
  EXPECT_EQ(items(ann, "none"), "item-not-found");
  auto list = [&](Actor& who, const std::string& what) {
    xml::Element answer = pubsub(who, "get", what);
    EXPECT_EQ(outcome(answer), "result");
    return answer.first_element()->first_element()->element_count();
  };
  EXPECT_EQ(list(bob, "<subscriptions/>"), 0u);
  EXPECT_EQ(list(bob, "<affiliations/>"), 0u);
  create(ann, "news");
  create(ann, "more");
  subscribe(bob, "news");
  EXPECT_EQ(list(bob, "<subscriptions/>"), 1u);
  EXPECT_EQ(list(bob, "<subscriptions node='more'/>"), 0u);
  EXPECT_EQ(list(ann, "<affiliations/>"), 2u);
  xml::Element owners = own(ann, "get", "<subscriptions node='news'/>");
  EXPECT_EQ(owners.first_element()->first_element()->element_count(), 1u);
  EXPECT_EQ(outcome(own(bob, "get", "<subscriptions node='news'/>")), "forbidden");
  xml::Element change = own(ann, "set", "<affiliations node='news'><affiliation jid='ann@localhost' affiliation='none'/>"
                                        "<affiliation jid='bob@localhost' affiliation='outcast'/></affiliations>");
  EXPECT_EQ(outcome(change), "not-acceptable");
  const xml::Element* left = change.first("pubsub", ns_ps_owner);
  ASSERT_NE(left, nullptr);
  EXPECT_EQ(left->first_element()->first_element()->attr_or("affiliation", ""), "owner");
  EXPECT_THAT(events(bob), ElementsAre("subscription news bob@localhost/2 none"));
}

TEST_F(PubsubTest, PS_04_PS_05_PS_06_discovery) {
  create(ann, "news", {{"title", "News"}});
  publish(ann, "news", item("a") + item("b"));
  auto info = xmpp::disco_info_from(*ask(bob, "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>").first_element());
  ASSERT_TRUE(info.ok());
  EXPECT_TRUE(info->has_identity("pubsub", "service"));
  EXPECT_TRUE(info->has_feature("http://jabber.org/protocol/pubsub"));
  EXPECT_TRUE(info->has_feature("http://jabber.org/protocol/pubsub#publish"));
  EXPECT_FALSE(info->has_feature("http://jabber.org/protocol/pubsub#collections"));
  auto node = xmpp::disco_info_from(*ask(bob, "get", "<query xmlns='http://jabber.org/protocol/disco#info' node='news'/>").first_element());
  ASSERT_TRUE(node.ok());
  EXPECT_TRUE(node->has_identity("pubsub", "leaf"));
  ASSERT_NE(node->form("http://jabber.org/protocol/pubsub#meta-data"), nullptr);
  EXPECT_EQ(node->forms[0].value("pubsub#title"), "News");
  EXPECT_EQ(node->forms[0].value("pubsub#owner"), "ann@localhost");
  auto nodes = xmpp::disco_items_from(*ask(bob, "get", "<query xmlns='http://jabber.org/protocol/disco#items'/>").first_element());
  ASSERT_TRUE(nodes.ok());
  ASSERT_EQ(nodes->items.size(), 1u);
  EXPECT_EQ(nodes->items[0].node, "news");
  auto inside = xmpp::disco_items_from(*ask(bob, "get", "<query xmlns='http://jabber.org/protocol/disco#items' node='news'/>").first_element());
  ASSERT_TRUE(inside.ok());
  ASSERT_EQ(inside->items.size(), 2u);
  EXPECT_EQ(inside->items[0].name, "a");
  EXPECT_EQ(inside->items[0].node, "");
  EXPECT_EQ(outcome(ask(bob, "get", "<query xmlns='http://jabber.org/protocol/disco#info' node='none'/>")), "item-not-found");
  create(ann, "secret", {{"access_model", "whitelist"}});
  nodes = xmpp::disco_items_from(*ask(bob, "get", "<query xmlns='http://jabber.org/protocol/disco#items'/>").first_element());
  EXPECT_EQ(nodes->items.size(), 1u);
}

TEST_F(PubsubTest, PS_21_pages_are_walked_from_the_last_item_known) {
  create(ann, "news");
  for (int i = 0; i < 5; ++i) publish(ann, "news", item(std::to_string(i)));
  auto after = [](const std::string& id, const std::string& max) {
    return "<set xmlns='http://jabber.org/protocol/rsm'><max>" + max + "</max><after>" + id + "</after></set>";
  };
  EXPECT_EQ(items(bob, "news", after("1", "2")), "2 3 ");
  EXPECT_EQ(items(bob, "news", after("3", "2")), "4 ");
  EXPECT_EQ(items(bob, "news", after("gone", "2")), "item-not-found");
  EXPECT_EQ(outcome(pubsub(bob, "get", "<items node='news' max_items='2'/>")), "result");
  xml::Element count = pubsub(bob, "get", "<items node='news'/><set xmlns='http://jabber.org/protocol/rsm'><max>0</max></set>");
  auto page = xmpp::page_from(*count.first_element());
  ASSERT_TRUE(page);
  EXPECT_EQ(page->count, 5u);
}

TEST_F(PubsubTest, PS_43_a_subscription_ends_with_the_session) {
  create(ann, "news");
  {
    Actor carl(bus, "carl");
    carl.login("3");
    EXPECT_EQ(subscribe(carl, "news", "<options>" + form("subscribe_options", {{"expire", "presence"}}) + "</options>"), "subscribed");
    carl.send("</stream:stream>");
  }
  bus.settle();
  xml::Element owners = own(ann, "get", "<subscriptions node='news'/>");
  EXPECT_EQ(owners.first_element()->first_element()->element_count(), 0u);
}

TEST_F(PubsubTest, PS_43_a_lease_ends_in_its_time) {
  create(ann, "news");
  EXPECT_EQ(subscribe(bob, "news", "<options>" + form("subscribe_options", {{"expire", "2026-01-01T00:01:00Z"}}) + "</options>"), "subscribed");
  bus.loop.advance(std::chrono::seconds(30));
  EXPECT_EQ(publish(ann, "news", item("a")), "result");
  EXPECT_THAT(events(bob), ElementsAre("items news: a "));
  bus.loop.advance(std::chrono::seconds(31));
  EXPECT_EQ(publish(ann, "news", item("b")), "result");
  EXPECT_THAT(events(bob), IsEmpty());
  EXPECT_EQ(outcome(pubsub(bob, "set", "<unsubscribe node='news' jid='bob@localhost/2'/>")), "unexpected-request+not-subscribed");
}

TEST_F(PubsubTest, PS_12_presence_and_roster_models_ask_the_owners_roster) {
  create(ann, "friends", {{"access_model", "presence"}});
  create(ann, "family", {{"access_model", "roster"}, {"roster_groups_allowed", "Family"}});
  EXPECT_EQ(subscribe(bob, "friends"), "not-authorized+presence-subscription-required");
  EXPECT_EQ(subscribe(bob, "family"), "not-authorized+not-in-roster-group");
  ann.send("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='bob@localhost'><group>Family</group></item></query></iq>");
  EXPECT_EQ(subscribe(bob, "family"), "subscribed");
  ann.send("<presence/>");
  bob.send("<presence/>");
  bob.send("<presence type='subscribe' to='ann@localhost'/>");
  ann.send("<presence type='subscribed' to='bob@localhost'/>");
  EXPECT_EQ(subscribe(bob, "friends"), "subscribed");
}

TEST_F(PubsubTest, PS_33_topics_of_a_service_belong_to_its_owner) {
  names["agent"] = "ann@localhost";
  EXPECT_EQ(create(bob, "agent/link"), "forbidden");
  EXPECT_EQ(create(ann, "agent/link"), "result");
  EXPECT_EQ(publish(bob, "agent/link", item("a")), "forbidden");
  EXPECT_EQ(publish(bob, "agent/load", item("a")), "forbidden");
  EXPECT_EQ(publish(ann, "agent/load", item("a")), "result");  // made by the way
  EXPECT_EQ(publish(ann, "agent/link", item("a")), "result");
}

TEST_F(PubsubTest, PS_23_transient_events_are_told_and_not_kept) {
  create(ann, "pulse", {{"persist_items", "0"}});
  subscribe(bob, "pulse");
  EXPECT_EQ(publish(ann, "pulse", item("a")), "result");
  EXPECT_THAT(events(bob), ElementsAre("items pulse: a "));
  EXPECT_EQ(items(bob, "pulse"), "");
  create(ann, "bell", {{"persist_items", "0"}, {"deliver_payloads", "0"}});
  subscribe(bob, "bell");
  EXPECT_EQ(publish(ann, "bell", ""), "result");
  EXPECT_THAT(events(bob), ElementsAre("items bell: "));
}

TEST_F(PubsubTest, PS_32_a_bounced_event_ends_the_subscription) {
  create(ann, "news");
  subscribe(bob, "news");
  bob.send("<message to='events.localhost' type='error' id='1'><error type='cancel'>"
           "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
  EXPECT_EQ(publish(ann, "news", item("a")), "result");
  EXPECT_THAT(events(bob), IsEmpty());
  // What may pass is counted first.
  subscribe(bob, "news");
  for (uint32_t i = 0; i < limits::event_bounces_max; ++i) {
    EXPECT_EQ(publish(ann, "news", item("b")), "result");
    EXPECT_THAT(events(bob), ElementsAre("items news: b "));
    bob.send("<message to='events.localhost' type='error' id='1'><error type='wait'>"
             "<resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
  }
  EXPECT_EQ(publish(ann, "news", item("c")), "result");
  EXPECT_THAT(events(bob), IsEmpty());
}

TEST_F(PubsubTest, PS_41_owners_are_told_of_subscriptions_where_they_ask) {
  create(ann, "news", {{"notify_sub", "1"}});
  ann.send("<presence/>");
  ann.forget();
  subscribe(bob, "news");
  EXPECT_THAT(events(ann), ElementsAre("subscription news bob@localhost/2 subscribed"));
  pubsub(bob, "set", "<unsubscribe node='news' jid='bob@localhost/2'/>");
  EXPECT_THAT(events(ann), ElementsAre("subscription news bob@localhost/2 none"));
}

TEST_F(PubsubTest, items_expire) {
  create(ann, "news", {{"item_expire", "60"}});
  publish(ann, "news", item("a"));
  bus.loop.advance(std::chrono::seconds(59));
  EXPECT_EQ(items(bob, "news"), "a ");
  bus.loop.advance(std::chrono::seconds(2));
  EXPECT_EQ(items(bob, "news"), "");
}

TEST_F(PubsubTest, what_is_no_request_is_refused) {
  EXPECT_EQ(outcome(ask(bob, "get", "<query xmlns='jabber:iq:version'/>")), "service-unavailable");
  EXPECT_EQ(outcome(ask(bob, "get", "<ping xmlns='urn:xmpp:ping'/>")), "result");
  bob.send("<iq to='news@events.localhost' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
  EXPECT_EQ(condition_of(bob.stanzas()[0]), "item-not-found");  // PS-45
  EXPECT_EQ(outcome(pubsub(bob, "set", "<odd/>")), "feature-not-implemented+unsupported");
  bob.send("<message to='events.localhost'><body>hello</body></message><presence to='events.localhost'/>");
  EXPECT_THAT(bob.stanzas(), IsEmpty());
}

// Subscribers with long queues of their own.
class SlowTest : public Topics {
 protected:
  static Options small() {
    Options options;
    options.queue_bytes_per_account_max = 400'000;
    return options;
  }
  SlowTest() : Topics(small()) {}
};

TEST_F(SlowTest, a_slow_subscriber_misses_events_and_is_told_so_and_nobody_else_is) {
  Actor ann(bus, "ann"), slow(bus, "slow"), quick(bus, "quick");
  for (Actor* actor : {&ann, &slow, &quick}) actor->login("r");
  create(ann, "news", {{"max_items", "1000"}});
  subscribe(slow, "news");
  subscribe(quick, "news");
  slow.stop_reading();
  std::string big(20'000, 'x');
  constexpr int count = 60;
  size_t heard = 0;
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(publish(ann, "news", item(std::to_string(i), big)), "result");
    heard += events(quick).size();
  }
  EXPECT_EQ(heard, static_cast<size_t>(count));
  slow.read_again();
  bus.settle();
  bus.loop.advance(std::chrono::seconds(2));
  auto told = events(slow);
  ASSERT_FALSE(told.empty());
  size_t got = told.size() - 1;
  EXPECT_LT(got, static_cast<size_t>(count));
  EXPECT_EQ(told.back(), "missed " + std::to_string(count - static_cast<int>(got)) + " from " + std::to_string(got));
  EXPECT_EQ(publish(ann, "news", item("after")), "result");
  EXPECT_THAT(events(slow), ElementsAre("items news: after "));
  // From there on a retrieval brings the rest.
  xml::Element rest = pubsub(slow, "get", "<items node='news'/><set xmlns='http://jabber.org/protocol/rsm'><max>3</max><after>" +
                                              std::to_string(got - 1) + "</after></set>");
  EXPECT_THAT(ids(*rest.first_element()->first_element()), testing::StartsWith(std::to_string(got) + " "));
}

}  // namespace
}  // namespace xbus::server
