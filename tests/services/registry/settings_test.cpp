#include "services/registry/settings.hpp"

#include <gtest/gtest.h>

namespace xbus::registry_program {
namespace {

Settings right() {
  Settings settings;
  settings.domain = "services.example.org";
  return settings;
}

TEST(RegistrySettings, the_bus_is_the_domain_behind_the_first_label) {
  auto parts = parts_of(right(), "secret");
  ASSERT_TRUE(parts) << parts.error();
  EXPECT_EQ(parts->registry.domain, "services.example.org");
  EXPECT_EQ(parts->registry.names.bus_domain, "example.org");
  EXPECT_EQ(parts->connection.domain, "services.example.org");
  EXPECT_EQ(parts->connection.component_secret, "secret");
}

TEST(RegistrySettings, what_cannot_be_is_said_in_one_line) {
  Settings no_domain = right();
  no_domain.domain = "a@b";
  EXPECT_FALSE(parts_of(no_domain, "secret"));
  EXPECT_FALSE(parts_of(right(), ""));
  for (const char* given : {"calc", "=ops@example.org", "calc=@", "calc="}) {
    Settings bad = right();
    bad.given = {given};
    auto parts = parts_of(bad, "secret");
    ASSERT_FALSE(parts) << given;
    EXPECT_NE(parts.error().find("NAME=JID"), std::string::npos);
  }
}

TEST(RegistrySettings, admins_are_accounts_of_the_bus_or_whole_jids) {
  Settings settings = right();
  settings.admins = {"ops", "root@elsewhere.example"};
  auto parts = parts_of(settings, "secret");
  ASSERT_TRUE(parts);
  EXPECT_TRUE(parts->registry.is_admin(*xmpp::Jid::parse("ops@example.org/x")));
  EXPECT_TRUE(parts->registry.is_admin(*xmpp::Jid::parse("root@elsewhere.example/y")));
  EXPECT_FALSE(parts->registry.is_admin(*xmpp::Jid::parse("ops@elsewhere.example/x")));
}

TEST(RegistrySettings, callers_are_patterns) {
  Settings settings = right();
  settings.callers = {"*@example.org"};
  settings.strict_callers = {"ops@example.org"};
  auto parts = parts_of(settings, "secret");
  ASSERT_TRUE(parts);
  const auto user = *xmpp::Jid::parse("user@example.org/x");
  EXPECT_TRUE(parts->registry.may_call(user, "calc"));
  EXPECT_FALSE(parts->registry.may_call_strict(user, "calc"));
  EXPECT_FALSE(parts->registry.may_call(*xmpp::Jid::parse("far@away.example"), "calc"));
}

}  // namespace
}  // namespace xbus::registry_program
