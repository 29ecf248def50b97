// Every limit of the scanner, driven to its edge and one beyond, whole and byte by byte.
#include <gtest/gtest.h>

#include "bus/xml/scanner.hpp"
#include "tests/bus/xml/feed.hpp"

namespace xbus::xml {
namespace {

std::string inside(const std::string& stanza) { return std::string(open_stream) + stanza; }

// The verdict on a stanza in an open stream, fed whole and byte by byte.
std::string verdict(const std::string& input, const ScanLimits& limits = {}) {
  const auto whole = feed_whole(input, limits);
  EXPECT_EQ(feed_bytes(input, limits), whole);
  return error_of(whole);
}

std::string repeat(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(ScanLimits, CORE_49_stanza_bytes) {
  const ScanLimits limits{.stanza_bytes_max = 100};
  for (const char* form : {"<a>%</a>", "<a b='%'/>", "<a><![CDATA[%]]></a>", "<a>%<b/></a>"}) {
    const std::string_view f(form);
    const size_t at = f.find('%');
    const std::string edge = std::string(f.substr(0, at)) + std::string(101 - f.size(), 'x') +
                             std::string(f.substr(at + 1));
    ASSERT_EQ(edge.size(), 100u);
    EXPECT_EQ(verdict(inside(edge), limits), "none");
    EXPECT_EQ(verdict(inside("\n" + edge + " " + edge), limits), "none");
    const std::string beyond = std::string(edge).insert(at, "x");
    EXPECT_EQ(verdict(inside(beyond), limits), "too_big");
  }
  EXPECT_EQ(verdict(inside("<a>" + std::string(96, 'x')), limits), "none");
  EXPECT_EQ(verdict(inside("<a>" + std::string(97, 'x')), limits), "too_big");
  EXPECT_EQ(verdict(inside("<a " + std::string(97, ' ')), limits), "too_big");
  EXPECT_EQ(verdict(inside("<a b" + std::string(97, ' ')), limits), "too_big");
  EXPECT_EQ(verdict(inside("<a></a" + std::string(97, ' ')), limits), "too_big");
  EXPECT_EQ(verdict(inside("</stream:stream" + std::string(84, ' ') + ">"), limits), "none");
  EXPECT_EQ(verdict(inside("</stream:stream" + std::string(85, ' ') + ">"), limits), "too_big");
}

TEST(ScanLimits, CORE_49_bytes_beyond_the_limit_are_not_judged) {
  const ScanLimits limits{.stanza_bytes_max = 100};
  EXPECT_EQ(verdict(inside("<a>" + std::string(96, 'x') + "\x01"), limits), "not_well_formed");
  EXPECT_EQ(verdict(inside("<a>" + std::string(97, 'x') + "\x01"), limits), "too_big");
  EXPECT_EQ(verdict(inside("<a>" + std::string(96, 'x') + "\xE0\x80\x80"), limits), "too_big");
}

TEST(ScanLimits, CORE_49_a_new_limit_binds_from_the_next_element) {
  Scanner scanner(ScanLimits{.stanza_bytes_max = 20});
  ASSERT_EQ(scanner.next("<s>").event, Scanner::Event::header);
  ASSERT_EQ(scanner.next("<a>").event, Scanner::Event::more);
  scanner.set_stanza_bytes_max(10);
  EXPECT_EQ(scanner.next("<a>0123456789</a>").event, Scanner::Event::stanza);
  EXPECT_EQ(scanner.next("<a>0123456789</a>").event, Scanner::Event::error);
  EXPECT_EQ(scanner.error(), ScanError::too_big);
}

TEST(ScanLimits, CORE_49_header_bytes) {
  const auto header = [](std::string declaration, size_t size) {
    const std::string form = declaration + "<s a=''>";
    return std::string(form).insert(form.size() - 2, size - form.size(), 'x');
  };
  constexpr size_t max = limits::header_bytes_max;
  for (const char* declaration : {"", "<?xml version='1.0'?>"}) {
    EXPECT_EQ(verdict(header(declaration, max)), "none");
    EXPECT_EQ(verdict(header(declaration, max + 1)), "too_big");
  }
  EXPECT_EQ(verdict(std::string(2 * max, ' ') + header("", max)), "none");
  EXPECT_EQ(verdict("<?xml version='1.0' " + std::string(max - 22, ' ') + "?>"), "none");
  EXPECT_EQ(verdict("<?xml version='1.0' " + std::string(max - 21, ' ') + "?>"), "too_big");
  EXPECT_EQ(verdict("<?xml version='1.0' " + std::string(max, ' ')), "too_big");
}

TEST(ScanLimits, CORE_49_depth) {
  constexpr size_t max = limits::xml_depth_max;
  EXPECT_EQ(verdict(inside(repeat("<a>", max) + repeat("</a>", max))), "none");
  EXPECT_EQ(verdict(inside(repeat("<a>", max) + "x</a><a/>")), "none");
  EXPECT_EQ(verdict(inside(repeat("<a>", max) + "<a/>")), "too_deep");
  EXPECT_EQ(verdict(inside(repeat("<a>", max) + "<a")), "too_deep");
}

TEST(ScanLimits, CORE_49_attributes) {
  std::string many;
  for (size_t i = 0; i < limits::xml_attributes_max; ++i) many += " a" + std::to_string(i) + "=''";
  EXPECT_EQ(verdict(inside("<a" + many + " />")), "none");
  EXPECT_EQ(verdict(inside("<a" + many + " b=''/>")), "too_deep");
  EXPECT_EQ(verdict(inside("<a" + many + " b")), "too_deep");
}

TEST(ScanLimits, CORE_49_names) {
  const std::string edge(limits::xml_name_bytes_max, 'n');
  EXPECT_EQ(verdict(inside("<" + edge + "></" + edge + ">")), "none");
  EXPECT_EQ(verdict(inside("<" + edge + "n/>")), "too_deep");
  EXPECT_EQ(verdict(inside("<" + edge + "n")), "too_deep");
  EXPECT_EQ(verdict(inside("<a " + edge + "=''/>")), "none");
  EXPECT_EQ(verdict(inside("<a " + edge + "n=''/>")), "too_deep");
  EXPECT_EQ(verdict(inside("<stream:" + edge.substr(7) + "/>")), "none");
  EXPECT_EQ(verdict(inside("<stream:" + edge.substr(6) + "/>")), "too_deep");
  EXPECT_EQ(verdict(inside("<" + edge + "\xC0/>")), "bad_utf8");
  EXPECT_EQ(verdict(inside("<" + edge + "n\xC0/>")), "too_deep");
  EXPECT_EQ(verdict(inside("<abcd/>"), ScanLimits{.name_bytes_max = 4}), "too_deep");
  EXPECT_EQ(verdict("<abcd><abcd a=''/>              ", ScanLimits{.name_bytes_max = 4}), "none");
  EXPECT_EQ(verdict("<abcd><abcde a=''/>             ", ScanLimits{.name_bytes_max = 4}),
            "too_deep");
}

TEST(ScanLimits, CORE_49_prefixes_of_the_header) {
  std::string many;
  for (size_t i = 0; i < limits::xml_prefixes_max; ++i)
    many += " xmlns:a" + std::to_string(i) + "='u'";
  EXPECT_EQ(verdict("<s" + many + ">"), "none");
  EXPECT_EQ(verdict("<s" + many + " xmlns='v'>"), "too_deep");
}

TEST(ScanLimits, CORE_49_declarations_in_scope) {
  std::string fifty;
  for (size_t i = 0; i < 50; ++i) fifty += " xmlns:a" + std::to_string(i) + "='u'";
  const std::string nested = "<a>" + repeat("<a" + fifty + ">", 5);
  static_assert(limits::xml_declarations_max == 256);
  std::string six;
  for (size_t i = 0; i < 6; ++i) six += " xmlns:b" + std::to_string(i) + "='u'";
  const ScanLimits limits{.stanza_bytes_max = 1 << 20};
  EXPECT_EQ(verdict(inside(nested + "<b" + six + "/><b" + six + "/>"), limits), "none");
  EXPECT_EQ(verdict(inside(nested + "<b" + six + " xmlns='v'/>"), limits), "too_deep");
}

TEST(ScanLimits, CORE_49_namespace_names) {
  const std::string edge(limits::xml_namespace_bytes_max, 'u');
  EXPECT_EQ(verdict(inside("<a xmlns='" + edge + "'/>")), "none");
  EXPECT_EQ(verdict(inside("<a xmlns='" + edge + "u'/>")), "too_deep");
  EXPECT_EQ(verdict(inside("<a xmlns:p='" + edge + "u'/>")), "too_deep");
}

// A peer that sends a large element in small pieces must not make the scanner read it again each
// time: with a window of a megabyte, a quadratic scanner would take minutes here.
TEST(ScanLimits, CORE_49_small_pieces_of_large_tokens_cost_little) {
  constexpr size_t size = 1 << 20;
  const ScanLimits limits{.stanza_bytes_max = size};
  for (const std::string open :
       {"<a>", "<a b='", "<a><![CDATA[", "<a ", "<a b", "<a b=", "<a></a"}) {
    const bool blank = open.back() != '>' && open.back() != '\'' && open.back() != '[';
    const std::string element = open + std::string(size - open.size(), blank ? ' ' : 'x');
    Scanner scanner(limits);
    ASSERT_EQ(scanner.next("<s>").event, Scanner::Event::header);
    for (size_t i = 1; i < size; ++i) {
      ASSERT_EQ(scanner.next(std::string_view(element).substr(0, i)).event, Scanner::Event::more);
    }
    EXPECT_EQ(scanner.next(element).event, Scanner::Event::error);
    EXPECT_EQ(scanner.error(), ScanError::too_big);
  }
}

}  // namespace
}  // namespace xbus::xml
