#include "services/xbusd/addresses.hpp"

#include <gtest/gtest.h>

namespace xbus::xbusd {
namespace {

using server::ListenerKind;

std::string error_of(const Config& config) {
  auto read = listen_addresses(config);
  return read ? "" : read.error();
}

TEST(Addresses, each_list_gives_its_kind) {
  Config config;
  config.listen = {"0.0.0.0:5222", "[::1]:5222"};
  config.listen_tls = {"127.0.0.1:5223"};
  config.plain_loopback_listen = {"localhost:0"};
  config.component_listen = {"[::1]:5347"};
  const auto all = listen_addresses(config);
  ASSERT_TRUE(all.ok()) << all.error();
  ASSERT_EQ(all->size(), 5u);
  EXPECT_EQ((*all)[0].kind, ListenerKind::starttls);
  EXPECT_EQ((*all)[1].address.text(), "[::1]:5222");
  EXPECT_EQ((*all)[2].kind, ListenerKind::direct_tls);
  EXPECT_EQ((*all)[3].address.text(), "127.0.0.1:0");
  EXPECT_STREQ((*all)[4].name, "component");
}

TEST(Addresses, what_is_none_is_named) {
  for (const char* wrong : {"", "localhost", "127.0.0.1:99999", "127.0.0.1:x", "nowhere.example:1", ":5222x"}) {
    Config config;
    config.listen_tls = {"127.0.0.1:1", wrong};
    EXPECT_EQ(error_of(config), "\"" + std::string(wrong) + "\" is no ADDRESS:PORT");
  }
}

TEST(Addresses, without_tls_only_loopback) {
  Config config;
  config.listen = {"0.0.0.0:5222"};
  EXPECT_EQ(error_of(config), "");
  config.plain_loopback = true;
  EXPECT_EQ(error_of(config), "0.0.0.0:5222: a listener without TLS must be on a loopback address");
}

}  // namespace
}  // namespace xbus::xbusd
