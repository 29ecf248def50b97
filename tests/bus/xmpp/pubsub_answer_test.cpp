#include "bus/xmpp/pubsub_answer.hpp"

#include <gtest/gtest.h>

#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

const Jid ann = *Jid::parse("ann@x/1");

TEST(PubsubAnswer, as_the_examples_of_the_XEP_show_them) {
  const std::string in = "<pubsub xmlns='http://jabber.org/protocol/pubsub'>", out = "</pubsub>";
  const std::string owner = "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>";
  const std::string event = "<event xmlns='http://jabber.org/protocol/pubsub#event'>", end = "</event>";
  xml::Element payload("p", "u");
  EXPECT_EQ(answer_created("n"), element(in + "<create node='n'/>" + out));
  EXPECT_EQ(answer_published("n", {"1", "2"}),
            element(in + "<publish node='n'><item id='1'/><item id='2'/></publish>" + out));
  EXPECT_EQ(answer_subscription({"n", ann, SubscriptionState::pending}),
            element(in + "<subscription node='n' jid='ann@x/1' subscription='pending'/>" + out));
  EXPECT_EQ(answer_subscriptions({}, {}), element(in + "<subscriptions/>" + out));  // PS-07
  EXPECT_EQ(answer_affiliations("n", {{"n", {}, Affiliation::owner}}),
            element(in + "<affiliations node='n'><affiliation node='n' affiliation='owner'/></affiliations>" + out));
  EXPECT_EQ(answer_items("n", {}, {}), element(in + "<items node='n'/>" + out));  // PS-20
  EXPECT_EQ(answer_items("n", {{"1", "ann@x", payload}}, Page{"1", "1", 0, 7}),
            element(in + "<items node='n'><item id='1' publisher='ann@x'><p xmlns='u'/></item></items>"
                         "<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>1</first><last>1</last>"
                         "<count>7</count></set>" + out));
  EXPECT_EQ(answer_owner_affiliations("n", {{{}, ann, Affiliation::member}}),
            element(owner + "<affiliations node='n'><affiliation jid='ann@x/1' affiliation='member'/></affiliations>" + out));
  EXPECT_EQ(answer_owner_subscriptions("n", {{{}, ann, SubscriptionState::subscribed}}),
            element(owner + "<subscriptions node='n'><subscription jid='ann@x/1' subscription='subscribed'/></subscriptions>" + out));
  EXPECT_EQ(event_items("n", {{"1", {}, payload}}),
            element(event + "<items node='n'><item id='1'><p xmlns='u'/></item></items>" + end));
  EXPECT_EQ(event_items("n", {}, {"1"}), element(event + "<items node='n'><retract id='1'/></items>" + end));
  EXPECT_EQ(event_purged("n"), element(event + "<purge node='n'/>" + end));
  EXPECT_EQ(event_deleted("n", "xmpp:m"),
            element(event + "<delete node='n'><redirect uri='xmpp:m'/></delete>" + end));
  EXPECT_EQ(event_configured("n", {}), element(event + "<configuration node='n'/>" + end));
  EXPECT_EQ(event_subscription({"n", ann, SubscriptionState::none}),
            element(event + "<subscription node='n' jid='ann@x/1' subscription='none'/>" + end));
}

TEST(PubsubAnswer, PS_39_authorization_is_asked_and_read) {
  Form form = authorization_form("n", ann);
  form.type = FormType::submit;
  for (Field& field : form.fields) {
    if (field.var == "pubsub#allow") field.values = {"true"};
  }
  xml::Element message("message", xml::ns_client);
  message.add(to_element(form));
  auto word = authorization_from(message);
  ASSERT_TRUE(word);
  EXPECT_EQ(word->node, "n");
  EXPECT_EQ(word->subscriber, ann);
  EXPECT_TRUE(word->allow);
  form.type = FormType::cancel;
  xml::Element cancelled("message", xml::ns_client);
  cancelled.add(to_element(form));
  EXPECT_FALSE(authorization_from(cancelled));
  EXPECT_FALSE(authorization_from(xml::Element("message", xml::ns_client)));
}

// XEP-0395 section 4.1.
TEST(PubsubAnswer, PS_47_values_to_compare_stand_beside_the_items) {
  EXPECT_EQ(answer_items("n", {{"1", {}, {}, "v1"}, {"2", {}, {}, "v2"}}, {}),
            element("<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'><item id='1'/><item id='2'/>"
                    "<cap-v-map xmlns='urn:xmpp:pubsub:cap:0'><cap-value-map-entry item-id='1' cap-value='v1'/>"
                    "<cap-value-map-entry item-id='2' cap-value='v2'/></cap-v-map></items></pubsub>"));
}

}  // namespace
}  // namespace xbus::xmpp
