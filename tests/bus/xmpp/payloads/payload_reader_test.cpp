#include "bus/xmpp/payloads/payload_reader.hpp"

#include <cmath>
#include <limits>

#include "bus/xmpp/datetime.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"
#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

using namespace std::chrono;

// What reading <p><x>text</x></p> by `read` says: "" when all is well.
template <class T, class Read>
std::string fault_of(std::string_view text, T& out, Read read) {
  const xml::Element payload = large_element("<p><x>" + std::string(text) + "</x></p>");
  PayloadReader reader(payload);
  read(reader, out);
  return reader.error() ? describe(*reader.error()) : "";
}

TEST(PayloadReader, decimals) {
  auto read = [](PayloadReader& in, std::optional<double>& out) {
    in.decimal("x", out, {.least = -90, .most = 90});
  };
  struct Case {
    std::string_view text;
    double value;
  };
  for (const Case& c : {Case{"45.44", 45.44},
                        {"-0.5", -0.5},
                        {"+7", 7},
                        {" 90 ", 90},
                        {"-90", -90},
                        {".5", 0.5},
                        {"5.", 5},
                        {"000001", 1}}) {
    std::optional<double> out;
    EXPECT_EQ(fault_of(c.text, out, read), "") << c.text;
    EXPECT_EQ(out, c.value) << c.text;
  }
  for (std::string_view text :
       {"1e1", "INF", "NaN", "nan", "0x1", "1,5", "1 5", "+-1", "++1", "-", ".", "--1"}) {
    std::optional<double> out;
    EXPECT_EQ(fault_of(text, out, read), "x: malformed") << text;
    EXPECT_FALSE(out) << text;
  }
  const std::string huge(400, '9');
  for (std::string_view text :
       {std::string_view("90.000001"), std::string_view("-90.000001"), std::string_view(huge)}) {
    std::optional<double> out;
    EXPECT_EQ(fault_of(text, out, read), "x: out of range") << text;
  }
}

TEST(PayloadReader, whole_numbers_to_the_edges_and_one_beyond) {
  auto read = [](PayloadReader& in, std::optional<uint32_t>& out) {
    in.whole("x", out, {.least = 1, .most = 65'535});
  };
  struct Case {
    std::string_view text, why;
    std::optional<uint32_t> value;
  };
  for (const Case& c : {Case{"1", "", 1},
                        {"65535", "", 65'535},
                        {"+10", "", 10},
                        {"\n7\t", "", 7},
                        {"0", "x: out of range", {}},
                        {"65536", "x: out of range", {}},
                        {"-1", "x: out of range", {}},
                        {"99999999999999999999", "x: out of range", {}},
                        {"1.0", "x: malformed", {}},
                        {"one", "x: malformed", {}},
                        {"1 2", "x: malformed", {}}}) {
    std::optional<uint32_t> out;
    EXPECT_EQ(fault_of(c.text, out, read), c.why) << c.text;
    EXPECT_EQ(out, c.value) << c.text;
  }
}

TEST(PayloadReader, times_and_dates_in_both_styles) {
  auto time = [](PayloadReader& in, std::optional<Timestamp>& out) { in.time("x", out); };
  const Timestamp moment = *parse_datetime("1995-10-31T22:27:10Z");
  for (std::string_view text : {"1995-10-31T22:27:10Z", "19951031T222710Z",
                                "1995-10-31T23:27:10+01:00", "19951031T232710+0100"}) {
    std::optional<Timestamp> out;
    EXPECT_EQ(fault_of(text, out, time), "") << text;
    EXPECT_EQ(out, moment) << text;
  }
  auto date = [](PayloadReader& in, std::optional<year_month_day>& out) { in.date("x", out); };
  for (std::string_view text :
       {"1966-08-06", "19660806", "1966-08-06T23:00:00-05:00", "19660806T230000-0500"}) {
    std::optional<year_month_day> out;
    EXPECT_EQ(fault_of(text, out, date), "") << text;
    EXPECT_EQ(out, year(1966) / 8 / 6) << text;
  }
  for (std::string_view text : {"--08", "--0806", "---06", "1966", "1966-08"}) {
    std::optional<year_month_day> out;
    EXPECT_EQ(fault_of(text, out, date), "") << text;
    EXPECT_FALSE(out) << text;
  }
  for (std::string_view text :
       {"1966-02-30", "19660230", "1966-8-6", "yesterday", "196608066", "--8", "19660806T"}) {
    std::optional<year_month_day> out;
    EXPECT_EQ(fault_of(text, out, date), "x: malformed") << text;
  }
  // XEP-0080 and XEP-0197 show times without seconds, which XEP-0082 has not.
  std::optional<Timestamp> out;
  EXPECT_EQ(fault_of("2004-02-19T21:12Z", out, time), "x: malformed");
}

TEST(PayloadReader, base64_with_line_feeds) {
  auto read = [](PayloadReader& in, std::string& out) { in.bytes("x", out); };
  std::string out;
  EXPECT_EQ(fault_of("\n  aGVs\n  bG8=\n", out, read), "");
  EXPECT_EQ(out, "hello");
  for (std::string_view text : {"aGVsbG8", "aGVs*G8=", "=", "aGVsbG9="})
    EXPECT_EQ(fault_of(text, out, read), "x: malformed") << text;
  EXPECT_EQ(out, "hello");
}

TEST(PayloadReader, sizes_to_the_limits_and_one_beyond) {
  auto text = [](PayloadReader& in, std::string& out) { in.text("x", out); };
  auto uri = [](PayloadReader& in, std::string& out) { in.uri("x", out); };
  auto bytes = [](PayloadReader& in, std::string& out) { in.bytes("x", out); };
  auto length_of = [](size_t size) { return std::string(size, 'x'); };
  const auto base64_of = [](size_t size) {
    PayloadWriter out(xml::Element("p", "ns"));
    out.look_in(Place::own_text);
    out.bytes("", std::string(size, 'x'));
    return out.take().text();
  };
  struct Case {
    std::string text, why;
  };
  std::string out;
  using namespace limits;
  EXPECT_EQ(fault_of(length_of(payload_text_bytes_max), out, text), "");
  EXPECT_EQ(fault_of(length_of(payload_text_bytes_max + 1), out, text), "x: too long");
  EXPECT_EQ(fault_of(length_of(payload_uri_bytes_max), out, uri), "");
  EXPECT_EQ(fault_of(length_of(payload_uri_bytes_max + 1), out, uri), "x: too long");
  EXPECT_EQ(fault_of(base64_of(payload_binary_bytes_max), out, bytes), "");
  EXPECT_EQ(out.size(), payload_binary_bytes_max);
  EXPECT_EQ(fault_of(base64_of(payload_binary_bytes_max + 1), out, bytes), "x: too long");
  EXPECT_EQ(fault_of(base64_of(2 * payload_binary_bytes_max), out, bytes), "x: too long");
  std::optional<double> number;
  EXPECT_EQ(fault_of(std::string(payload_text_bytes_max + 1, '0'), number,
                     [](auto& in, auto& value) { in.decimal("x", value); }),
            "x: too long");
}

TEST(PayloadReader, lists_and_children_to_the_limits_and_one_beyond) {
  auto with = [](size_t count) {
    xml::Element payload("p", "ns");
    for (size_t i = 0; i < count; ++i) payload.add("x").add_text(std::to_string(i));
    return payload;
  };
  std::vector<std::string> out;
  const xml::Element full = with(limits::payload_list_max),
                     more = with(limits::payload_list_max + 1);
  PayloadReader reads_full(full), reads_more(more);
  reads_full.list("x", out, as_own_text);
  EXPECT_FALSE(reads_full.error());
  EXPECT_EQ(out.size(), limits::payload_list_max);
  EXPECT_EQ(out.back(), std::to_string(limits::payload_list_max - 1));
  out.clear();
  reads_more.list("x", out, as_own_text);
  EXPECT_EQ(describe(reads_more.error().value()), "x: too many");
  EXPECT_FALSE(PayloadReader(with(limits::payload_children_max)).error());
  EXPECT_TRUE(PayloadReader(with(limits::payload_children_max + 1)).error());
}

TEST(PayloadReader, uris_have_no_blanks_and_addresses_are_addresses) {
  auto uri = [](PayloadReader& in, std::string& out) { in.uri("x", out); };
  std::string out;
  EXPECT_EQ(fault_of(" xmpp:j\xc3\xbcrgen@example.org ", out, uri), "");
  EXPECT_EQ(out, "xmpp:j\xc3\xbcrgen@example.org");
  EXPECT_EQ(fault_of("http://a b", out, uri), "x: malformed");
  Jid jid;
  auto address = [](PayloadReader& in, Jid& value) { in.jid("x", value); };
  EXPECT_EQ(fault_of("Romeo@montague.net", jid, address), "");
  EXPECT_EQ(jid.str(), "romeo@montague.net");
  EXPECT_EQ(fault_of("@montague.net", jid, address), "x: malformed");
}

TEST(PayloadReader, the_first_fault_is_kept_and_nothing_is_read_after_it) {
  const xml::Element payload = element("<p><a>x</a><b>y</b><c>1</c></p>");
  PayloadReader in(payload);
  std::optional<double> number;
  std::optional<uint32_t> count;
  in.decimal("a", number);
  in.decimal("b", number);
  in.whole("c", count);
  EXPECT_EQ(in.error(), (PayloadError{PayloadFault::malformed, "a"}));
  EXPECT_FALSE(count);
}

TEST(PayloadReader, an_empty_part_says_nothing) {
  const xml::Element payload = element("<p><a/><b> </b><c></c><c>2</c></p>");
  PayloadReader in(payload);
  std::optional<double> number;
  std::optional<Timestamp> time;
  std::optional<uint32_t> count;
  in.decimal("a", number);
  in.time("b", time);
  in.whole("c", count);  // of two the first counts
  EXPECT_FALSE(in.error());
  EXPECT_FALSE(number || time || count);
  std::string text;
  in.required("a", text);
  EXPECT_FALSE(in.error());
  in.required("d", text);
  EXPECT_EQ(describe(in.error().value()), "d: missing");
}

}  // namespace
}  // namespace xbus::xmpp
