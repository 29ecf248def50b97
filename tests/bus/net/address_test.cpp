#include "bus/net/address.hpp"

#include <gtest/gtest.h>

namespace xbus::net {
namespace {

using Kind = Address::Kind;

TEST(Address, reads_every_form) {
  struct Row {
    const char* text;
    Address expected;
  };
  const Row rows[] = {
      {"unix:/run/xbus/socket", {Kind::unix_socket, "/run/xbus/socket"}},
      {"unix:///run/xbus/socket", {Kind::unix_socket, "/run/xbus/socket"}},
      {"unix:relative", {Kind::unix_socket, "relative"}},
      {"xmpp://bus.example", {Kind::xmpp, {}, {}, "bus.example"}},
      {"xmpp://bus.example/", {Kind::xmpp, {}, {}, "bus.example"}},
      {"xmpps://juliet@bus.example:443", {Kind::xmpps, {}, "juliet", "bus.example", 443}},
      {"xmpp://a%40b@bus.example", {Kind::xmpp, {}, "a@b", "bus.example"}},
      {"xmpp://[::1]:5222", {Kind::xmpp, {}, {}, "::1", 5222}},
      {"tcp://127.0.0.1:5222", {Kind::tcp, {}, {}, "127.0.0.1", 5222}},
      {"tcp://u@localhost:1", {Kind::tcp, {}, "u", "localhost", 1}},
  };
  for (auto& row : rows) {
    auto address = parse_address(row.text);
    ASSERT_TRUE(address) << address.error();
    EXPECT_EQ(*address, row.expected) << row.text;
    EXPECT_EQ(*parse_address(to_string(*address)), *address) << to_string(*address);
  }
}

TEST(Address, a_path_may_begin_with_two_slashes) {
  auto address = parse_address("unix:////run/bus");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->path, "//run/bus");
  EXPECT_EQ(*parse_address(to_string(*address)), *address);
}

TEST(Address, refuses_what_is_none_and_says_why) {
  struct Row {
    const char *text, *why;
  };
  const Row rows[] = {
      {"", "it begins with"},
      {"bus.example", "it begins with"},
      {"http://bus.example", "it begins with"},
      {"xmpp:bus.example", "it begins with"},
      {"unix:", "a socket's path"},
      {"xmpp://", "host is missing"},
      {"xmpp://user@", "host is missing"},
      {"xmpp://@bus.example", "the user before"},
      {"xmpp://u%4@bus.example", "the user before"},
      {"xmpp://u%00@bus.example", "the user before"},
      {"xmpp://u:secret@bus.example", "a password has no place"},
      {"xmpp://bus.example:0", "a port is"},
      {"xmpp://bus.example:65536", "a port is"},
      {"xmpp://bus.example:x", "a port is"},
      {"xmpp://bus.example:", "a port is"},
      {"xmpp://[::1", "without"},
      {"xmpp://[1.2.3.4]", "between"},
      {"xmpp://[::1]x", "after"},
      {"xmpp://bus.example/path", "ends after"},
      {"xmpp://bus.example?x", "ends after"},
      {"xmpp://bus example", "a space"},
      {"tcp://localhost", "needs a port"},
  };
  for (auto& row : rows) {
    auto address = parse_address(row.text);
    ASSERT_FALSE(address) << row.text;
    EXPECT_NE(address.error().find(row.why), std::string::npos) << row.text << ": " << address.error();
  }
  EXPECT_FALSE(parse_address("unix:" + std::string(200, 'x')));
  EXPECT_FALSE(parse_address("xmpp://" + std::string(5000, 'x')));
  // Written back, each of these is three bytes.
  EXPECT_FALSE(parse_address("xmpp://" + std::string(2000, '<') + "@bus.example"));
  EXPECT_TRUE(parse_address("xmpp://" + std::string(1000, '<') + "@bus.example"));
}

}  // namespace
}  // namespace xbus::net
