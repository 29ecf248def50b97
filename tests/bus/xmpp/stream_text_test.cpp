#include "bus/xmpp/stream_text.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp {
namespace {

TEST(StreamText, xml_namespace_streams_declaration_in_every_header) {
  EXPECT_EQ(stream_header_text({.to = "a'b<c>&"}),
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams' to='a&apos;b&lt;c&gt;&amp;' "
            "version='1.0'>");
  EXPECT_EQ(stream_header_text({.content_ns = xml::ns_component, .version = {}}),
            "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
            "xmlns:stream='http://etherx.jabber.org/streams'>");
}

TEST(StreamText, xml_namespace_streams_prefix_on_errors_and_features) {
  StreamError error = stream_error(StreamCondition::see_other_host);
  error.host = "b.example.org";
  error.application = xml::Element("busy", "urn:x");
  EXPECT_EQ(stream_error_text(error),
            "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
            "b.example.org</see-other-host><busy xmlns='urn:x'/></stream:error></stream:stream>");
  EXPECT_EQ(stream_features_text({}), "<stream:features></stream:features>");
  EXPECT_EQ(stream_features_text({xml::Element("a", "urn:a"), xml::Element("b", "urn:b")}),
            "<stream:features><a xmlns='urn:a'/><b xmlns='urn:b'/></stream:features>");
}

}  // namespace
}  // namespace xbus::xmpp
