#include "bus/server/tap_filter.hpp"

#include <gtest/gtest.h>

#include "bus/xmpp/datetime.hpp"

namespace xbus::server {
namespace {

xmpp::Jid jid(std::string_view text) { return *xmpp::Jid::parse(text); }

xml::Element element(std::string_view text) {
  auto parsed = xml::parse(text, xml::ns_client);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : xml::Element();
}

TEST(TapFilter, is_written_and_read_back) {
  TapStart start;
  EXPECT_EQ(*tap_start_from(to_element(start)), start);
  EXPECT_EQ(xml::write(to_element(start), ns_monitor), "<start/>");
  start.scope = TapScope::own;
  start.filter = {.iqs = true,
                  .messages = true,
                  .presences = false,
                  .from = jid("ann@localhost"),
                  .to = jid("localhost"),
                  .with = {jid("a@services.localhost"), jid("ann@localhost/1")},
                  .payload_ns = "jabber:iq:rpc",
                  .payload_name = "query",
                  .errors = true};
  EXPECT_EQ(*tap_start_from(to_element(start)), start);
  EXPECT_EQ(xml::write(to_element(start), ns_monitor),
            "<start scope='own' kinds='iq message' from='ann@localhost' to='localhost' "
            "payload='jabber:iq:rpc' name='query' errors='true'><with>a@services.localhost</with>"
            "<with>ann@localhost/1</with></start>");
}

TEST(TapFilter, what_is_not_exactly_so_is_a_bad_request) {
  std::string many = "<start xmlns='urn:xbus:monitor:0'>";
  for (int i = 0; i < 65; ++i) many += "<with>localhost</with>";
  for (const std::string& text :
       {std::string("<start/>"), std::string("<begin xmlns='urn:xbus:monitor:0'/>"),
        std::string("<start xmlns='urn:xbus:monitor:0' scope='every'/>"),
        std::string("<start xmlns='urn:xbus:monitor:0' kinds=''/>"),
        std::string("<start xmlns='urn:xbus:monitor:0' kinds='iq iq'/>"),
        std::string("<start xmlns='urn:xbus:monitor:0' kinds='iq  message'/>"),
        std::string("<start xmlns='urn:xbus:monitor:0' kinds='stream'/>"),
        std::string("<start xmlns='urn:xbus:monitor:0' from='@'/>"),
        std::string("<start xmlns='urn:xbus:monitor:0' to=''/>"),
        std::string("<start xmlns='urn:xbus:monitor:0' payload=''/>"),
        "<start xmlns='urn:xbus:monitor:0' payload='" + std::string(513, 'x') + "'/>",
        std::string("<start xmlns='urn:xbus:monitor:0' errors='yes'/>"),
        std::string("<start xmlns='urn:xbus:monitor:0' other='1'/>"),
        std::string("<start xmlns='urn:xbus:monitor:0' xmlns:x='u' x:scope='own'/>"),
        std::string("<start xmlns='urn:xbus:monitor:0'>text</start>"),
        std::string("<start xmlns='urn:xbus:monitor:0'><with/></start>"),
        std::string("<start xmlns='urn:xbus:monitor:0'><with>a@b<with/></with></start>"),
        std::string("<start xmlns='urn:xbus:monitor:0'><without>a</without></start>"),
        many + "</start>"}) {
    const auto read = tap_start_from(element(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().condition, xmpp::Condition::bad_request) << text;
  }
  many.resize(many.size() - std::string("<with>localhost</with>").size());
  EXPECT_TRUE(tap_start_from(element(many + "</start>")));
}

TEST(TapFilter, an_address_stands_for_what_is_in_it) {
  EXPECT_TRUE(stands_for(jid("localhost"), jid("ann@localhost/r")));
  EXPECT_TRUE(stands_for(jid("ann@localhost"), jid("ann@localhost/r")));
  EXPECT_TRUE(stands_for(jid("ann@localhost/r"), jid("ann@localhost/r")));
  EXPECT_FALSE(stands_for(jid("ann@localhost/r"), jid("ann@localhost")));
  EXPECT_FALSE(stands_for(jid("ann@localhost"), jid("bob@localhost/r")));
  EXPECT_FALSE(stands_for(jid("localhost"), jid("services.localhost")));
  EXPECT_FALSE(stands_for(jid("localhost"), {}));
}

TEST(TapFilter, every_part_of_it_must_hold) {
  const auto call = element(
      "<iq type='set' from='ann@localhost/a' to='bob@localhost/b'><query "
      "xmlns='jabber:iq:rpc'/></iq>");
  const auto passes_call = [&](const TapFilter& filter) { return passes(filter, seen_of(call)); };
  EXPECT_TRUE(passes_call({}));
  EXPECT_FALSE(passes_call({.iqs = false}));
  EXPECT_TRUE(passes_call({.messages = false, .presences = false}));
  EXPECT_TRUE(passes_call({.from = jid("ann@localhost"), .to = jid("bob@localhost")}));
  EXPECT_FALSE(passes_call({.from = jid("ann@localhost"), .to = jid("ann@localhost")}));
  EXPECT_TRUE(passes_call({.payload_ns = "jabber:iq:rpc", .payload_name = "query"}));
  EXPECT_FALSE(passes_call({.payload_ns = "jabber:iq:rpc", .payload_name = "other"}));
  EXPECT_FALSE(passes_call({.payload_ns = "jabber:iq:roster"}));
  EXPECT_FALSE(passes_call({.errors = true}));
  const auto error = element("<message type='error' from='bob@localhost'/>");
  EXPECT_TRUE(passes({.errors = true}, seen_of(error)));
  EXPECT_FALSE(passes({.to = jid("localhost")}, seen_of(error)));
}

TEST(TapFilter, what_a_monitor_is_sent_is_read) {
  const auto tapped = tapped_from(element(
      "<message type='headline' from='localhost'><tapped xmlns='urn:xbus:monitor:0' missed='7'/>"
      "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' "
      "stamp='2026-01-01T00:00:00Z'/><iq xmlns='jabber:client' type='set'><omitted "
      "xmlns='urn:xbus:monitor:0' reason='secret' ns='urn:xbus:admin:0' name='add'/></iq>"
      "</forwarded></message>"));
  ASSERT_TRUE(tapped && tapped->forwarded);
  EXPECT_EQ(tapped->missed, 7u);
  EXPECT_EQ(tapped->forwarded->delay->stamp, xmpp::parse_datetime("2026-01-01T00:00:00Z"));
  const auto omitted = omitted_in(tapped->forwarded->stanza);
  ASSERT_TRUE(omitted);
  EXPECT_EQ(omitted->reason, "secret");
  EXPECT_EQ(seen_of(tapped->forwarded->stanza).payload_ns, "urn:xbus:admin:0");
  EXPECT_EQ(seen_of(tapped->forwarded->stanza).payload_name, "add");
  EXPECT_FALSE(tapped_from(element("<message type='headline'><body>x</body></message>")));
  EXPECT_FALSE(tapped_from(element("<message><tapped xmlns='urn:xbus:monitor:0'/></message>")));
}

}  // namespace
}  // namespace xbus::server
