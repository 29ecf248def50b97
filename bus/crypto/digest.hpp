// Hash functions and what is built from them: HMAC, PBKDF2 and comparison in constant time. Bytes
// are std::string.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xbus::crypto {

enum class Hash : uint8_t { sha1, sha256, sha384, sha512, sha3_256, sha3_512 };

// Bytes of one digest.
size_t digest_bytes(Hash hash);

// The raw digest of `data`.
std::string digest(Hash hash, std::string_view data);

// RFC 2104. The key may be empty.
std::string hmac(Hash hash, std::string_view key, std::string_view data);

// RFC 8018 section 5.2 with HMAC; SCRAM's Hi() is pbkdf2(hash, password, salt, i,
// digest_bytes(hash)). `iterations` >= 1. 4,096 rounds take about a millisecond: not on an I/O
// thread.
std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, uint32_t iterations,
                   size_t bytes);

// Whether both are the same bytes; takes the same time wherever they differ. A difference in length
// shows.
bool equal(std::string_view a, std::string_view b);

// Overwrites the bytes of a secret and empties it.
void wipe(std::string& secret);

}  // namespace xbus::crypto
