// The SASL mechanisms of a stream (RFC 6120 section 6): which there are, which a server offers and
// which a client chooses.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/xmpp/scram.hpp"

namespace xbus::xmpp {

enum class Mechanism : uint8_t {
  external,
  scram_sha_256_plus,
  scram_sha_256,
  scram_sha_1_plus,
  scram_sha_1,
  plain,
};

// One mechanism: its registered name and what it needs. The table stands best first.
struct MechanismFacts {
  Mechanism mechanism;
  std::string_view name;
  bool scram;
  ScramHash hash;  // of SCRAM
  bool plus;       // binds to the TLS channel
  bool tls_only;   // shows the password to whoever listens
};
const std::vector<MechanismFacts>& mechanisms();
const MechanismFacts& facts_of(Mechanism mechanism);
std::optional<Mechanism> mechanism_of(std::string_view name);

// What SASL may lean on below it.
struct SaslChannel {
  bool tls = false;
  bool external = false;              // the peer is known by its kernel credentials or certificate
  std::string version = {};           // of TLS
  std::string exporter = {};          // tls-exporter data; empty: cannot be had
  std::string server_end_point = {};  // tls-server-end-point data, likewise
  bool can_bind() const { return !exporter.empty() || !server_end_point.empty(); }
};

// The binding types a server announces by XEP-0440, best first.
std::vector<std::string> binding_types(const SaslChannel& channel);
// The mechanisms a server offers on this channel, best first: those `configured` by name (empty:
// all) whose needs are met (CORE-21).
std::vector<Mechanism> offered(const std::vector<std::string>& configured,
                               const SaslChannel& channel);
std::vector<std::string> names_of(const std::vector<Mechanism>& mechanisms);

// What a server advertised, as the client read it.
struct SaslOffer {
  std::vector<std::string> mechanisms = {};
  std::optional<std::vector<std::string>> binding_types = {};  // XEP-0440; nothing: not announced
};

// What the client can do.
struct SaslAbilities {
  bool external = false;  // EXTERNAL may be tried
  bool password = false;  // there is one
  bool plain = false;     // PLAIN may be used under TLS
};

struct SaslChoice {
  Mechanism mechanism = Mechanism::plain;
  ScramClient::Options::Binding binding = ScramClient::Options::Binding::unused;
  std::string binding_type = {};
  std::string binding_data = {};
};

// The best mechanism both have. Binding follows XEP-0440 section 3: tls-exporter, else
// tls-server-end-point, of the types announced; where none are announced, none: such servers (ejabberd
// 23) bind to tls-unique even on TLS 1.3, where it does not exist. A -PLUS mechanism that we cannot bind is passed over with the
// flag n (XEP-0474 section 6); the flag y says that no -PLUS was offered though we could bind.
std::optional<SaslChoice> choose(const SaslOffer& offer, const SaslAbilities& abilities,
                                 const SaslChannel& channel);

// The text of <auth/>, <challenge/>, <response/> and <success/> (sections 6.4.2, 6.4.6): "=" is
// data of no length, base64 is strict (CORE-22).
std::string sasl_text(std::string_view data);
std::optional<std::string> sasl_data(std::string_view text);

}  // namespace xbus::xmpp
