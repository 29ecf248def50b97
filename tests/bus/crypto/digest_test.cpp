#include "bus/crypto/digest.hpp"

#include <gtest/gtest.h>

#include "bus/crypto/hex.hpp"

namespace xbus::crypto {
namespace {

// FIPS 180-4 and FIPS 202: the one-block message "abc" and the empty message.
TEST(Digest, known_answers) {
  struct Case {
    Hash hash;
    std::string_view abc, nothing;
  };
  const Case cases[] = {
      {Hash::sha1, "a9993e364706816aba3e25717850c26c9cd0d89d",
       "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
      {Hash::sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {Hash::sha384,
       "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c"
       "825a7",
       "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f1489"
       "8b95b"},
      {Hash::sha512,
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
       "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
       "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
       "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
      {Hash::sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
       "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
      {Hash::sha3_512,
       "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
       "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
       "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
       "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(hex_encode(digest(c.hash, "abc")), c.abc);
    EXPECT_EQ(hex_encode(digest(c.hash, "")), c.nothing);
    EXPECT_EQ(digest_bytes(c.hash) * 2, c.abc.size());
  }
}

// RFC 2202 (SHA-1) and RFC 4231 (SHA-2): cases 1 and 2, and the key that is longer than a block.
TEST(Hmac, known_answers) {
  const std::string key1(20, '\x0b');
  EXPECT_EQ(hex_encode(hmac(Hash::sha1, key1, "Hi There")),
            "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(hex_encode(hmac(Hash::sha256, key1, "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_encode(hmac(Hash::sha512, key1, "Hi There")),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
            "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  EXPECT_EQ(hex_encode(hmac(Hash::sha1, "Jefe", "what do ya want for nothing?")),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hex_encode(hmac(Hash::sha256, "Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_encode(hmac(Hash::sha256, std::string(131, '\xaa'),
                            "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, an_empty_key_is_a_key) {
  EXPECT_EQ(hex_encode(hmac(Hash::sha256, "", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

// RFC 6070 (SHA-1) and RFC 7914 section 11 (SHA-256).
TEST(Pbkdf2, known_answers) {
  EXPECT_EQ(hex_encode(pbkdf2(Hash::sha1, "password", "salt", 1, 20)),
            "0c60c80f961f0e71f3a9b524af6012062fe037a6");
  EXPECT_EQ(hex_encode(pbkdf2(Hash::sha1, "password", "salt", 4096, 20)),
            "4b007901b765489abead49d926f721d065a429c1");
  EXPECT_EQ(hex_encode(pbkdf2(Hash::sha1, "passwordPASSWORDpassword",
                              "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, 25)),
            "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
  EXPECT_EQ(hex_encode(pbkdf2(Hash::sha1, std::string_view("pass\0word", 9),
                              std::string_view("sa\0lt", 5), 4096, 16)),
            "56fa6aa75548099dcc37d7f03425e0c3");
  EXPECT_EQ(hex_encode(pbkdf2(Hash::sha256, "passwd", "salt", 1, 64)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

// RFC 5802 section 5 and RFC 7677 section 3: the salted password leads to the proof of the example.
TEST(Pbkdf2, CORE_25_is_the_Hi_of_scram) {
  std::string salt = *hex_decode("4125c247e43ab1e93c6dff76");
  EXPECT_EQ(hex_encode(pbkdf2(Hash::sha1, "pencil", salt, 4096, 20)),
            "1d96ee3a529b5a5f9e47c01f229a2cb8a6e15f7d");
}

TEST(Equal, compares_bytes_and_length) {
  EXPECT_TRUE(equal("", ""));
  EXPECT_TRUE(equal("secret", "secret"));
  EXPECT_FALSE(equal("secret", "secreT"));
  EXPECT_FALSE(equal("secret", "secre"));
  EXPECT_FALSE(equal(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

TEST(Wipe, empties_the_string) {
  std::string secret = "pencil";
  wipe(secret);
  EXPECT_TRUE(secret.empty());
}

}  // namespace
}  // namespace xbus::crypto
