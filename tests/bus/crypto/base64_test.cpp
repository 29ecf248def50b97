#include "bus/crypto/base64.hpp"

#include <gtest/gtest.h>

#include "bus/crypto/random.hpp"

namespace xbus::crypto {
namespace {

// RFC 4648 section 10.
TEST(Base64, known_answers) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (auto [bytes, text] : cases) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, CORE_22_base64_is_strict) {
  for (std::string_view text :
       {"=", "Zg", "Zg=", "Zg==\n", "Zm9v\nYmFy", "Zm9v YmFy", " Zg==", "Zg==Zg==", "Z===", "====",
        "Zh==", "Zm9=", "Zm9v====", "Zm-_", "Zm9\xc3", "Zg=g", "Z=g="}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

TEST(Base64, every_byte_comes_back) {
  for (size_t length = 0; length < 300; ++length) {
    std::string bytes = random_bytes(length);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
  }
}

TEST(Base64, the_url_safe_form_has_no_padding) {
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
  EXPECT_EQ(base64_encode("\xfb\xff"), "+/8=");
}

}  // namespace
}  // namespace xbus::crypto
