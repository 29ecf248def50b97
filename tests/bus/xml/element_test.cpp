#include "bus/xml/element.hpp"

#include <gtest/gtest.h>

#include "tests/bus/xml/feed.hpp"

namespace xbus::xml {
namespace {

Element parsed(std::string_view bytes, std::string_view default_ns = {}) {
  auto result = parse(bytes, default_ns);
  EXPECT_TRUE(result.ok()) << bytes;
  return result.ok() ? *result : Element();
}

TEST(Element, attributes_absent_and_empty_differ) {
  Element e("a", "u");
  e.set("x", "1").set("y", "").set("lang", ns_xml, "en").set("x", "2");
  EXPECT_EQ(*e.attr("x"), "2");
  EXPECT_EQ(*e.attr("y"), "");
  EXPECT_EQ(e.attr("z"), nullptr);
  EXPECT_EQ(e.attr("lang"), nullptr);
  EXPECT_EQ(*e.attr("lang", ns_xml), "en");
  EXPECT_EQ(e.attr_or("z", "other"), "other");
  EXPECT_EQ(e.attr_or("y", "other"), "");
  e.unset("x");
  EXPECT_EQ(e.attr("x"), nullptr);
  EXPECT_EQ(e.attributes().size(), 2u);
}

TEST(Element, children_and_text) {
  Element e = Element("a", "u").with(Element("b", "u").add_text("1")).with(Element("b", "v"));
  e.add_text("x").add_text("y");
  e.add("c").add("d");
  EXPECT_EQ(e.element_count(), 3u);
  EXPECT_EQ(e.nodes().size(), 4u);
  EXPECT_EQ(e.text(), "xy");
  EXPECT_EQ(e.first("b", "u")->text(), "1");
  EXPECT_EQ(e.first("b", "v"), e.elements()[1]);
  EXPECT_EQ(e.first("b", "w"), nullptr);
  EXPECT_EQ(e.first("c", "u")->first("d", "u")->ns(), "u");
  EXPECT_EQ(e.first_element(), e.first("b", "u"));
  EXPECT_EQ(e.elements("b", "v").size(), 1u);
  EXPECT_EQ(Element("a", "u").first_element(), nullptr);
}

TEST(Element, values_compare_without_the_order_of_attributes) {
  EXPECT_EQ(Element("a", "u").set("x", "1").set("y", "2"),
            Element("a", "u").set("y", "2").set("x", "1"));
  EXPECT_FALSE(Element("a", "u").set("x", "1") == Element("a", "u"));
  EXPECT_FALSE(Element("a", "u") == Element("a", "v"));
  EXPECT_FALSE(Element("a", "u").add_text("1") == Element("a", "u").add_text("2"));
}

TEST(Element, parse_resolves_names_and_references) {
  const Element e = parsed(
      "<?xml version='1.0'?>\n<p:a xmlns:p='u:1' xmlns='u:2' p:x='&lt;&#65;' y='a\r\n\tb' "
      "xml:lang='en'>"
      "1\r\n2\r3&amp;<b><![CDATA[<&amp;\r\n]]>&#13;</b><c xmlns=''/><xml:d/></p:a>\n");
  EXPECT_TRUE(e.is("a", "u:1"));
  EXPECT_EQ(*e.attr("x", "u:1"), "<A");
  EXPECT_EQ(*e.attr("y"), "a  b");
  EXPECT_EQ(*e.attr("lang", ns_xml), "en");
  EXPECT_EQ(e.attributes().size(), 3u);
  EXPECT_EQ(e.text(), "1\n2\n3&");
  EXPECT_EQ(e.first("b", "u:2")->text(), "<&amp;\n\r");
  EXPECT_EQ(e.first("b", "u:2")->nodes().size(), 1u);
  EXPECT_NE(e.first("c", ""), nullptr);
  EXPECT_NE(e.first("d", ns_xml), nullptr);
  EXPECT_TRUE(parsed("<a/>", "u").is("a", "u"));
}

TEST(Element, parse_refuses_what_the_scanner_refuses) {
  const auto error = [](std::string_view bytes) {
    auto result = parse(bytes);
    return result.ok() ? ScanError::none : result.error();
  };
  EXPECT_EQ(error(""), ScanError::not_well_formed);
  EXPECT_EQ(error("<a>"), ScanError::not_well_formed);
  EXPECT_EQ(error("<a/>x"), ScanError::not_well_formed);
  EXPECT_EQ(error("<a/><b/>"), ScanError::not_well_formed);
  EXPECT_EQ(error("</a>"), ScanError::not_well_formed);
  EXPECT_EQ(error("<p:a/>"), ScanError::not_well_formed);
  EXPECT_EQ(error("<!-- --><a/>"), ScanError::restricted_xml);
  EXPECT_EQ(error("<?xml version='1.0' encoding='latin1'?><a/>"), ScanError::unsupported_encoding);
  EXPECT_EQ(error("<?xml version='1.0'"), ScanError::not_well_formed);
  EXPECT_EQ(error("<a>" + std::string(limits::prelogin_stanza_bytes_max, 'x') + "</a>"),
            ScanError::too_big);
  EXPECT_TRUE(parse("<a/>", {}, ScanLimits{.stanza_bytes_max = 4}).ok());
}

TEST(Element, build_inherits_the_header) {
  Scanner scanner;
  const std::string input = std::string(open_stream) + "<iq><stream:x/><q xmlns='u'>&lt;</q></iq>";
  const size_t at = scanner.next(input).consumed;
  ASSERT_EQ(scanner.next(std::string_view(input).substr(at)).event, Scanner::Event::stanza);
  const Element e = build(scanner.stanza(), scanner.header());
  EXPECT_TRUE(e.is("iq", ns_client));
  EXPECT_NE(e.first("x", ns_stream), nullptr);
  EXPECT_EQ(e.first("q", "u")->text(), "<");
}

TEST(Writer, declares_only_what_changes) {
  EXPECT_EQ(write(Element("a", "")), "<a/>");
  EXPECT_EQ(write(Element("a", "u")), "<a xmlns='u'/>");
  EXPECT_EQ(write(Element("a", "u"), "u"), "<a/>");
  EXPECT_EQ(write(Element("a", ""), "u"), "<a xmlns=''/>");
  EXPECT_EQ(
      write(
          Element("a", "u").with(Element("b", "u")).with(Element("c", "v").with(Element("d", "u"))),
          "u"),
      "<a><b/><c xmlns='v'><d xmlns='u'/></c></a>");
  EXPECT_EQ(write(Element("a", ns_xml).with(Element("b", "u")), "u"), "<xml:a><b/></xml:a>");
}

TEST(Writer, attributes_with_a_namespace_bring_their_declaration) {
  EXPECT_EQ(write(Element("a", "").set("lang", ns_xml, "en")), "<a xml:lang='en'/>");
  const Element e =
      Element("a", "u").set("x", "v", "1").set("y", "2").set("z", "v", "3").set("x", "w", "4");
  EXPECT_EQ(write(e), "<a xmlns='u' xmlns:a0='v' a0:x='1' y='2' a0:z='3' xmlns:a3='w' a3:x='4'/>");
  EXPECT_EQ(parsed(write(e)), e);
}

TEST(Writer, escapes_so_that_the_same_text_comes_back) {
  const std::string hard =
      "<>&'\"\t\n\r]]>\x7F\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 0123456789abcdef<";
  Element e("a", "");
  e.set("b", hard).add_text(hard);
  EXPECT_EQ(parsed(write(e)), e);
  std::string out;
  escape_text(out, "<a>&'\"\n\r");
  EXPECT_EQ(out, "&lt;a&gt;&amp;'\"\n&#13;");
  out.clear();
  escape_attribute(out, "<a>&'\"\t\n\r");
  EXPECT_EQ(out, "&lt;a&gt;&amp;&apos;&quot;&#9;&#10;&#13;");
}

TEST(Writer, what_xml_cannot_carry_becomes_a_replacement_character) {
  const std::vector<std::string_view> bad = {
      std::string_view("\0", 1), "\x01", "\x1F", "\xC3", "\xEF\xBF\xBE", "\xED\xA0\x80", "\xFF"};
  for (const std::string_view b : bad) {
    EXPECT_FALSE(is_xml_text(b));
    const std::string all = "0123456789abcdef" + std::string(b) + "x";
    EXPECT_FALSE(is_xml_text(all));
    std::string out;
    escape_text(out, all);
    EXPECT_TRUE(is_xml_text(out));
    EXPECT_TRUE(out.starts_with("0123456789abcdef\xEF\xBF\xBD")) << out;
    EXPECT_TRUE(out.ends_with("x"));
  }
  EXPECT_TRUE(is_xml_text("a\t\r\n\x7F\xC3\xA9\xEF\xBF\xBD\xF4\x8F\xBF\xBF"));
}

TEST(Text, unescape_expands_once) {
  EXPECT_EQ(unescape("&amp;lt;&lt;&#x26;amp;\r\n\r\n\t"), "&lt;<&amp;\n\n\t");
  EXPECT_EQ(unescape_attribute("&amp;lt;\r\n\r\n\t&#9;&#10;"), "&lt;   \t\n");
  EXPECT_EQ(unescape("&#x1F600;&#128512;&#233;&#x20AC;"),
            "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(unescape(""), "");
}

}  // namespace
}  // namespace xbus::xml
