#include "services/xbus/trace.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

const Terminal plain{};

TEST(Trace, a_short_stanza_is_one_line) {
  EXPECT_EQ(trace_text(true, "<iq id='1'/>", plain), "--> <iq id='1'/>\n");
  EXPECT_EQ(trace_text(false, "<iq><a>b</a></iq>", plain), "<-- <iq><a>b</a></iq>\n");
}

TEST(Trace, a_long_one_is_a_line_an_element) {
  const std::string stanza =
      "<iq type='set' to='agent@services.localhost/long' id='1'><query xmlns='jabber:iq:rpc' "
      "note='a>b'>"
      "<methodCall><methodName>x</methodName><params/></methodCall><empty></empty></query></iq>";
  EXPECT_EQ(trace_text(true, stanza, plain),
            "--> <iq type='set' to='agent@services.localhost/long' id='1'>\n"
            "      <query xmlns='jabber:iq:rpc' note='a>b'>\n"
            "        <methodCall>\n"
            "          <methodName>x</methodName>\n"
            "          <params/>\n"
            "        </methodCall>\n"
            "        <empty></empty>\n"
            "      </query>\n"
            "    </iq>\n");
}

TEST(Trace, what_would_give_a_login_away_is_left_out) {
  EXPECT_EQ(trace_text(true, "<auth xmlns='x' mechanism='PLAIN'>AGEAYg==</auth>", plain),
            "--> <auth ...>\n");
  EXPECT_EQ(trace_text(true, "<response>c2VjcmV0</response>", plain), "--> <response ...>\n");
  const std::string shown =
      trace_text(true,
                 "<iq><add xmlns='urn:xbus:admin:0' "
                 "name='a'><password>s3cret</password></add><password x='>'>two</password></iq>",
                 plain);
  EXPECT_EQ(shown.find("s3cret"), std::string::npos);
  EXPECT_EQ(shown.find("two"), std::string::npos);
}

TEST(Trace, nothing_in_it_acts_on_the_terminal) {
  EXPECT_EQ(trace_text(false, "<m>\u202e\u009b</m>", plain), "<-- <m>\\u{202e}\\u{9b}</m>\n");
  EXPECT_EQ(trace_text(false, "<m", plain), "<-- <m\n");
  EXPECT_EQ(trace_text(false, "", plain), "<-- \n");
}

}  // namespace
}  // namespace xbus::cli
