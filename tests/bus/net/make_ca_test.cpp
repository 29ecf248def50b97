#include "bus/net/make_ca.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "tests/bus/net/certificates.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

TEST(MakeCa, keeps_what_is_there_and_renews_what_ends) {
  CertificateFolder folder;
  auto path = folder.path + "/renewed";
  auto today = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  auto first = make_ca(path, "bus.example", today - 24h * 380);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->made);
  EXPECT_TRUE(first->made_ca);
  auto leaf = *fingerprint_of(first->certificate_file);
  auto again = make_ca(path, "bus.example", today - 24h * 380);
  EXPECT_FALSE(again->made);
  EXPECT_EQ(*fingerprint_of(again->certificate_file), leaf);
  auto later = make_ca(path, "bus.example", today);  // 17 days before its end
  EXPECT_TRUE(later->made);
  EXPECT_EQ(later->fingerprint, first->fingerprint);  // the CA stays, and with it the pin
  EXPECT_NE(*fingerprint_of(later->certificate_file), leaf);
  auto moved = make_ca(path, "elsewhere.example", today);
  EXPECT_TRUE(moved->made);
  EXPECT_FALSE(moved->made_ca);
  EXPECT_FALSE(make_ca(path, "a,DNS:evil.example", today));
  for (auto file : {"/ca.key", "/server.key", "/server.pem"}) {
    EXPECT_EQ(std::system(("test $(stat -c %a " + path + file + ") = 600").c_str()), 0) << file;
  }
}

}  // namespace
}  // namespace xbus::net
