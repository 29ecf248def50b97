#include "bus/xmpp/stream_limits.hpp"

#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

TEST(StreamLimits, CORE_44_examples_of_xep0478) {
  auto limits = element(
      "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>10000</max-bytes>"
      "<idle-seconds>1800</idle-seconds></limits>");
  StreamLimits read = stream_limits_from(limits);
  EXPECT_EQ(read.max_bytes, 10000u);
  EXPECT_EQ(read.idle_seconds, 1800u);
  EXPECT_EQ(to_element(read), limits);
  xml::Element features("features", std::string(xml::ns_stream));
  features.add(limits);
  EXPECT_EQ(stream_limits_from(features), read);
  xml::Element bidi("bidi", "urn:xmpp:bidi");
  bidi.add(limits);
  EXPECT_EQ(stream_limits_from(bidi), read);
}

TEST(StreamLimits, what_is_absent_or_no_number_is_not_announced) {
  EXPECT_EQ(stream_limits_from(element("<limits xmlns='urn:xmpp:stream-limits:0'/>")),
            StreamLimits());
  EXPECT_EQ(stream_limits_from(element("<features xmlns='http://etherx.jabber.org/streams'/>")),
            StreamLimits());
  for (std::string_view text : {"-1", "1e4", "", "ten", "99999999999999999999", " 10000"}) {
    EXPECT_EQ(stream_limits_from(element("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>" +
                                         std::string(text) + "</max-bytes></limits>")),
              StreamLimits())
        << text;
  }
  EXPECT_EQ(to_element(StreamLimits()), element("<limits xmlns='urn:xmpp:stream-limits:0'/>"));
}

}  // namespace
}  // namespace xbus::xmpp
