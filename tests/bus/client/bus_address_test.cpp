#include "bus/client/bus_address.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace xbus::client {
namespace {

struct BusAddress : testing::Test {
  BusAddress() { EXPECT_NE(::mkdtemp(folder.data()), nullptr); }
  ~BusAddress() override { std::filesystem::remove_all(folder); }
  std::string folder = "/tmp/xbus-address-XXXXXX";
  uint32_t me = ::getuid();
};

TEST_F(BusAddress, the_per_user_folder) {
  EXPECT_EQ(per_user_folder({"", "/run/user/7", 7}), "/run/user/7/xbus");
  EXPECT_EQ(per_user_folder({"", "", 7}), "/tmp/xbus-7");
  EXPECT_EQ(per_user_folder({"", "", 0}), "/run/xbus-0");
  EXPECT_EQ(per_user_socket({"", "", 7}), "/tmp/xbus-7/socket");
}

TEST_F(BusAddress, what_is_said_goes_before_what_is_looked_for) {
  auto given = bus_addresses("unix:/a", {"unix:/b", folder, me});
  ASSERT_TRUE(given);
  ASSERT_EQ(given->size(), 1u);
  EXPECT_EQ(given->front().path, "/a");
  EXPECT_EQ(bus_addresses("", {"unix:/b", folder, me})->front().path, "/b");
  EXPECT_FALSE(bus_addresses("nonsense", {}));
  EXPECT_FALSE(bus_addresses("", {"nonsense", "", me}));
}

TEST_F(BusAddress, the_per_user_bus_then_the_systems) {
  auto none = bus_addresses("", {"", folder, me});
  ASSERT_TRUE(none);
  ASSERT_EQ(none->size(), 1u);
  EXPECT_EQ(none->front().path, system_socket);
  ASSERT_EQ(::mkdir((folder + "/xbus").c_str(), 0700), 0);
  auto both = bus_addresses("", {"", folder, me});
  ASSERT_TRUE(both);
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ(both->front().path, folder + "/xbus/socket");
}

TEST_F(BusAddress, a_folder_that_others_could_have_made_is_refused) {
  auto path = folder + "/xbus";
  ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
  EXPECT_FALSE(distrust(path, me));
  EXPECT_TRUE(distrust(path, me + 1));
  ASSERT_EQ(::chmod(path.c_str(), 0750), 0);
  EXPECT_TRUE(distrust(path, me));
  EXPECT_FALSE(bus_addresses("", {"", folder, me}));  // an error, not the next bus
  ASSERT_EQ(::chmod(path.c_str(), 0700), 0);
  auto link = folder + "/link";
  ASSERT_EQ(::symlink(path.c_str(), link.c_str()), 0);
  EXPECT_TRUE(distrust(link, me));
  std::ofstream(folder + "/file") << "x";
  EXPECT_TRUE(distrust(folder + "/file", me));
  EXPECT_TRUE(distrust(folder + "/missing", me));
}

TEST_F(BusAddress, the_domain_is_the_host_and_localhost_on_this_one) {
  for (const auto& [text, domain] : {std::pair("unix:/run/xbus/socket", "localhost"),
                                     {"xmpp://bus.example", "bus.example"},
                                     {"xmpps://192.0.2.1:5223", "192.0.2.1"},
                                     {"tcp://127.0.0.1:5222", "localhost"},
                                     {"xmpp://[::1]", "localhost"}})
    EXPECT_EQ(domain_at(*net::parse_address(text)), domain) << text;
}

}  // namespace
}  // namespace xbus::client
