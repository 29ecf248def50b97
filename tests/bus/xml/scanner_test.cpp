#include "bus/xml/scanner.hpp"

#include <gtest/gtest.h>

#include "tests/bus/xml/feed.hpp"

namespace xbus::xml {
namespace {

struct Case {
  std::string_view input, error;
};

// Each input stands behind the header of an open stream and is fed whole, byte by byte and split at
// each byte.
void expect_inside(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const std::string input = std::string(open_stream) + std::string(c.input);
    EXPECT_EQ(error_of(feed_every_way(input)), c.error) << c.input;
  }
}

void expect_from_start(const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(error_of(feed_every_way(c.input)), c.error) << c.input;
}

constexpr std::string_view good = "none", malformed = "not_well_formed",
                           restricted = "restricted_xml";

TEST(Scanner, CORE_47_restricted_markup_is_refused) {
  expect_inside({
      {"<!-- c -->", restricted},
      {"<a><!-- c --></a>", restricted},
      {"<a><!-x></a>", restricted},
      {"<?p i?>", restricted},
      {"<a><?p i?></a>", restricted},
      {"<?xml version='1.0'?>", restricted},
      {"<!DOCTYPE a>", restricted},
      {"<a><!DOCTYPE a></a>", restricted},
      {"<a><!ENTITY b 'c'></a>", restricted},
      {"<a>&b;</a>", restricted},
      {"<a b='&c;'/>", restricted},
      {"<a>&LT;</a>", restricted},
      {"<![CDATA[x]]>", malformed},
      {"<a><!x></a>", malformed},
      {"<a><![cdata[x]]></a>", malformed},
  });
  expect_from_start({
      {"<!-- c --><a>", restricted},
      {"<!DOCTYPE a><a>", restricted},
      {"<?p i?><a>", restricted},
      {"<?xml-stylesheet href='a'?><a>", restricted},
      {"<?xml version='1.0'?><?p i?><a>", restricted},
      {"<?xml version='1.0'?><!-- --><a>", restricted},
  });
}

TEST(Scanner, CORE_47_only_utf8_and_version_one) {
  expect_from_start({
      {"<?xml version='1.0'?><a>", good},
      {"<?xml version='1.0' encoding='UTF-8'?><a>", good},
      {"<?xml\tversion = \"1.0\"\n encoding = 'utf-8' standalone='yes' ?>\n<a>", good},
      {"<?xml version='1.0' standalone='no'?><a>", good},
      {"<?xml version='1.0' encoding='uTf-8'?>\r\n<a>", good},
      {"<?xml version='1.0' encoding='UTF-16'?><a>", "unsupported_encoding"},
      {"<?xml version='1.0' encoding='ISO-8859-1' standalone='yes'?><a>", "unsupported_encoding"},
      {"<?xml version='1.0' encoding='UTF8'?><a>", "unsupported_encoding"},
      {"<?xml version='1.0' encoding=''?><a>", malformed},
      {"<?xml version='1.0' encoding='-8'?><a>", malformed},
      {"<?xml version='1.0' encoding='ISO-8859-1' standalone='maybe'?><a>", malformed},
      {"<?xml version='1.1'?><a>", malformed},
      {"<?xml version='1.0'encoding='UTF-8'?><a>", malformed},
      {"<?xml encoding='UTF-8'?><a>", malformed},
      {"<?xml encoding='UTF-8' version='1.0'?><a>", malformed},
      {"<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a>", malformed},
      {"<?xml version=1.0?><a>", malformed},
      {"<?xml version='1.0\"?><a>", malformed},
      {"<?xml version='1.0'><a>", malformed},
      {"<?xml ?><a>", malformed},
      {"<?xml?><a>", restricted},
      {" <?xml version='1.0'?><a>", restricted},
      {"\xEF\xBB\xBF<a>", malformed},
      {"\xFE\xFF\x00<", malformed},
  });
}

TEST(Scanner, CORE_48_header_forms) {
  expect_from_start({
      {"", good},
      {" \r\n\t<a>", good},
      {"<a>", good},
      {"<a ", good},
      {"x<a>", malformed},
      {"&amp;<a>", malformed},
      {"<a/>", malformed},
      {"</a>", malformed},
      {"< a>", malformed},
      {"<a:b>", malformed},
      {"<a:b xmlns:a='u'>", good},
      {"<a b='1' b='2'>", malformed},
      {"<a></a>", good},
      {"<a>\n</a  >\n", good},
      {"<a></a>x", malformed},
      {"<a></a><b/>", malformed},
      {"<a></b>", malformed},
      {"<a></ab>", malformed},
      {"<a></a b='1'>", malformed},
      {"<a:b xmlns:a='u' xmlns:c='u'></c:b>", malformed},
  });
}

TEST(Scanner, CORE_48_elements_nest_and_close) {
  expect_inside({
      {"<a/>", good},
      {"<a />", good},
      {"<a></a>", good},
      {"<a></a \t\r\n>", good},
      {"<a><b><c/></b></a>", good},
      {" \r\n\t<a/> \n<b/> ", good},
      {"</stream:stream>", good},
      {"<a/></stream:stream\n>", good},
      {"</stream>", malformed},
      {"</stream:streams>", malformed},
      {"<a></b>", malformed},
      {"<a></ab>", malformed},
      {"<ab></a>", malformed},
      {"<a></ a>", malformed},
      {"<a></a/>", malformed},
      {"<a></a b='c'>", malformed},
      {"<a><b></a></b>", malformed},
      {"<a/ >", malformed},
      {"<a/b>", malformed},
      {"<>", malformed},
      {"< a/>", malformed},
      {"<1/>", malformed},
      {"<a><></a>", malformed},
      {"<a><</a>", malformed},
      {"<a$/>", malformed},
      {"<a\"/>", malformed},
  });
}

TEST(Scanner, CORE_48_only_white_space_between_stanzas) {
  expect_inside({
      {"x", malformed},
      {"<a/>x<b/>", malformed},
      {"<a/>&#32;<b/>", malformed},
      {"<a/>\xC3\xA9", malformed},
      {std::string_view("<a/>\0", 5), malformed},
      {"<a/>>", malformed},
  });
}

TEST(Scanner, CORE_48_attributes) {
  expect_inside({
      {"<a b='c'/>", good},
      {"<a b=\"c\" d='\"' e=\"'\"/>", good},
      {"<a\n b \t= \r'c'\n/>", good},
      {"<a b='>'/>", good},
      {"<a b=']]>'/>", good},
      {"<a b=''/>", good},
      {"<a b='\t\r\n'/>", good},
      {"<a b='<'/>", malformed},
      {"<a b='c'd='e'/>", malformed},
      {"<a b/>", malformed},
      {"<a b=/>", malformed},
      {"<a b=c/>", malformed},
      {"<a b='c\"/>", good},  // not complete
      {"<a ='c'/>", malformed},
      {"<a b='c' b='d'/>", malformed},
      {"<a b='c' d='e' b='c'/>", malformed},
      {"<a b='c' B='d'/>", good},
      {"<a 'b'/>", malformed},
      {"<a b='&'/>", malformed},
      {"<a b='&lt;&gt;&amp;&apos;&quot;'/>", good},
      {std::string_view("<a b='\0'/>", 10), malformed},
      {"<a b='\x01'/>", malformed},
      {"<a b='\xC3\xA9\t\xC3\xA9'/>", good},
  });
}

TEST(Scanner, CORE_48_text) {
  expect_inside({
      {"<a>text</a>", good},
      {"<a>]]</a>", good},
      {"<a>]] ></a>", good},
      {"<a>]>\"'</a>", good},
      {"<a>]]&gt;</a>", good},
      {"<a>&#93;&#93;></a>", good},
      {"<a><b/>]]</a>", good},
      {"<a>]]></a>", malformed},
      {"<a>x]]>y</a>", malformed},
      {"<a>0123456789abcde]]>0123456789abcdef</a>", malformed},
      {"<a>]]]></a>", malformed},
      {"<a>\x7F\t\r\n</a>", good},
      {"<a>\x1F</a>", malformed},
      {"<a>0123456789abcdef\x08 0123456789abcdef</a>", malformed},
      {std::string_view("<a>\0</a>", 8), malformed},
  });
}

TEST(Scanner, CORE_50_cdata_is_legal) {
  expect_inside({
      {"<a><![CDATA[]]></a>", good},
      {"<a><![CDATA[<b>&c;<!-- <?x ]] ]> ]]></a>", good},
      {"<a><![CDATA[]]]]></a>", good},
      {"<a><![CDATA[>]]>></a>", good},
      {"<a><![CDATA[x]]>]]<![CDATA[>]]></a>", good},
      {"<a><![CDATA[x]]>]]></a>", malformed},
      {"<a><![CDATA[\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n]]></a>", good},
      {"<a><![CDATA[\x02]]></a>", malformed},
      {"<a><![CDATA[\xC3]]></a>", "bad_utf8"},
      {"<a><![CDATA [x]]></a>", malformed},
      {"<a b='<![CDATA[x]]>'/>", malformed},
  });
}

TEST(Scanner, CORE_48_references) {
  expect_inside({
      {"<a>&lt;&gt;&amp;&apos;&quot;</a>", good},
      {"<a>&#65;&#x41;&#x1F600;&#x10FFFF;&#9;&#xA;&#xd;</a>", good},
      {"<a>&#x000000000041;</a>", good},
      {"<a>&#x00000000000041;</a>", malformed},
      {"<a>&#0;</a>", malformed},
      {"<a>&#8;</a>", malformed},
      {"<a>&#x1F;</a>", malformed},
      {"<a>&#xD800;</a>", malformed},
      {"<a>&#xFFFE;</a>", malformed},
      {"<a>&#xFFFF;</a>", malformed},
      {"<a>&#x110000;</a>", malformed},
      {"<a>&#x100000041;</a>", malformed},
      {"<a>&#4294967361;</a>", malformed},
      {"<a>&#;</a>", malformed},
      {"<a>&#x;</a>", malformed},
      {"<a>&#X41;</a>", malformed},
      {"<a>&#4a;</a>", malformed},
      {"<a>&#-1;</a>", malformed},
      {"<a>& </a>", malformed},
      {"<a>&;</a>", malformed},
      {"<a>&lt</a>", malformed},
      {"<a>&lt ;</a>", malformed},
      {"<a>&<b/></a>", malformed},
      {"<a>&#65</a>", malformed},
  });
}

TEST(Scanner, CORE_48_utf8) {
  const std::string_view utf8 = "bad_utf8";
  expect_inside({
      {"<a>\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBD\xF0\x90\x80\x80\xF4\x8F\xBF\xBF</a>", good},
      {"<a>\xEF\xBB\xBF</a>", good},
      {"<a>\xED\x9F\xBF\xEE\x80\x80</a>", good},
      {"<a>\x80</a>", utf8},
      {"<a>\xBF</a>", utf8},
      {"<a>\xC0\x80</a>", utf8},
      {"<a>\xC1\xBF</a>", utf8},
      {"<a>\xC3(</a>", utf8},
      {"<a>\xE0\x80\x80</a>", utf8},
      {"<a>\xE0\x9F\xBF</a>", utf8},
      {"<a>\xE2\x82</a>", utf8},
      {"<a>\xE2(\xA1</a>", utf8},
      {"<a>\xED\xA0\x80</a>", utf8},
      {"<a>\xED\xBF\xBF</a>", utf8},
      {"<a>\xF0\x80\x80\x80</a>", utf8},
      {"<a>\xF0\x8F\xBF\xBF</a>", utf8},
      {"<a>\xF4\x90\x80\x80</a>", utf8},
      {"<a>\xF5\x80\x80\x80</a>", utf8},
      {"<a>\xF8\x88\x80\x80\x80</a>", utf8},
      {"<a>\xFE</a>", utf8},
      {"<a>\xFF</a>", utf8},
      {"<a>\xEF\xBF\xBE</a>", malformed},
      {"<a>\xEF\xBF\xBF</a>", malformed},
      {"<a>\xF0\x9F\xBF\xBE</a>", good},
      {"<a b='\xC0\x80'/>", utf8},
      {"<a b='\xEF\xBF\xBF'/>", malformed},
      {"<a\xC0\x80/>", utf8},
      {"<a\xC3/>", utf8},
      {"<a b\xED\xA0\x80='c'/>", utf8},
  });
}

TEST(Scanner, CORE_48_names_of_both_editions) {
  expect_inside({
      {"<_-.9 a-1.b='c'/>", good},
      {"<\xC3\xA9/>", good},                  // U+00E9
      {"<a\xC2\xB7/>", good},                 // U+00B7 inside
      {"<\xC2\xB7/>", malformed},             // but not at the start
      {"<\xE4\xB8\x80\xE9\xBE\xA5/>", good},  // ideographs
      {"<\xE9\xBE\xA6/>", malformed},         // U+9FA6: fifth edition only
      {"<\xC4\xB2/>", malformed},             // U+0132: fifth edition only
      {"<\xF0\x90\x80\x80/>", malformed},     // above U+FFFF: fifth edition only
      {"<a\xC3\x97/>", malformed},            // U+00D7: neither
      {"<-a/>", malformed},
      {"<.a/>", malformed},
      {"<a \xC3\xA9='1'/>", good},
      {"<a \xC2\xB7='1'/>", malformed},
      {"<abcdefghijklmnopqrstuvwxyz0123456789 abcdefghijklmnopqrstuvwxyz0123456789='1'/>", good},
      {"<abcdefghijklmnop\xC3\xA9q></abcdefghijklmnop\xC3\xA9q>", good},
  });
}

TEST(Scanner, CORE_48_namespaces) {
  expect_inside({
      {"<a xmlns='u'/>", good},
      {"<a xmlns=''/>", good},
      {"<a xmlns:p='u'><p:b p:c='d'/></a>", good},
      {"<p:a xmlns:p='u'/>", good},
      {"<stream:a/>", good},
      {"<p:a/>", malformed},
      {"<a p:b='c'/>", malformed},
      {"<a><b xmlns:p='u'/><p:c/></a>", malformed},
      {"<a xmlns:p='u'/><p:b/>", malformed},
      {"<a xmlns:p=''/>", malformed},
      {"<a xmlns='u' xmlns='v'/>", malformed},
      {"<a xmlns:p='u' xmlns:p='v'/>", malformed},
      {"<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", malformed},
      {"<a xmlns:p='u' xmlns:q='&#117;' p:b='1' q:b='2'/>", malformed},
      {"<a xmlns:p='u' xmlns:q='v' p:b='1' q:b='2' b='3'/>", good},
      {"<a xmlns='u' xmlns:q='u' q:b='1' b='2'/>", good},
      {"<a xmlns:p='u'><b xmlns:q='u' q:c='1' p:c='2'/></a>", malformed},
      {"<a xmlns:p='u'><b xmlns:p='v' xmlns:q='u' q:c='1' p:c='2'/></a>", good},
      {"<a xmlns:q='http://etherx.jabber.org/streams' q:b='1' stream:b='2'/>", malformed},
      {"<a xml:lang='en'/>", good},
      {"<xml:a/>", good},
      {"<a xml:lang='en' xml:lang='de'/>", malformed},
      {"<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>", good},
      {"<a xmlns:xml='u'/>", malformed},
      {"<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", malformed},
      {"<a xmlns:p='http://www.w3.org/XML/1998/namespac&#101;'/>", malformed},
      {"<a xmlns='http://www.w3.org/XML/1998/namespace'/>", malformed},
      {"<a xmlns:xmlns='u'/>", malformed},
      {"<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>", malformed},
      {"<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", malformed},
      {"<a xmlns='http://www.w3.org/2000/xmlns/'/>", malformed},
      {"<xmlns:a/>", malformed},
      {"<xmlns/>", good},
      {"<a xmlnsx='1' xmlns.y='2'/>", good},
      {"<:a/>", malformed},
      {"<a:/>", malformed},
      {"<stream:a:b/>", malformed},
      {"<stream:1/>", malformed},
      {"<stream::a/>", malformed},
      {"<a :b='1'/>", malformed},
      {"<a xmlns:='u'/>", malformed},
      {"<a xmlns:p:q='u'/>", malformed},
      {"<a xmlns:1='u'/>", malformed},
      {"<stream:abcdefghijklmnopqrstuvwxyz/>", good},
      {"<stream:abcdefghijklmnopqrstuvwxyz:b/>", malformed},
  });
}

TEST(Scanner, a_failed_scanner_stays_failed_until_reset) {
  Scanner scanner;
  EXPECT_EQ(scanner.next("x").event, Scanner::Event::error);
  EXPECT_EQ(scanner.next("<a>").event, Scanner::Event::error);
  EXPECT_EQ(scanner.error(), ScanError::not_well_formed);
  scanner.reset();
  EXPECT_EQ(scanner.error(), ScanError::none);
  EXPECT_EQ(scanner.next("<?xml version='1.0'?><a>").event, Scanner::Event::header);
}

TEST(Scanner, what_is_consumed_needs_no_keeping) {
  Scanner scanner;
  EXPECT_EQ(scanner.next("  <").consumed, 2u);
  EXPECT_EQ(scanner.next("<a>  ").consumed, 3u);
  EXPECT_EQ(scanner.next("  ").consumed, 2u);
  const auto step = scanner.next(" <b>x");
  EXPECT_EQ(step.event, Scanner::Event::more);
  EXPECT_EQ(step.consumed, 1u);
  EXPECT_EQ(scanner.next("<b>x</b>\n").consumed, 8u);
}

}  // namespace
}  // namespace xbus::xml
