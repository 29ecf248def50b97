#include "bus/crypto/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace xbus::crypto {
namespace {

TEST(Random, bytes_have_the_length_asked_for) {
  for (size_t count : {0u, 1u, 16u, 1000u}) EXPECT_EQ(random_bytes(count).size(), count);
}

TEST(Random, ids_do_not_repeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(seen.insert(random_id()).second);
}

TEST(Random, an_id_is_url_safe_and_holds_the_bytes_asked_for) {
  EXPECT_EQ(random_id().size(), 22u);
  EXPECT_EQ(random_id(3).size(), 4u);
  EXPECT_EQ(random_id(4).size(), 6u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(random_id(33).find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace xbus::crypto
