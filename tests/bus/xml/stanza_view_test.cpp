// What the scanner notes of a header and of a stanza: routing and splicing lean on each of these
// fields.
#include <gtest/gtest.h>

#include "bus/xml/scanner.hpp"
#include "tests/bus/xml/feed.hpp"

namespace xbus::xml {
namespace {

// A stanza behind a header, and the view of it; the whole input is kept, since views point into it.
class Scanned {
 public:
  Scanned(std::string_view header, std::string_view stanza)
      : input_(std::string(header) + std::string(stanza)) {
    feed_every_way(input_);
    const auto first = scanner_.next(input_);
    EXPECT_EQ(first.event, Scanner::Event::header) << input_;
    if (first.event != Scanner::Event::header) return;
    const auto second = scanner_.next(std::string_view(input_).substr(first.consumed));
    EXPECT_EQ(second.event, Scanner::Event::stanza) << input_;
    EXPECT_EQ(first.consumed + second.consumed, input_.size());
  }
  explicit Scanned(std::string_view stanza) : Scanned(open_stream, stanza) {}

  const StanzaView* operator->() const { return &scanner_.stanza(); }
  const HeaderView& header() const { return scanner_.header(); }

  // The bytes without this attribute, as a router cuts it.
  std::string without(const AttributeView& a) const {
    return std::string(scanner_.stanza().bytes).erase(a.begin, a.end - a.begin);
  }

 private:
  std::string input_;
  Scanner scanner_;
};

HeaderView header_of(std::string_view input) {
  Scanner scanner;
  EXPECT_EQ(scanner.next(input).event, Scanner::Event::header) << input;
  return scanner.header();
}

using Kind = StanzaView::Kind;

constexpr std::string_view prefixed_stream =
    "<stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client'>";
constexpr std::string_view many_prefixes =
    "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' xmlns:a='u:a' "
    "xmlns:b='u:b' xmlns:c='jabber:client'>";

TEST(HeaderView, header_is_decoded) {
  const HeaderView h = header_of(
      "<?xml version='1.0'?><stream:stream to='a&amp;b' from=\"x\ty\" id='&#x41;' version='1.0' "
      "xml:lang='de' xmlns='jabber:clien&#116;' xmlns:stream='http://etherx.jabber.org/streams'>");
  EXPECT_EQ(h.name, "stream");
  EXPECT_EQ(h.ns, ns_stream);
  EXPECT_EQ(h.to, "a&b");
  EXPECT_EQ(h.from, "x y");
  EXPECT_EQ(h.id, "A");
  EXPECT_EQ(h.version, "1.0");
  EXPECT_EQ(h.lang, "de");
  EXPECT_TRUE(h.has_to && h.has_from && h.has_id && h.has_version && h.has_lang);
  EXPECT_EQ(h.content_ns, ns_client);
  ASSERT_EQ(h.prefixes.size(), 2u);
  EXPECT_EQ(h.prefixes[0].name, "");
  EXPECT_EQ(h.prefixes[0].uri, ns_client);
  EXPECT_EQ(h.prefixes[1].name, "stream");
  EXPECT_EQ(h.prefixes[1].uri, ns_stream);
}

TEST(HeaderView, absent_attributes_differ_from_empty_ones) {
  const HeaderView h = header_of("<s to='' p:from='x' xmlns:p='u'>");
  EXPECT_TRUE(h.has_to);
  EXPECT_EQ(h.to, "");
  EXPECT_FALSE(h.has_from || h.has_id || h.has_version || h.has_lang);
}

TEST(HeaderView, content_namespace) {
  EXPECT_EQ(header_of(open_stream).content_ns, ns_client);
  EXPECT_EQ(header_of(prefixed_stream).content_ns, ns_client);
  EXPECT_EQ(header_of("<stream xmlns='http://etherx.jabber.org/streams'>").content_ns, "");
  EXPECT_EQ(header_of("<s:stream xmlns:s='http://etherx.jabber.org/streams' "
                      "xmlns:c='jabber:server'>")
                .content_ns,
            ns_server);
  EXPECT_EQ(header_of("<s:stream xmlns='other' xmlns:s='u' xmlns:c='jabber:server'>").content_ns,
            "other");
}

TEST(StanzaView, kind_needs_the_content_namespace) {
  EXPECT_EQ(Scanned("<iq/>")->kind, Kind::iq);
  EXPECT_EQ(Scanned("<message/>")->kind, Kind::message);
  EXPECT_EQ(Scanned("<presence/>")->kind, Kind::presence);
  EXPECT_EQ(Scanned("<Iq/>")->kind, Kind::other);
  EXPECT_EQ(Scanned("<iq xmlns='jabber:client'/>")->kind, Kind::iq);
  EXPECT_EQ(Scanned("<iq xmlns='jabber:server'/>")->kind, Kind::other);
  EXPECT_EQ(Scanned("<iq xmlns=''/>")->kind, Kind::other);
  EXPECT_EQ(Scanned("<stream:iq/>")->kind, Kind::other);
  EXPECT_EQ(Scanned("<x:iq xmlns:x='jabber:client'/>")->kind, Kind::iq);
  EXPECT_EQ(Scanned(prefixed_stream, "<c:iq/>")->kind, Kind::iq);
  EXPECT_EQ(Scanned(prefixed_stream, "<iq/>")->kind, Kind::other);
  EXPECT_EQ(Scanned("<stream xmlns='http://etherx.jabber.org/streams'>", "<iq/>")->kind,
            Kind::other);
}

TEST(StanzaView, name_and_namespace) {
  const Scanned inherited("<iq><q/></iq>");
  EXPECT_EQ(inherited->name, "iq");
  EXPECT_EQ(inherited->ns, ns_client);
  EXPECT_EQ(inherited->name_end, 3u);
  const Scanned prefixed("<stream:features/>");
  EXPECT_EQ(prefixed->name, "features");
  EXPECT_EQ(prefixed->ns, ns_stream);
  EXPECT_EQ(prefixed->name_end, 16u);
  EXPECT_EQ(Scanned("<auth xmlns='u&amp;v'/>")->ns, "u&v");
  EXPECT_EQ(Scanned("<xml:a/>")->ns, ns_xml);
}

TEST(StanzaView, attributes_are_places) {
  const Scanned s(
      "<iq \n to='a@b/c'\tfrom = \"&apos;\" id='' xml:lang='en' type='get' "
      "xmlns='jabber:client'></iq>");
  EXPECT_EQ(s->to.value, "a@b/c");
  EXPECT_EQ(s->from.value, "&apos;");
  EXPECT_EQ(s->id.value, "");
  EXPECT_TRUE(s->id.present());
  EXPECT_EQ(s->lang.value, "en");
  EXPECT_EQ(s->type.value, "get");
  EXPECT_EQ(s->xmlns.value, "jabber:client");
  EXPECT_EQ(s.without(s->to),
            "<iq\tfrom = \"&apos;\" id='' xml:lang='en' type='get' xmlns='jabber:client'></iq>");
  EXPECT_EQ(s.without(s->from),
            "<iq \n to='a@b/c' id='' xml:lang='en' type='get' xmlns='jabber:client'></iq>");
  EXPECT_EQ(s.without(s->xmlns),
            "<iq \n to='a@b/c'\tfrom = \"&apos;\" id='' xml:lang='en' type='get'></iq>");
}

TEST(StanzaView, only_the_stanzas_own_unprefixed_attributes_count) {
  const Scanned s(
      "<iq xmlns:p='u' p:to='x' p:from='y' p:id='z' lang='de'><q to='1' from='2' id='3' type='4' "
      "xml:lang='5' xmlns='6'/></iq>");
  EXPECT_FALSE(s->to.present() || s->from.present() || s->id.present() || s->type.present());
  EXPECT_FALSE(s->lang.present() || s->xmlns.present());
}

TEST(StanzaView, payload_is_the_first_child) {
  const Scanned s(
      "<iq>text<query xmlns='u&#58;1'><x xmlns='v'/></query><b/><c:d xmlns:c='w'/></iq>");
  EXPECT_EQ(s->payload_name, "query");
  EXPECT_EQ(s->payload_ns, "u:1");
  EXPECT_EQ(s->children, 3u);
  const Scanned inherited("<message><body>x</body></message>");
  EXPECT_EQ(inherited->payload_name, "body");
  EXPECT_EQ(inherited->payload_ns, ns_client);
  const Scanned prefixed("<iq xmlns:p='u'><p:q/></iq>");
  EXPECT_EQ(prefixed->payload_name, "q");
  EXPECT_EQ(prefixed->payload_ns, "u");
  const Scanned none("<iq>text</iq>");
  EXPECT_EQ(none->payload_name, "");
  EXPECT_EQ(none->payload_ns, "");
  EXPECT_EQ(none->children, 0u);
  EXPECT_EQ(Scanned("<iq><q xmlns=''/></iq>")->payload_ns, "");
}

TEST(StanzaView, prefixes_of_the_header_in_use) {
  const auto used = [](std::string_view stanza) {
    return Scanned(many_prefixes, stanza)->header_prefixes;
  };
  EXPECT_EQ(used("<iq/>"), 0u);
  EXPECT_EQ(used("<iq><x xmlns='u'/></iq>"), 0u);
  EXPECT_EQ(used("<iq><s:x/></iq>"), 0b10u);
  EXPECT_EQ(used("<a:iq/>"), 0b100u);
  EXPECT_EQ(used("<iq a:b=''/>"), 0b100u);
  EXPECT_EQ(used("<iq><q><b:x a:y=''/></q><b:z/></iq>"), 0b1100u);
  EXPECT_EQ(used("<iq xmlns:a='v'><a:x/></iq>"), 0u);
  EXPECT_EQ(used("<iq><x xmlns:a='v'><a:x/></x></iq>"), 0u);
  EXPECT_EQ(used("<iq><x xmlns:a='v'><a:x/></x><a:y/></iq>"), 0b100u);
  EXPECT_EQ(used("<iq><x><y z='a:b'>a:b</y></x></iq>"), 0u);
  EXPECT_EQ(used("<iq xml:lang='en'/>"), 0u);
}

struct Fit {
  std::string_view stanza;
  bool plain, neutral;
};

TEST(StanzaView, plain_and_neutral_say_where_bytes_may_be_spliced) {
  const std::vector<Fit> cases = {
      {"<iq/>", true, true},
      {"<iq xmlns='jabber:client'/>", true, true},
      {"<iq xmlns='jabber:clien&#x74;'/>", true, true},
      {"<message><body>x</body></message>", true, true},
      {"<other/>", true, true},
      {"<iq xmlns='jabber:server'/>", false, false},
      {"<iq xmlns=''/>", false, false},
      {"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", false, false},
      {"<c:iq/>", false, false},
      {"<x:iq xmlns:x='jabber:client'/>", false, false},
      {"<a:iq/>", false, false},
      {"<message><body xmlns='jabber:client'>x</body></message>", false, false},
      {"<message><a xmlns='u'/><body xmlns='jabber:clien&#116;'>x</body></message>", false, false},
      {"<message><c:body>x</c:body></message>", true, false},
      {"<message xmlns:d='jabber:client'><d:body/></message>", true, false},
      {"<message><d:body xmlns:d='jabber:client'/></message>", true, false},
      {"<message xmlns:d='jabber:client'><x xmlns='u'/></message>", true, true},
      {"<iq><q xmlns='u'><iq xmlns='jabber:client'/></q></iq>", true, true},
      {"<iq><q xmlns='u'><c:iq/></q></iq>", true, true},
      {"<iq><q xmlns=''/></iq>", true, true},
      {"<iq><error><x xmlns='jabber:client'/></error></iq>", true, false},
      {"<iq><error><y xmlns='u'/><c:x/></error></iq>", true, false},
      {"<iq><error><y xmlns='u'><c:x/></y></error></iq>", true, true},
      {"<iq><y xmlns='u'><x xmlns='jabber:client'/></y><error><c:x/></error></iq>", true, false},
      {"<iq><a:q a:b='c'/></iq>", true, true},
  };
  for (const Fit& c : cases) {
    const Scanned s(many_prefixes, c.stanza);
    EXPECT_EQ(s->plain, c.plain) << c.stanza;
    EXPECT_EQ(s->neutral, c.neutral) << c.stanza;
  }
  // Here the inherited default namespace is not that of the content.
  EXPECT_FALSE(Scanned(prefixed_stream, "<iq/>")->plain);
  EXPECT_FALSE(Scanned(prefixed_stream, "<c:iq/>")->plain);
  EXPECT_TRUE(Scanned(prefixed_stream, "<iq xmlns='jabber:client'><q/></iq>")->neutral);
  EXPECT_FALSE(Scanned("<s:stream xmlns:s='http://etherx.jabber.org/streams'>", "<iq/>")->plain);
}

TEST(StanzaView, nothing_is_left_of_the_stanza_before) {
  const std::string input =
      std::string(open_stream) +
      "<iq to='a' type='get' id='1' xmlns:p='u&amp;'><p:q><stream:x/></p:q></iq><presence/>";
  Scanner scanner;
  size_t at = 0;
  for (int i = 0; i < 3; ++i) at += scanner.next(std::string_view(input).substr(at)).consumed;
  const StanzaView& s = scanner.stanza();
  EXPECT_EQ(s.bytes, "<presence/>");
  EXPECT_EQ(s.kind, Kind::presence);
  EXPECT_FALSE(s.to.present() || s.type.present() || s.id.present());
  EXPECT_EQ(s.children, 0u);
  EXPECT_EQ(s.header_prefixes, 0u);
  EXPECT_EQ(s.payload_name, "");
}

TEST(Scanner, assumed_header_is_as_good_as_a_read_one) {
  HeaderView header;
  header.content_ns = ns_client;
  header.prefixes = {{"", std::string(ns_client)}, {"p", "u"}};
  Scanner scanner;
  scanner.assume(header);
  EXPECT_EQ(scanner.next("<iq><p:x/></iq>").event, Scanner::Event::stanza);
  EXPECT_EQ(scanner.stanza().kind, Kind::iq);
  EXPECT_EQ(scanner.stanza().payload_ns, "u");
  EXPECT_EQ(scanner.stanza().header_prefixes, 0b10u);
  EXPECT_EQ(scanner.next("</s>").event, Scanner::Event::error);
}

}  // namespace
}  // namespace xbus::xml
