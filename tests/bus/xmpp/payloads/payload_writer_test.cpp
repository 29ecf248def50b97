#include "bus/xmpp/payloads/payload_writer.hpp"

#include <cmath>
#include <limits>

#include "bus/xmpp/datetime.hpp"
#include "bus/xmpp/payloads/payload_reader.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

std::string written(double value) {
  PayloadWriter out(xml::Element("p", "ns"));
  out.decimal("x", value);
  const xml::Element payload = out.take();
  const xml::Element* child = payload.first("x", "ns");
  return child ? child->text() : "nothing";
}

TEST(PayloadWriter, decimals_have_no_exponent_and_read_back_as_the_same_number) {
  EXPECT_EQ(written(45.44), "45.44");
  EXPECT_EQ(written(-104.99), "-104.99");
  EXPECT_EQ(written(1e21), "1000000000000000000000");
  EXPECT_EQ(written(0.0000001), "0.0000001");
  using numbers = std::numeric_limits<double>;
  for (double value :
       {0.1, 1.0 / 3, numbers::max(), numbers::lowest(), numbers::min(), numbers::denorm_min()}) {
    xml::Element payload("p", "ns");
    payload.add("x").add_text(written(value));
    PayloadReader in(payload);
    std::optional<double> read;
    in.decimal("x", read);
    EXPECT_FALSE(in.error()) << value;
    EXPECT_EQ(read, value);
  }
}

TEST(PayloadWriter, what_is_no_number_is_left_out) {
  EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "nothing");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "nothing");
}

TEST(PayloadWriter, empty_parts_are_left_out_unless_they_are_always_there) {
  PayloadWriter out(xml::Element("p", "ns"));
  out.text("a", "");
  out.always("b", "");
  out.time("c", std::nullopt);
  out.zone("d", std::nullopt);
  out.bytes("e", "");
  out.part("f", std::string(), as_own_text);
  EXPECT_EQ(xml::write(out.take(), "ns"), "<p><b/></p>");
}

TEST(PayloadWriter, times_in_both_styles) {
  const Timestamp moment = *parse_datetime("1995-10-31T22:27:10.5Z");
  PayloadWriter out(xml::Element("p", "ns"));
  out.time("a", moment);
  out.time("b", moment, DateStyle::basic);
  out.date("c", std::chrono::year(1966) / 8 / 6);
  out.date("d", std::chrono::year(1966) / 8 / 6, DateStyle::basic);
  out.zone("e", std::chrono::hours(-7));
  EXPECT_EQ(xml::write(out.take(), "ns"),
            "<p><a>1995-10-31T22:27:10.5Z</a><b>19951031T222710Z</b><c>1966-08-06</c>"
            "<d>19660806</d><e>-07:00</e></p>");
}

}  // namespace
}  // namespace xbus::xmpp
