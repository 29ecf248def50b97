// Plays about where stanzas go (RFC 6120 section 10, RFC 6121 section 8).
#include <gmock/gmock.h>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Routing, an_iq_goes_to_the_full_jid_and_its_answer_comes_back) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  ann.send("<iq type='get' to='bob@localhost/b' id='1'><q xmlns='urn:q'/></iq>");
  EXPECT_THAT(bob.texts(),
              ElementsAre("<iq from='ann@localhost/a' type='get' to='bob@localhost/b' id='1'>"
                          "<q xmlns='urn:q'/></iq>"));
  bob.send("<iq type='result' to='ann@localhost/a' id='1'/>");
  EXPECT_THAT(
      ann.texts(),
      ElementsAre("<iq from='bob@localhost/b' type='result' to='ann@localhost/a' id='1'/>"));
}

TEST(Routing, JID_03_an_address_as_typed_is_found_in_its_prepared_form) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("it's & <b>");
  ann.send(
      "<iq type='get' to='BOB@LocalHost/it&apos;s &amp; &lt;b&gt;' id='1'><q xmlns='urn:q'/></iq>");
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attr_or("to", ""), "BOB@LocalHost/it's & <b>");  // never rewritten
  // The text '&amp;' as a resource is another address than '&'.
  Actor carl(bus, "bob");
  carl.login("x&amp;y");
  ann.send("<message to='bob@localhost/x&amp;y'/>");
  EXPECT_THAT(carl.stanzas(), IsEmpty());
}

TEST(Routing, CORE_32_a_false_from_is_overwritten) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  ann.send("<message from='root@localhost' to='bob@localhost/b'><body>x</body></message>");
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attr_or("from", ""), "ann@localhost/a");
}

TEST(Routing, CORE_41_an_iq_to_an_absent_resource_is_unavailable_at_once) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  ann.send("<iq type='get' to='bob@localhost/gone' id='1'><q xmlns='urn:q'/></iq>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
  EXPECT_EQ(got[0].attr_or("from", ""), "bob@localhost/gone");
  EXPECT_EQ(got[0].attr_or("id", ""), "1");
}

TEST(Routing, CORE_40_an_iq_to_a_bare_jid_is_answered_by_the_server) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.appear("b");
  ann.send("<iq type='get' to='bob@localhost' id='1'><q xmlns='urn:q'/></iq>");
  ann.send("<iq type='get' to='bob@localhost' id='2'><ping xmlns='urn:xmpp:ping'/></iq>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
  EXPECT_EQ(got[1].attr_or("type", ""), "result");
  EXPECT_THAT(bob.stanzas(), IsEmpty());
}

TEST(Routing, CORE_43_an_unknown_domain_is_not_found) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  ann.send(
      "<iq type='get' to='elsewhere.example' id='1'><q xmlns='urn:q'/></iq>"
      "<message to='x@elsewhere.example' id='2'/><presence to='x@elsewhere.example'/>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 3u);
  for (const auto& stanza : got) EXPECT_EQ(condition_of(stanza), "remote-server-not-found");
}

TEST(Routing, CORE_36_errors_never_answer_errors) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  ann.send(
      "<iq type='error' to='x@elsewhere' id='1'><error type='cancel'><gone "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
      "<message type='error' to='nobody@localhost/r'><error type='cancel'/></message>"
      "<presence type='error' to='x@elsewhere'><error type='cancel'/></presence>"
      "<iq type='result' to='nobody@localhost/r' id='2'/>");
  EXPECT_THAT(ann.stanzas(), IsEmpty());
}

TEST(Routing, CORE_34_a_request_with_a_wrong_shape_is_a_bad_request) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  ann.send(
      "<iq type='get' to='bob@localhost/b' id='1'/>"
      "<iq type='get' to='bob@localhost/b' id='2'><a xmlns='u'/><b xmlns='u'/></iq>"
      "<iq type='ask' to='bob@localhost/b' id='3'><a xmlns='u'/></iq>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 3u);
  for (const auto& stanza : got) EXPECT_EQ(condition_of(stanza), "bad-request");
  EXPECT_THAT(bob.stanzas(), IsEmpty());
}

TEST(Routing, an_address_that_cannot_be_prepared_is_malformed) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  ann.send(
      "<message to='@localhost' id='1'/><iq type='get' to='a b@localhost' id='2'><q "
      "xmlns='u'/></iq>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(condition_of(got[0]), "jid-malformed");
  EXPECT_EQ(condition_of(got[1]), "jid-malformed");
}

TEST(Routing, another_element_is_the_end_of_the_stream) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  ann.send("<note xmlns='jabber:client'/>");
  EXPECT_NE(ann.bytes().find("<unsupported-stanza-type"), std::string::npos);
  EXPECT_TRUE(ann.closed());
}

TEST(Routing, CORE_42_stanzas_arrive_in_the_order_sent) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.appear("b");
  std::string all;
  for (int i = 0; i < 500; ++i) {
    all += "<message id='" + std::to_string(i) + "' type='chat' to='bob@localhost" +
           (i % 2 ? "/b'/>" : "'/>");
  }
  ann.send(all);
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 500u);
  for (size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i].attr_or("id", ""), std::to_string(i));
}

// ---- message-type-deliver ----

TEST(Routing, message_type_deliver_to_the_most_available_resource) {
  Bus bus;
  Actor ann(bus, "ann"), low(bus, "bob"), high(bus, "bob"), negative(bus, "bob");
  ann.login("a");
  low.appear("low", 1);
  high.appear("high", 5);
  negative.appear("negative", -1);
  low.forget();
  high.forget();
  negative.forget();
  ann.send("<message type='chat' to='bob@localhost' id='c'/><message to='bob@localhost' id='n'/>");
  EXPECT_EQ(high.stanzas().size(), 2u);
  EXPECT_THAT(low.stanzas(), IsEmpty());
  EXPECT_THAT(negative.stanzas(), IsEmpty());
  ann.send("<message type='headline' to='bob@localhost' id='h'/>");
  EXPECT_EQ(high.stanzas().size(), 1u);
  EXPECT_EQ(low.stanzas().size(), 1u);
  EXPECT_THAT(negative.stanzas(), IsEmpty());
  ann.send("<message type='groupchat' to='bob@localhost' id='g'/>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
  // A full JID is delivered to whatever its priority.
  ann.send("<message type='groupchat' to='bob@localhost/negative'/>");
  EXPECT_EQ(negative.stanzas().size(), 1u);
}

TEST(Routing, a_message_without_an_address_is_for_the_own_account) {
  Bus bus;
  Actor one(bus, "ann"), two(bus, "ann");
  one.login("1");
  two.appear("2");
  one.send("<message type='chat'><body>note</body></message>");
  EXPECT_EQ(two.stanzas().size(), 1u);
}

TEST(Routing, messages_to_nobody_are_refused) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  ann.send(
      "<message to='nobody@localhost' id='1'/><iq type='set' to='nobody@localhost' id='2'><q "
      "xmlns='u'/></iq>"
      "<presence to='nobody@localhost'/><presence type='subscribed' to='nobody@localhost'/>");
  auto got = ann.stanzas();
  ASSERT_GE(got.size(), 2u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
  EXPECT_EQ(condition_of(got[1]), "service-unavailable");
}

}  // namespace
}  // namespace xbus::server
