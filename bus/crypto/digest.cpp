#include "bus/crypto/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cassert>
#include <cstdlib>

namespace xbus::crypto {

namespace {

const EVP_MD* algorithm(Hash hash) {
  switch (hash) {
    case Hash::sha1:
      return EVP_sha1();
    case Hash::sha256:
      return EVP_sha256();
    case Hash::sha384:
      return EVP_sha384();
    case Hash::sha512:
      return EVP_sha512();
    case Hash::sha3_256:
      return EVP_sha3_256();
    case Hash::sha3_512:
      return EVP_sha3_512();
  }
  std::abort();
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// The library fails here only when it has no memory or no such algorithm: there is no going on.
void require(bool done) {
  if (!done) std::abort();
}

}  // namespace

size_t digest_bytes(Hash hash) { return static_cast<size_t>(EVP_MD_get_size(algorithm(hash))); }

std::string digest(Hash hash, std::string_view data) {
  std::string out(digest_bytes(hash), '\0');
  unsigned int written = 0;
  require(EVP_Digest(data.data(), data.size(), bytes_of(out), &written, algorithm(hash), nullptr) ==
          1);
  return out;
}

std::string hmac(Hash hash, std::string_view key, std::string_view data) {
  std::string out(digest_bytes(hash), '\0');
  unsigned int written = 0;
  // A null key would mean "the key of the call before".
  const char* key_bytes = key.empty() ? "" : key.data();
  require(HMAC(algorithm(hash), key_bytes, static_cast<int>(key.size()), bytes_of(data),
               data.size(), bytes_of(out), &written) != nullptr);
  return out;
}

std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, uint32_t iterations,
                   size_t bytes) {
  assert(iterations >= 1 && iterations <= 0x7fffffff);
  std::string out(bytes, '\0');
  require(PKCS5_PBKDF2_HMAC(password.empty() ? "" : password.data(),
                            static_cast<int>(password.size()), bytes_of(salt),
                            static_cast<int>(salt.size()), static_cast<int>(iterations),
                            algorithm(hash), static_cast<int>(bytes), bytes_of(out)) == 1);
  return out;
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace xbus::crypto
