#include "services/xbus/contexts.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

namespace xbus::cli {
namespace {

class ContextsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/xbus-contexts-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    ::setenv("HOME", "/home/somebody", 1);
    ::unsetenv("XBUS_BUS");
  }
  void TearDown() override {
    ::unlink(path().c_str());
    ::rmdir(folder_.c_str());
  }
  std::string path() const { return folder_ + "/config.toml"; }

  Result<Contexts, std::string> read(const std::string& text) {
    std::ofstream(path()) << text;
    return read_contexts(path());
  }
  std::string refusal(const std::string& text) {
    const auto found = read(text);
    if (found) return "accepted";
    EXPECT_TRUE(found.error().starts_with(path() + ":")) << found.error();
    return found.error().substr(path().size() + 1);
  }

  std::string folder_;
};

constexpr const char* two = R"(default = "work"
[context.work]
bus = "xmpps://bus.example.org"
account = "alice"
password_file = "alice.password"
ca = "~/ca.pem"
[context.work.as.operator]
password_file = "/etc/operator.password"
[context.work.as.robot]
certificate = "robot.pem"
key = "robot.key"
[context.home]
bus = "unix:/tmp/bus"
)";

TEST_F(ContextsTest, a_file_that_is_not_there_has_none) {
  const auto found = read_contexts("/nonexistent/config.toml");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->all.empty());
  common::Connection connection;
  EXPECT_TRUE(apply_context(*found, {}, connection));
  EXPECT_EQ(connection.bus, "");
}

TEST_F(ContextsTest, reads_what_stands_there_and_makes_paths_absolute) {
  const auto found = read(two);
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->chosen, "work");
  const Context* work = found->find("work");
  ASSERT_NE(work, nullptr);
  EXPECT_EQ(work->bus, "xmpps://bus.example.org");
  EXPECT_EQ(work->own.password_file, folder_ + "/alice.password");
  EXPECT_EQ(work->ca, "/home/somebody/ca.pem");
  EXPECT_EQ(work->others.size(), 2u);
}

TEST_F(ContextsTest, what_is_wrong_is_named_with_its_line) {
  EXPECT_TRUE(refusal("a = [").starts_with("1: "));
  EXPECT_TRUE(refusal("\n[(").starts_with("2: "));
  EXPECT_TRUE(refusal("\n\xC3\xA9 = \"x\"").starts_with("2: "));
  EXPECT_TRUE(refusal("defualt = \"x\"").starts_with("1: unknown key defualt"));
  EXPECT_TRUE(refusal("\n[context.a]\nbus = 7").starts_with("3: bus must be a string"));
  EXPECT_TRUE(refusal("[context.a]\nbus = \"unix:/x\"\nport = 1").starts_with("3: unknown key port"));
  EXPECT_TRUE(refusal("[context.a]\naccount = \"x\"").starts_with("1: [context.a] says no bus"));
  EXPECT_TRUE(refusal("context = 1").starts_with("1: context must be a table"));
  EXPECT_TRUE(refusal("\ndefault = \"b\"\n[context.a]\nbus = \"unix:/x\"")
                  .starts_with("2: default: there is no [context.b]"));
  EXPECT_TRUE(refusal("[context.a]\nbus = \"unix:/x\"\n[context.a.as.b]\nbus = \"y\"")
                  .starts_with("4: unknown key bus"));
}

TEST_F(ContextsTest, a_value_that_is_none_of_its_kind_is_named_with_its_line_and_key) {
  EXPECT_EQ(refusal("[context.a]\n\nbus = \"bus.example\""),
            "3: bus: \"bus.example\" is no address of a bus: it begins with unix:, xmpp://, xmpps:// or tcp://; write " +
                std::string(common::bus_address_forms));
  EXPECT_TRUE(refusal("[context.a]\nbus = \"xmpp://x:99999\"").starts_with("2: bus: "));
  EXPECT_EQ(refusal("[context.a]\nbus = \"xmpp://x\"\npin = \"ab\""), "3: pin: a pin is 64 hexadecimal digits (SHA-256)");
  EXPECT_EQ(refusal("[context.a]\nbus = \"xmpp://x\"\npin = \"" + std::string(64, 'g') + "\""),
            "3: pin: a pin is 64 hexadecimal digits (SHA-256)");
  EXPECT_TRUE(read("[context.a]\nbus = \"xmpp://x\"\npin = \"aB:" + std::string(62, '0') + "\""));
  EXPECT_EQ(refusal("[context.a]\nbus = \"xmpp://x\"\nkey = \"k\""), "1: [context.a]: certificate and key go together");
  EXPECT_EQ(refusal("[context.a]\nbus = \"xmpp://x\"\n[context.a.as.b]\ncertificate = \"c\""),
            "3: [context.a.as.b]: certificate and key go together");
}

TEST_F(ContextsTest, a_password_in_clear_is_refused) {
  EXPECT_EQ(refusal("[context.a]\nbus = \"unix:/x\"\npassword = \"s\""),
            "3: no password stands here: name the file that has it with password_file");
  EXPECT_TRUE(refusal("[context.a.as.b]\npassword = \"s\"").starts_with("2: no password"));
}

TEST_F(ContextsTest, the_default_counts_where_nothing_says_another_bus) {
  const auto contexts = *read(two);
  common::Connection connection;
  ASSERT_TRUE(apply_context(contexts, {}, connection));
  EXPECT_EQ(connection.bus, "xmpps://bus.example.org");
  EXPECT_EQ(connection.account, "alice");
  EXPECT_EQ(connection.password_file, folder_ + "/alice.password");

  // Another bus never sees what belongs to this one.
  common::Connection elsewhere;
  elsewhere.bus = "xmpps://elsewhere.example";
  ASSERT_TRUE(apply_context(contexts, {}, elsewhere));
  EXPECT_EQ(elsewhere.account + elsewhere.password_file + elsewhere.ca, "");
  ::setenv("XBUS_BUS", "unix:/x", 1);
  common::Connection by_environment;
  ASSERT_TRUE(apply_context(contexts, {}, by_environment));
  EXPECT_EQ(by_environment.bus + by_environment.account + by_environment.password_file, "");
  // A context that is named counts before the environment.
  common::Connection named;
  ASSERT_TRUE(apply_context(contexts, {"home", ""}, named));
  EXPECT_EQ(named.bus, "unix:/tmp/bus");
}

TEST_F(ContextsTest, options_count_before_the_context) {
  const auto contexts = *read(two);
  common::Connection connection;
  connection.ca = "/my/ca";
  connection.password_file = "/my/password";
  ASSERT_TRUE(apply_context(contexts, {"work", ""}, connection));
  EXPECT_EQ(connection.ca, "/my/ca");
  EXPECT_EQ(connection.password_file, "/my/password");
  EXPECT_EQ(connection.account, "alice");
}

TEST_F(ContextsTest, credentials_go_with_their_account_only) {
  const auto contexts = *read(two);
  common::Connection as_operator;
  ASSERT_TRUE(apply_context(contexts, {"work", "operator"}, as_operator));
  EXPECT_EQ(as_operator.account, "operator");
  EXPECT_EQ(as_operator.password_file, "/etc/operator.password");
  common::Connection as_robot;
  ASSERT_TRUE(apply_context(contexts, {"work", "robot"}, as_robot));
  EXPECT_EQ(as_robot.certificate, folder_ + "/robot.pem");
  EXPECT_EQ(as_robot.password_file, "");
  common::Connection stranger;
  stranger.account = "mallory";
  ASSERT_TRUE(apply_context(contexts, {"work", ""}, stranger));
  EXPECT_EQ(stranger.account, "mallory");
  EXPECT_EQ(stranger.password_file + stranger.certificate, "");
  EXPECT_EQ(stranger.ca, "/home/somebody/ca.pem");
}

TEST_F(ContextsTest, two_words_for_one_thing_are_refused) {
  const auto contexts = *read(two);
  common::Connection both_buses;
  both_buses.bus = "unix:/x";
  EXPECT_FALSE(apply_context(contexts, {"work", ""}, both_buses));
  common::Connection both_accounts;
  both_accounts.account = "x";
  EXPECT_FALSE(apply_context(contexts, {"work", "y"}, both_accounts));
  common::Connection nowhere;
  const auto unknown = apply_context(contexts, {"wrok", ""}, nowhere);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().find("there is no context wrok"), std::string::npos);
}

}  // namespace
}  // namespace xbus::cli
