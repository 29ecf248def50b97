// The forwarding writer: what a receiver reads is what the sender meant, whatever stood on the
// sender's header.
#include "bus/router/splice.hpp"

#include <gtest/gtest.h>

#include "bus/xml/scanner.hpp"

namespace xbus::router {
namespace {

constexpr std::string_view plain_header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "version='1.0'>";

// Scans a stream of one stanza and splices it.
struct Forward {
  Forward(std::string_view header, std::string_view stanza, std::string_view from = "ann@x/r",
          std::string_view receiver_ns = xml::ns_client) {
    std::string stream = std::string(header) + std::string(stanza);
    xml::Scanner scanner;
    auto step = scanner.next(stream);
    EXPECT_EQ(step.event, xml::Scanner::Event::header);
    std::string rest = stream.substr(step.consumed);
    step = scanner.next(rest);
    EXPECT_EQ(step.event, xml::Scanner::Event::stanza) << stanza;
    Stamp stamp(from, scanner.header());
    Splice splice(scanner.stanza(), scanner.header(), stamp, receiver_ns);
    text = splice.str();
    EXPECT_EQ(text.size(), splice.bytes());
    std::string copied(splice.bytes(), '\0');
    splice.copy_to(copied.data());
    EXPECT_EQ(copied, text);
    // What the receiver makes of it, on a header that declares nothing of the sender's.
    auto parsed = xml::parse(text, receiver_ns);
    EXPECT_TRUE(parsed.ok()) << text;
    if (parsed) tree = *parsed;
  }
  std::string text;
  xml::Element tree;
};

std::string header_with(std::string_view more) {
  std::string header(plain_header);
  header.insert(header.size() - 1, " " + std::string(more));
  return header;
}

TEST(Splice, CORE_32_from_is_stamped_and_replaces_what_was_sent) {
  EXPECT_EQ(Forward(plain_header, "<iq to='bob@x/b' id='1' type='get'><q xmlns='u'/></iq>").text,
            "<iq from='ann@x/r' to='bob@x/b' id='1' type='get'><q xmlns='u'/></iq>");
  EXPECT_EQ(
      Forward(plain_header, "<iq to='bob@x/b' from='eve@x' id='1' type='get'><q xmlns='u'/></iq>")
          .text,
      "<iq from='ann@x/r' to='bob@x/b' id='1' type='get'><q xmlns='u'/></iq>");
  EXPECT_EQ(Forward(plain_header, "<message from = \"eve@x\"/>").text, "<message from='ann@x/r'/>");
}

TEST(Splice, a_component_keeps_its_own_from) {
  std::string header(plain_header);
  header.replace(header.find("jabber:client"), 13, "jabber:component:accept");
  Forward forward(header, "<iq from='a@c.x' to='bob@x/b' id='1' type='result'/>", "");
  EXPECT_EQ(forward.text, "<iq from='a@c.x' to='bob@x/b' id='1' type='result'/>");
  EXPECT_EQ(forward.tree.ns(), xml::ns_client);
}

TEST(Splice, from_is_escaped) {
  Forward forward(plain_header, "<message/>", "ann@x/it's <me> & \"you\"");
  EXPECT_EQ(*forward.tree.attr("from"), "ann@x/it's <me> & \"you\"");
}

TEST(Splice, the_language_of_the_senders_stream_comes_along) {
  Forward forward(header_with("xml:lang='fr'"), "<message><body>oui</body></message>");
  EXPECT_EQ(forward.tree.attr_or("from", ""), "ann@x/r");
  ASSERT_NE(forward.tree.attr("lang", xml::ns_xml), nullptr);
  EXPECT_EQ(*forward.tree.attr("lang", xml::ns_xml), "fr");
  Forward own(header_with("xml:lang='fr'"), "<message xml:lang='de'/>");
  EXPECT_EQ(*own.tree.attr("lang", xml::ns_xml), "de");
}

TEST(Splice, CORE_12_prefixes_of_the_senders_header_are_declared) {
  Forward forward(header_with("xmlns:p='urn:p' xmlns:q='urn:&quot;q&amp;' xmlns:unused='urn:no'"),
                  "<message><p:x q:a='1'/></message>");
  EXPECT_EQ(forward.text.find("unused"), std::string::npos);
  const xml::Element* x = forward.tree.first("x", "urn:p");
  ASSERT_NE(x, nullptr) << forward.text;
  EXPECT_NE(x->attr("a", "urn:\"q&"), nullptr);
}

TEST(Splice, a_renamed_stream_prefix_does_not_leak) {
  std::string header =
      "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' "
      "xmlns:stream='urn:other' "
      "version='1.0'>";
  Forward forward(header, "<message><stream:x/><s:y/></message>");
  EXPECT_NE(forward.tree.first("x", "urn:other"), nullptr) << forward.text;
  EXPECT_NE(forward.tree.first("y", xml::ns_stream), nullptr) << forward.text;
}

TEST(Splice, CORE_11_a_prefixed_stanza_is_written_without_its_prefix) {
  std::string header =
      "<stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client' version='1.0'>";
  Forward forward(header, "<c:message to='bob@x' from='eve@x'><c:body>hi</c:body></c:message>");
  EXPECT_TRUE(forward.text.starts_with("<message")) << forward.text;
  EXPECT_EQ(forward.tree.ns(), xml::ns_client);
  EXPECT_EQ(forward.tree.attr_or("from", ""), "ann@x/r");
  ASSERT_NE(forward.tree.first("body", xml::ns_client), nullptr);
}

TEST(Splice, CORE_11_content_namespaces_are_rewritten_to_components_and_back) {
  Forward to(plain_header, "<message to='c.x'><body>hi</body></message>", "ann@x/r",
             xml::ns_component);
  EXPECT_EQ(to.text, "<message from='ann@x/r' to='c.x'><body>hi</body></message>");
  EXPECT_NE(to.tree.first("body", xml::ns_component), nullptr);
  Forward declared(plain_header,
                   "<message xmlns='jabber:client' to='c.x' from='eve@x'><body>hi</body></message>",
                   "ann@x/r", xml::ns_component);
  EXPECT_EQ(declared.text, "<message from='ann@x/r' to='c.x'><body>hi</body></message>");
  Forward inside(plain_header, "<message to='c.x'><body xmlns='jabber:client'>hi</body></message>",
                 "ann@x/r", xml::ns_component);
  EXPECT_NE(inside.tree.first("body", xml::ns_component), nullptr) << inside.text;
}

TEST(Splice, CORE_11_a_forwarded_stanza_inside_a_payload_is_left_alone) {
  std::string_view stanza =
      "<message to='c.x'><forwarded xmlns='urn:xmpp:forward:0'><message "
      "xmlns='jabber:client'><body>x</body>"
      "</message></forwarded></message>";
  Forward forward(plain_header, stanza, "ann@x/r", xml::ns_component);
  const xml::Element* forwarded = forward.tree.first("forwarded", "urn:xmpp:forward:0");
  ASSERT_NE(forwarded, nullptr);
  EXPECT_NE(forwarded->first("message", xml::ns_client), nullptr) << forward.text;
}

TEST(Splice, CORE_11_what_inherits_the_content_namespace_inside_a_payload_follows_the_stream) {
  std::string_view stanza =
      "<message to='c.x'><f:forwarded xmlns:f='urn:f'><message><body>x</body></message>"
      "</f:forwarded></message>";
  Forward forward(plain_header, stanza, "ann@x/r", xml::ns_component);
  const xml::Element* forwarded = forward.tree.first("forwarded", "urn:f");
  ASSERT_NE(forwarded, nullptr);
  EXPECT_NE(forwarded->first("message", xml::ns_component), nullptr) << forward.text;
}

TEST(Splice, a_default_namespace_that_is_not_the_content_one_does_not_leak) {
  std::string header =
      "<stream:stream xmlns='urn:odd' xmlns:stream='http://etherx.jabber.org/streams' "
      "version='1.0'>";
  Forward forward(header, "<message xmlns='jabber:client' to='bob@x'><body>hi</body></message>");
  EXPECT_EQ(forward.tree.ns(), xml::ns_client);
  EXPECT_NE(forward.tree.first("body", xml::ns_client), nullptr) << forward.text;
}

TEST(Splice, trees_are_stamped_and_in_the_client_namespace) {
  xml::Scanner scanner;
  std::string stream = std::string(plain_header) +
                       "<iq xml:lang='de' type='get' id='1' from='eve@x'><q xmlns='u'/></iq>";
  auto step = scanner.next(stream);
  std::string rest = stream.substr(step.consumed);
  scanner.next(rest);
  xml::Element tree = stamped_element(scanner.stanza(), scanner.header(), "ann@x/r");
  EXPECT_EQ(tree.attr_or("from", ""), "ann@x/r");
  EXPECT_TRUE(tree.is("iq", xml::ns_client));
}

}  // namespace
}  // namespace xbus::router
