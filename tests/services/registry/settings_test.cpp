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
  settings.callers = {"*@example.org", "Billing=ops@example.org", "billing=*@partner.example"};
  settings.strict_callers = {"ops@example.org"};
  auto parts = parts_of(settings, "secret");
  ASSERT_FALSE(parts);  // one name, spelled in two ways
  EXPECT_NE(parts.error().find("twice"), std::string::npos);
  settings.callers[1] = "billing=ops@example.org";
  parts = parts_of(settings, "secret");
  ASSERT_TRUE(parts) << parts.error();
  const registry::CallerPolicy& policy = parts->registry.callers;
  const auto user = *xmpp::Jid::parse("user@example.org/x");
  const auto partner = *xmpp::Jid::parse("far@partner.example");
  EXPECT_TRUE(policy.may_call(user, "calc"));
  EXPECT_FALSE(policy.may_call_strict(user, "calc", "example.org"));
  EXPECT_FALSE(policy.may_call(partner, "calc"));
  EXPECT_TRUE(policy.may_call(partner, "billing"));
  EXPECT_FALSE(policy.may_call(user, "billing"));
}

TEST(RegistrySettings, a_pattern_that_could_match_nobody_is_refused) {
  for (const char* caller : {"", "@example.org", "ops@", "calc=", "=ops@example.org", "calc=ops@", "a b/"}) {
    Settings bad = right();
    bad.strict_callers = {caller};
    auto parts = parts_of(bad, "secret");
    ASSERT_FALSE(parts) << caller;
    EXPECT_TRUE(parts.error().starts_with("--strict-caller")) << parts.error();
  }
}

}  // namespace
}  // namespace xbus::registry_program
