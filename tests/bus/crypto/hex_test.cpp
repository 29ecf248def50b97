#include "bus/crypto/hex.hpp"

#include <gtest/gtest.h>

namespace xbus::crypto {
namespace {

// RFC 4648 section 10.
TEST(Hex, known_answers) {
  EXPECT_EQ(hex_encode("foobar"), "666f6f626172");
  EXPECT_EQ(hex_decode("666F6f626172"), "foobar");
  EXPECT_EQ(hex_encode(""), "");
  EXPECT_EQ(hex_decode(""), "");
  EXPECT_EQ(hex_encode("\xff\x01"), "ff01");
}

TEST(Hex, refuses_odd_lengths_and_other_characters) {
  for (std::string_view text : {"6", "666", "6g", " 66", "0x66", "6\n"})
    EXPECT_FALSE(hex_decode(text)) << text;
}

}  // namespace
}  // namespace xbus::crypto
