#include "bus/xmpp/software_version.hpp"

#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

TEST(SoftwareVersion, examples_of_xep0092) {
  EXPECT_TRUE(is_software_version_query(
      element("<iq type='get' id='version_1'><query xmlns='jabber:iq:version'/></iq>")));
  EXPECT_FALSE(is_software_version_query(
      element("<iq type='set' id='version_1'><query xmlns='jabber:iq:version'/></iq>")));
  EXPECT_EQ(software_version_query(), element("<query xmlns='jabber:iq:version'/>"));
  auto answer = element(
      "<query xmlns='jabber:iq:version'><name>Exodus</name><version>0.7.0.4</version>"
      "<os>Windows-XP 5.01.2600</os></query>");
  SoftwareVersion version{.name = "Exodus", .version = "0.7.0.4", .os = "Windows-XP 5.01.2600"};
  EXPECT_EQ(software_version_from(answer), version);
  EXPECT_EQ(to_element(version), answer);
}

TEST(SoftwareVersion, parts_may_be_missing) {
  EXPECT_EQ(software_version_from(element("<query xmlns='jabber:iq:version'/>")),
            SoftwareVersion());
  EXPECT_EQ(to_element(SoftwareVersion{.name = "a", .version = "1", .os = {}}).element_count(), 2u);
  EXPECT_FALSE(software_version_from(element("<query xmlns='urn:other'/>")));
}

}  // namespace
}  // namespace xbus::xmpp
