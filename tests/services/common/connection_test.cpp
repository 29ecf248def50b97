#include "services/common/connection.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace xbus::common {
namespace {

client::Options options_of(std::vector<const char*> words) {
  Connection connection;
  CommandLine line("tool", "about", "1");
  connection.add_to(line);
  words.insert(words.begin(), "tool");
  EXPECT_EQ(line.parse(static_cast<int>(words.size()), words.data()), std::nullopt);
  auto found = connection.options();
  EXPECT_TRUE(found) << found.error();
  return found.value_or({});
}

TEST(Connection, without_options_the_client_finds_the_bus_by_itself) {
  ::unsetenv("XBUS_PASSWORD");
  ::unsetenv("XBUS_BUS");
  const client::Options found = options_of({});
  EXPECT_EQ(found.address, "");
  EXPECT_EQ(found.account, "");
  EXPECT_EQ(found.password, "");
}

TEST(Connection, options_reach_the_client) {
  ::setenv("XBUS_PASSWORD", "secret", 1);
  const client::Options found =
      options_of({"--bus", "xmpps://h:1", "--account", "juliet", "--ca", "/ca.pem", "--pin", "ab12",
                  "--certificate", "c", "--key", "k"});
  EXPECT_EQ(found.address, "xmpps://h:1");
  EXPECT_EQ(found.account, "juliet");
  EXPECT_EQ(found.password, "secret");
  EXPECT_EQ(found.ca_file, "/ca.pem");
  EXPECT_EQ(found.pin, "ab12");
  EXPECT_EQ(found.certificate_file, "c");
  EXPECT_EQ(found.key_file, "k");
}

TEST(Connection, the_environment_says_what_the_options_do_not) {
  ::unsetenv("XBUS_PASSWORD");
  ::setenv("XBUS_CA", "/env.pem", 1);
  ::setenv("XBUS_PIN", "ff", 1);
  EXPECT_EQ(options_of({}).ca_file, "/env.pem");
  EXPECT_EQ(options_of({}).pin, "ff");
  EXPECT_EQ(options_of({"--ca", "/option.pem"}).ca_file, "/option.pem");
  ::unsetenv("XBUS_CA");
  ::unsetenv("XBUS_PIN");
}

TEST(Connection, an_address_that_is_none_is_named_with_the_forms_there_are) {
  ::unsetenv("XBUS_BUS");
  EXPECT_EQ(wrong_address(""), std::nullopt);
  for (const char* right : {"unix:/x", "xmpp://h", "xmpps://me@h:1", "tcp://127.0.0.1:1"})
    EXPECT_EQ(wrong_address(right), std::nullopt) << right;
  EXPECT_EQ(wrong_address("h:99999"),
            "--bus: \"h:99999\" is no address of a bus: it begins with unix:, xmpp://, xmpps:// or tcp://; write "
            "unix:PATH, xmpp://[USER@]HOST[:PORT], xmpps://[USER@]HOST[:PORT] or, on this host only, tcp://HOST:PORT");
  ::setenv("XBUS_BUS", "xmpp://h:99999", 1);
  EXPECT_TRUE(wrong_address("")->starts_with("$XBUS_BUS: \"xmpp://h:99999\" is no address of a bus: a port is"));
  EXPECT_EQ(wrong_address("unix:/x"), std::nullopt) << "the option counts before the environment";
  ::unsetenv("XBUS_BUS");
}

TEST(Connection, what_does_not_go_together_is_said) {
  Connection connection;
  connection.certificate = "c";
  EXPECT_EQ(connection.options().error(), "--certificate and --key go together");
  connection.certificate.clear();
  connection.password_file = "/nonexistent";
  EXPECT_EQ(connection.options().error(), "password file /nonexistent: No such file or directory");
}

TEST(Connection, only_a_unix_socket_knows_its_peers_from_the_kernel) {
  ::unsetenv("XBUS_BUS");
  Connection connection;
  EXPECT_EQ(connection.kernel_identity(), KernelIdentity::yes);
  connection.bus = "unix:/run/xbus/socket";
  EXPECT_EQ(connection.kernel_identity(), KernelIdentity::yes);
  connection.bus = "xmpps://bus.example.org";
  EXPECT_EQ(connection.kernel_identity(), KernelIdentity::no);
  connection.bus.clear();
  ::setenv("XBUS_BUS", "xmpp://localhost", 1);
  EXPECT_EQ(connection.kernel_identity(), KernelIdentity::no);
  ::unsetenv("XBUS_BUS");
}

}  // namespace
}  // namespace xbus::common
