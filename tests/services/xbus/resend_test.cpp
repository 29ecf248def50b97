#include "services/xbus/resend.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

xml::Element element(std::string_view text) {
  auto parsed = xml::parse(text, xml::ns_client);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : xml::Element();
}

std::string call(std::string_view method) {
  return "<iq type='set' to='agent@services.localhost'><query xmlns='jabber:iq:rpc'><methodCall>"
         "<methodName>" +
         std::string(method) + "</methodName><params/></methodCall></query></iq>";
}

TEST(Resend, requests_and_messages) {
  for (const char* text :
       {"<iq type='get'><q xmlns='u'/></iq>", "<iq type='set'><q xmlns='u'/></iq>",
        "<message to='a@h'><body>x</body></message>"})
    EXPECT_TRUE(is_resendable(element(text))) << text;
  for (const char* text : {"<iq type='result'/>", "<iq type='error'/>", "<presence/>",
                           "<message type='error' to='a@h'/>", "<message><body>x</body></message>"})
    EXPECT_FALSE(is_resendable(element(text))) << text;
}

TEST(Resend, never_what_administers) {
  for (const std::string& text :
       {std::string("<iq type='set'><remove xmlns='urn:xbus:admin:0' name='ann'/></iq>"),
        std::string("<iq type='get'><accounts xmlns='urn:xbus:admin:0'/></iq>"),
        std::string("<iq type='set'><start xmlns='urn:xbus:monitor:0'/></iq>"),
        std::string("<iq type='set'><query xmlns='jabber:iq:register'/></iq>"),
        std::string("<iq type='set'><give xmlns='urn:xbus:registry:0' name='a' owner='b@h'/></iq>"),
        std::string("<iq type='set'><command xmlns='http://jabber.org/protocol/commands'/></iq>"),
        std::string("<iq type='set'><omitted xmlns='urn:xbus:monitor:0' reason='secret'/></iq>"),
        std::string("<iq type='set'/>"), call("system.drain"), call("system.logLevel")})
    EXPECT_NE(why_never_again(element(text)), "") << text;
  for (const std::string& text :
       {call("load"), call("system.stats"), std::string("<message to='a@h'/>"),
        std::string("<iq type='get'><services xmlns='urn:xbus:registry:0'/></iq>"),
        std::string("<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>")})
    EXPECT_EQ(why_never_again(element(text)), "") << text;
}

}  // namespace
}  // namespace xbus::cli
