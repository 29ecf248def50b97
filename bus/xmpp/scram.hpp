// SCRAM-SHA-1 and SCRAM-SHA-256, with and without channel binding (RFC 5802, RFC 7677), both sides
// as machines: messages in, messages out. Messages are raw text; base64 is the stream's business.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/limits.hpp"
#include "bus/result.hpp"

namespace xbus::xmpp {

enum class ScramHash : uint8_t { sha1, sha256 };

// What a server keeps instead of a password (RFC 5802 section 9).
struct ScramKeys {
  std::string salt = {};  // limits::scram_salt_bytes raw octets, when we make it
  uint32_t iterations = 0;
  std::string stored_key = {};  // raw octets, as many as the hash has
  std::string server_key = {};
  bool operator==(const ScramKeys&) const = default;
};

// The keys of a password, prepared by OpaqueString (RFC 8265 section 4.2). Nothing when the
// password cannot be prepared: empty, not UTF-8, control characters. Costs `iterations` rounds of
// PBKDF2, about a millisecond for limits::scram_iterations_default: not on an I/O thread.
std::optional<ScramKeys> make_scram_keys(std::string_view password, std::string_view salt,
                                         uint32_t iterations, ScramHash hash);
// The same with a fresh salt and limits::scram_iterations_default rounds: for a new account.
std::optional<ScramKeys> make_scram_keys(std::string_view password, ScramHash hash);
// Whether the keys are of that password; costs as much as making them. For PLAIN.
bool scram_password_matches(std::string_view password, const ScramKeys& keys, ScramHash hash);
// The keys that stand in for an account that does not exist: the same salt for the same name as
// long as the secret stays, and no password fits (RFC 5802 section 9, CORE-27).
ScramKeys stand_in_scram_keys(std::string_view secret, std::string_view local, ScramHash hash);

// The string of XEP-0474 section 5.1 that both sides hash: the mechanisms and, where XEP-0440 was
// used, the channel-binding types that the server advertised. Sorts its copies.
std::string advertised_text(std::vector<std::string> mechanisms,
                            std::optional<std::vector<std::string>> binding_types);

// The channel-binding types we know, by their registered names (RFC 9266, RFC 5929).
inline constexpr std::string_view tls_exporter = "tls-exporter";
inline constexpr std::string_view tls_server_end_point = "tls-server-end-point";

// Why a dialogue ends.
enum class ScramError : uint8_t {
  malformed,         // breaks the grammar of RFC 5802 section 7, or a mandatory extension (m=)
  wrong_step,        // a message where none belongs
  binding_unknown,   // p= with a type that we cannot compute, or a flag that does not fit the name
  binding_mismatch,  // c= is not what was negotiated, or the channel is another one
  plus_stripped,     // y though we offered -PLUS: someone cut the list (section 6)
  wrong_nonce,       // the nonce does not continue ours
  iterations,        // outside limits::scram_iterations_min..max
  bad_name,          // the name or the password cannot be prepared
  wrong_proof,       // the password is wrong, or nobody has that name
  refused,           // the server sent e=
  wrong_signature,   // the server does not know the password: it is not ours
  list_changed,      // h= differs: someone changed the advertised lists (XEP-0474 section 5.2)
};

// A few words for the log.
std::string_view name_of(ScramError error);

// The rounds of PBKDF2 that a server asks of a client: the part of the dialogue that takes long and needs nothing
// else, so that it may run on another thread.
struct ScramWork {
  ScramWork() = default;
  ScramWork(const ScramWork&) = default;
  ScramWork(ScramWork&&) = default;
  ScramWork& operator=(const ScramWork&) = default;
  ScramWork& operator=(ScramWork&&) = default;
  ~ScramWork();  // wipes the password
  std::string password = {};  // prepared
  std::string salt = {};
  uint32_t iterations = 0;
  ScramHash hash = ScramHash::sha256;
  // The SaltedPassword of RFC 5802 section 3; wipe it after use.
  std::string run() const;
};

// The client: first() -> server-first -> respond() -> server-final -> verify().
class ScramClient {
 public:
  struct Options {
    ScramHash hash = ScramHash::sha256;
    std::string user = {};      // as typed; prepared by the machine
    std::string password = {};  // as typed
    std::string authzid = {};   // empty: none
    // The gs2 flag. `unused` (n): we cannot bind. `not_offered` (y): we can, but the server did not
    // offer it. `used` (p): with `binding_type` and `binding_data`.
    enum class Binding : uint8_t { unused, not_offered, used } binding = Binding::unused;
    std::string binding_type = {};
    std::string binding_data = {};
    // advertised_text() of the lists as we saw them; checked when the server sends h=.
    std::string advertised = {};
    std::string nonce = {};  // empty: a random one
  };

  explicit ScramClient(Options options);
  ~ScramClient();
  ScramClient(const ScramClient&) = delete;
  ScramClient& operator=(const ScramClient&) = delete;

  // client-first-message.
  Result<std::string, ScramError> first();
  // server-first in, client-final out. Costs the PBKDF2 rounds that the server asks for.
  Result<std::string, ScramError> respond(std::string_view server_first);
  // The same in two steps: what is to be done, then its result in and client-final out.
  Result<ScramWork, ScramError> work(std::string_view server_first);
  std::string finish(std::string_view salted_password);
  // server-final in. Only after it succeeds is the server the one that knows the password.
  Result<void, ScramError> verify(std::string_view server_final);

 private:
  enum class Step : uint8_t { first, respond, finish, verify, done };
  Options options_;
  Step step_ = Step::first;
  std::string gs2_header_;
  std::string first_bare_;
  std::string server_first_;
  std::string nonce_;  // both parts
  std::string server_signature_;
};

// The server: first() -> challenge() -> finish().
class ScramServer {
 public:
  struct Options {
    ScramHash hash = ScramHash::sha256;
    bool plus = false;                  // the mechanism chosen is a -PLUS one
    bool plus_offered = false;          // a -PLUS mechanism was in the list
    std::string exporter = {};          // binding data of this channel; empty: cannot be had
    std::string server_end_point = {};  // likewise
    std::string advertised = {};        // advertised_text(); empty: h= is not sent
    std::string nonce = {};             // our part; empty: a random one
  };
  struct Name {
    std::string user = {};     // as sent, references undone, not prepared; never empty
    std::string authzid = {};  // empty: none
    bool operator==(const Name&) const = default;
  };

  explicit ScramServer(Options options);
  ~ScramServer();
  ScramServer(const ScramServer&) = delete;
  ScramServer& operator=(const ScramServer&) = delete;

  // client-first in: who it wants to be.
  Result<Name, ScramError> first(std::string_view client_first);
  // server-first out, with that user's keys (or the stand-in's).
  std::string challenge(const ScramKeys& keys);
  // client-final in, server-final out: proven.
  Result<std::string, ScramError> finish(std::string_view client_final);

 private:
  enum class Step : uint8_t { first, challenge, finish, done };
  Options options_;
  Step step_ = Step::first;
  ScramKeys keys_;
  std::string binding_;  // what c= must hold, decoded
  std::string nonce_;    // the client's and ours
  std::string auth_message_;
};

}  // namespace xbus::xmpp
