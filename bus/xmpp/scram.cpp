#include "bus/xmpp/scram.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "bus/crypto/base64.hpp"
#include "bus/crypto/digest.hpp"
#include "bus/crypto/random.hpp"
#include "bus/xmpp/precis.hpp"

namespace xbus::xmpp {
namespace {

using crypto::base64_decode;
using crypto::base64_encode;

constexpr size_t nonce_random_bytes = 18;

crypto::Hash hash_of(ScramHash hash) {
  return hash == ScramHash::sha1 ? crypto::Hash::sha1 : crypto::Hash::sha256;
}

std::string exclusive_or(std::string a, std::string_view b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i)
    a[i] = static_cast<char>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  return a;
}

struct Proof {
  std::string stored_key, client_key, server_key;
};

// RFC 5802 section 3.
std::string salted_password(std::string_view prepared, std::string_view salt, uint32_t iterations,
                            ScramHash hash) {
  const auto h = hash_of(hash);
  return crypto::pbkdf2(h, prepared, salt, iterations, crypto::digest_bytes(h));
}

Proof keys_from(std::string_view salted, ScramHash hash) {
  const auto h = hash_of(hash);
  Proof proof;
  proof.client_key = crypto::hmac(h, salted, "Client Key");
  proof.stored_key = crypto::digest(h, proof.client_key);
  proof.server_key = crypto::hmac(h, salted, "Server Key");
  return proof;
}

std::string joined(std::vector<std::string> parts) {
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const auto& part : parts) {
    if (&part != &parts.front()) out += '\x1e';
    out += part;
  }
  return out;
}

// The characters of a saslname that the grammar reserves (section 5.1).
std::string escape_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ',')
      out += "=2C";
    else if (c == '=')
      out += "=3D";
    else
      out += c;
  }
  return out;
}

std::optional<std::string> unescape_name(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\0') return std::nullopt;
    if (name[i] != '=') {
      out += name[i];
      continue;
    }
    const auto code = name.substr(i + 1, 2);
    if (code == "2C")
      out += ',';
    else if (code == "3D")
      out += '=';
    else
      return std::nullopt;
    i += 2;
  }
  if (out.empty()) return std::nullopt;
  return out;
}

// "printable" of section 7: the characters a nonce is made of.
bool is_nonce(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c >= 0x21 && c <= 0x7e && c != ','; });
}

// cb-name of section 7.
bool is_binding_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '-';
  });
}

// posit-number of section 7, within our bounds.
std::optional<uint32_t> iteration_count(std::string_view text) {
  uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '0')
    return std::nullopt;
  if (count < limits::scram_iterations_min || count > limits::scram_iterations_max)
    return std::nullopt;
  return count;
}

// Reads a message attribute by attribute: "a=value" separated by commas.
class Attributes {
 public:
  explicit Attributes(std::string_view text) : rest_(text) {}

  // The value, when the next attribute has that letter; else nothing and it stays. A value holds no
  // NUL and is never empty (section 7).
  std::optional<std::string_view> take(char letter) {
    if (done_ || rest_.size() < 3 || rest_[0] != letter || rest_[1] != '=') return std::nullopt;
    return rest();
  }
  // Passes the extensions that may follow (section 5.1); false unless only they are left. Notes h=.
  bool extensions(std::string_view* h = nullptr) {
    while (!done_) {
      if (rest_.size() < 3 || rest_[1] != '=' || rest_[0] == 'm') return false;
      const char letter = rest_[0];
      if (!((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'))) return false;
      const auto value = rest();
      if (!value) return false;
      if (letter == 'h' && h != nullptr) *h = *value;
    }
    return true;
  }

 private:
  std::optional<std::string_view> rest() {
    const size_t comma = rest_.find(',');
    const auto value = rest_.substr(2, comma == std::string_view::npos ? comma : comma - 2);
    if (value.empty() || value.find('\0') != std::string_view::npos) return std::nullopt;
    done_ = comma == std::string_view::npos;
    rest_ = done_ ? std::string_view() : rest_.substr(comma + 1);
    return value;
  }
  std::string_view rest_;
  bool done_ = false;
};

std::string list_hash(ScramHash hash, std::string_view advertised) {
  return base64_encode(crypto::digest(hash_of(hash), advertised));
}

}  // namespace

std::optional<ScramKeys> make_scram_keys(std::string_view password, std::string_view salt,
                                         uint32_t iterations, ScramHash hash) {
  auto prepared = precis::opaque_string(password);
  if (!prepared) return std::nullopt;
  std::string salted = salted_password(*prepared, salt, iterations, hash);
  crypto::wipe(*prepared);
  Proof proof = keys_from(salted, hash);
  crypto::wipe(salted);
  return ScramKeys{.salt = std::string(salt),
                   .iterations = iterations,
                   .stored_key = std::move(proof.stored_key),
                   .server_key = std::move(proof.server_key)};
}

std::optional<ScramKeys> make_scram_keys(std::string_view password, ScramHash hash) {
  return make_scram_keys(password, crypto::random_bytes(limits::scram_salt_bytes),
                         limits::scram_iterations_default, hash);
}

bool scram_password_matches(std::string_view password, const ScramKeys& keys, ScramHash hash) {
  const auto made = make_scram_keys(password, keys.salt, keys.iterations, hash);
  return made && crypto::equal(made->stored_key, keys.stored_key);
}

ScramKeys stand_in_scram_keys(std::string_view secret, std::string_view local, ScramHash hash) {
  const std::string name(local);
  const char tag = hash == ScramHash::sha1 ? '1' : '2';
  const auto derive = [&](std::string_view what) {
    return crypto::hmac(crypto::Hash::sha256, secret, std::string(what) + tag + name);
  };
  ScramKeys keys;
  keys.salt = derive("salt").substr(0, limits::scram_salt_bytes);
  keys.iterations = limits::scram_iterations_default;
  // Nobody can find a password whose keys these are: they come from no password at all.
  const size_t bytes = crypto::digest_bytes(hash_of(hash));
  keys.stored_key = derive("stored").substr(0, bytes);
  keys.server_key = derive("server").substr(0, bytes);
  return keys;
}

std::string advertised_text(std::vector<std::string> mechanisms,
                            std::optional<std::vector<std::string>> binding_types) {
  std::string out = joined(std::move(mechanisms));
  if (binding_types) out += '\x1f' + joined(std::move(*binding_types));
  return out;
}

std::string_view name_of(ScramError error) {
  switch (error) {
    case ScramError::malformed:
      return "malformed message";
    case ScramError::wrong_step:
      return "message out of order";
    case ScramError::binding_unknown:
      return "unknown channel binding";
    case ScramError::binding_mismatch:
      return "channel binding differs";
    case ScramError::plus_stripped:
      return "the offer of channel binding was stripped";
    case ScramError::wrong_nonce:
      return "wrong nonce";
    case ScramError::iterations:
      return "iteration count out of bounds";
    case ScramError::bad_name:
      return "name or password cannot be prepared";
    case ScramError::wrong_proof:
      return "wrong proof";
    case ScramError::refused:
      return "refused by the server";
    case ScramError::wrong_signature:
      return "the server does not know the password";
    case ScramError::list_changed:
      return "the advertised mechanisms were changed";
  }
  return "";
}

// ---- Client ----

ScramClient::ScramClient(Options options) : options_(std::move(options)) {}

ScramClient::~ScramClient() { crypto::wipe(options_.password); }

Result<std::string, ScramError> ScramClient::first() {
  if (step_ != Step::first) return Err{ScramError::wrong_step};
  step_ = Step::done;
  // The name is sent as the account will be looked up; one that is no localpart is not sent at all.
  const auto user = precis::username_case_mapped(options_.user);
  if (!user) return Err{ScramError::bad_name};
  switch (options_.binding) {
    case Options::Binding::unused:
      gs2_header_ = "n,";
      break;
    case Options::Binding::not_offered:
      gs2_header_ = "y,";
      break;
    case Options::Binding::used:
      gs2_header_ = "p=" + options_.binding_type + ",";
      break;
  }
  if (!options_.authzid.empty()) gs2_header_ += "a=" + escape_name(options_.authzid);
  gs2_header_ += ',';
  if (options_.nonce.empty())
    options_.nonce = base64_encode(crypto::random_bytes(nonce_random_bytes));
  first_bare_ = "n=" + escape_name(*user) + ",r=" + options_.nonce;
  step_ = Step::respond;
  return gs2_header_ + first_bare_;
}

ScramWork::~ScramWork() { crypto::wipe(password); }

std::string ScramWork::run() const { return salted_password(password, salt, iterations, hash); }

Result<std::string, ScramError> ScramClient::respond(std::string_view server_first) {
  const auto todo = work(server_first);
  if (!todo) return Err{todo.error()};
  std::string salted = todo->run();
  std::string out = finish(salted);
  crypto::wipe(salted);
  return out;
}

Result<ScramWork, ScramError> ScramClient::work(std::string_view server_first) {
  if (step_ != Step::respond) return Err{ScramError::wrong_step};
  step_ = Step::done;
  Attributes in(server_first);
  const auto nonce = in.take('r');
  const auto salt64 = in.take('s');
  const auto count = in.take('i');
  std::string_view h;
  if (!nonce || !salt64 || !count || !in.extensions(&h) || !is_nonce(*nonce))
    return Err{ScramError::malformed};
  if (nonce->size() <= options_.nonce.size() || !nonce->starts_with(options_.nonce))
    return Err{ScramError::wrong_nonce};
  auto salt = base64_decode(*salt64);
  if (!salt || salt->empty()) return Err{ScramError::malformed};
  const auto iterations = iteration_count(*count);
  if (!iterations) return Err{ScramError::iterations};
  if (!h.empty() && !options_.advertised.empty() &&
      h != list_hash(options_.hash, options_.advertised))
    return Err{ScramError::list_changed};

  auto password = precis::opaque_string(options_.password);
  if (!password) return Err{ScramError::bad_name};
  ScramWork work;
  work.password = std::move(*password);
  work.salt = std::move(*salt);
  work.iterations = *iterations;
  work.hash = options_.hash;
  server_first_ = server_first;
  nonce_ = *nonce;
  step_ = Step::finish;
  return work;
}

std::string ScramClient::finish(std::string_view salted) {
  if (step_ != Step::finish) return {};
  const Proof proof = keys_from(salted, options_.hash);
  std::string binding = gs2_header_;
  if (options_.binding == Options::Binding::used) binding += options_.binding_data;
  std::string out = "c=" + base64_encode(binding) + ",r=" + nonce_;
  const std::string auth_message = first_bare_ + "," + server_first_ + "," + out;
  const auto hash = hash_of(options_.hash);
  const auto signature = crypto::hmac(hash, proof.stored_key, auth_message);
  server_signature_ = crypto::hmac(hash, proof.server_key, auth_message);
  out += ",p=" + base64_encode(exclusive_or(proof.client_key, signature));
  step_ = Step::verify;
  return out;
}

Result<void, ScramError> ScramClient::verify(std::string_view server_final) {
  if (step_ != Step::verify) return Err{ScramError::wrong_step};
  step_ = Step::done;
  Attributes in(server_final);
  if (in.take('e')) return Err{ScramError::refused};
  const auto verifier = in.take('v');
  if (!verifier || !in.extensions()) return Err{ScramError::malformed};
  const auto signature = base64_decode(*verifier);
  if (!signature || !crypto::equal(*signature, server_signature_))
    return Err{ScramError::wrong_signature};
  return {};
}

// ---- Server ----

ScramServer::ScramServer(Options options) : options_(std::move(options)) {}

ScramServer::~ScramServer() {
  crypto::wipe(keys_.stored_key);
  crypto::wipe(keys_.server_key);
}

Result<ScramServer::Name, ScramError> ScramServer::first(std::string_view client_first) {
  if (step_ != Step::first) return Err{ScramError::wrong_step};
  step_ = Step::done;
  // gs2-header: flag "," [authzid] ","
  const size_t flag_end = client_first.find(',');
  if (flag_end == std::string_view::npos) return Err{ScramError::malformed};
  const size_t header_end = client_first.find(',', flag_end + 1);
  if (header_end == std::string_view::npos) return Err{ScramError::malformed};
  const auto flag = client_first.substr(0, flag_end);
  auto authzid = client_first.substr(flag_end + 1, header_end - flag_end - 1);
  const auto bare = client_first.substr(header_end + 1);

  binding_ = client_first.substr(0, header_end + 1);
  Name name;
  if (flag.starts_with("p=")) {
    const auto type = flag.substr(2);
    if (!is_binding_name(type)) return Err{ScramError::malformed};
    if (!options_.plus) return Err{ScramError::binding_unknown};
    const std::string* data = type == tls_exporter           ? &options_.exporter
                              : type == tls_server_end_point ? &options_.server_end_point
                                                             : nullptr;
    if (data == nullptr || data->empty()) return Err{ScramError::binding_unknown};
    binding_ += *data;
  } else if (flag == "n" || flag == "y") {
    // A -PLUS mechanism without binding contradicts itself (section 6).
    if (options_.plus) return Err{ScramError::binding_unknown};
    if (flag == "y" && options_.plus_offered) return Err{ScramError::plus_stripped};
  } else {
    return Err{ScramError::malformed};
  }
  if (!authzid.empty()) {
    if (!authzid.starts_with("a=")) return Err{ScramError::malformed};
    auto plain = unescape_name(authzid.substr(2));
    if (!plain) return Err{ScramError::malformed};
    name.authzid = std::move(*plain);
  }

  Attributes in(bare);
  const auto user = in.take('n');
  const auto nonce = in.take('r');
  if (!user || !nonce || !is_nonce(*nonce) || !in.extensions()) return Err{ScramError::malformed};
  auto plain = unescape_name(*user);
  if (!plain) return Err{ScramError::malformed};
  name.user = std::move(*plain);
  nonce_ = *nonce;
  auth_message_ = bare;
  step_ = Step::challenge;
  return name;
}

std::string ScramServer::challenge(const ScramKeys& keys) {
  if (step_ != Step::challenge) return {};
  keys_ = keys;
  nonce_ += options_.nonce.empty() ? base64_encode(crypto::random_bytes(nonce_random_bytes))
                                   : options_.nonce;
  std::string out =
      "r=" + nonce_ + ",s=" + base64_encode(keys.salt) + ",i=" + std::to_string(keys.iterations);
  if (!options_.advertised.empty()) out += ",h=" + list_hash(options_.hash, options_.advertised);
  auth_message_ += ',';
  auth_message_ += out;
  step_ = Step::finish;
  return out;
}

Result<std::string, ScramError> ScramServer::finish(std::string_view client_final) {
  if (step_ != Step::finish) return Err{ScramError::wrong_step};
  step_ = Step::done;
  const size_t proof_begin = client_final.rfind(",p=");
  if (proof_begin == std::string_view::npos) return Err{ScramError::malformed};
  Attributes in(client_final.substr(0, proof_begin));
  const auto binding64 = in.take('c');
  const auto nonce = in.take('r');
  if (!binding64 || !nonce || !in.extensions()) return Err{ScramError::malformed};
  const auto binding = base64_decode(*binding64);
  const auto proof = base64_decode(client_final.substr(proof_begin + 3));
  const auto hash = hash_of(options_.hash);
  if (!binding || !proof || proof->size() != crypto::digest_bytes(hash))
    return Err{ScramError::malformed};

  // The proof is computed before any of the three verdicts, so that they take the same time.
  auth_message_ += ',';
  auth_message_ += client_final.substr(0, proof_begin);
  const auto signature = crypto::hmac(hash, keys_.stored_key, auth_message_);
  const bool proven =
      crypto::equal(crypto::digest(hash, exclusive_or(*proof, signature)), keys_.stored_key);
  if (!crypto::equal(*binding, binding_)) return Err{ScramError::binding_mismatch};
  if (!crypto::equal(*nonce, nonce_)) return Err{ScramError::wrong_nonce};
  if (!proven) return Err{ScramError::wrong_proof};
  return "v=" + base64_encode(crypto::hmac(hash, keys_.server_key, auth_message_));
}

}  // namespace xbus::xmpp
