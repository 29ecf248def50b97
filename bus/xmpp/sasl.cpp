#include "bus/xmpp/sasl.hpp"

#include <algorithm>

#include "bus/crypto/base64.hpp"

namespace xbus::xmpp {

using Binding = ScramClient::Options::Binding;

const std::vector<MechanismFacts>& mechanisms() {
  static const std::vector<MechanismFacts> table = {
      {Mechanism::external, "EXTERNAL", false, ScramHash::sha1, false, false},
      {Mechanism::scram_sha_256_plus, "SCRAM-SHA-256-PLUS", true, ScramHash::sha256, true, true},
      {Mechanism::scram_sha_256, "SCRAM-SHA-256", true, ScramHash::sha256, false, false},
      {Mechanism::scram_sha_1_plus, "SCRAM-SHA-1-PLUS", true, ScramHash::sha1, true, true},
      {Mechanism::scram_sha_1, "SCRAM-SHA-1", true, ScramHash::sha1, false, false},
      {Mechanism::plain, "PLAIN", false, ScramHash::sha1, false, true},
  };
  return table;
}

const MechanismFacts& facts_of(Mechanism mechanism) {
  return mechanisms()[static_cast<size_t>(mechanism)];
}

std::optional<Mechanism> mechanism_of(std::string_view name) {
  for (const auto& row : mechanisms())
    if (row.name == name) return row.mechanism;
  return std::nullopt;
}

std::vector<std::string> binding_types(const SaslChannel& channel) {
  std::vector<std::string> out;
  if (!channel.exporter.empty()) out.emplace_back(tls_exporter);
  if (!channel.server_end_point.empty()) out.emplace_back(tls_server_end_point);
  return out;
}

std::vector<Mechanism> offered(const std::vector<std::string>& configured,
                               const SaslChannel& channel) {
  std::vector<Mechanism> out;
  const auto add = [&](const MechanismFacts& row) {
    if (row.mechanism == Mechanism::external && !channel.external) return;
    if (row.tls_only && !channel.tls) return;
    if (row.plus && !channel.can_bind()) return;
    out.push_back(row.mechanism);
  };
  if (configured.empty()) {
    for (const auto& row : mechanisms()) add(row);
  } else {
    for (const auto& name : configured)
      if (const auto mechanism = mechanism_of(name)) add(facts_of(*mechanism));
  }
  return out;
}

std::vector<std::string> names_of(const std::vector<Mechanism>& list) {
  std::vector<std::string> out;
  for (const auto mechanism : list) out.emplace_back(facts_of(mechanism).name);
  return out;
}

namespace {

bool has(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// The type to bind with, empty for none.
std::string_view binding_type_for(const SaslOffer& offer, const SaslChannel& channel) {
  if (!offer.binding_types) return {};
  if (!channel.exporter.empty() && has(*offer.binding_types, tls_exporter)) return tls_exporter;
  if (!channel.server_end_point.empty() && has(*offer.binding_types, tls_server_end_point))
    return tls_server_end_point;
  return {};
}

}  // namespace

std::optional<SaslChoice> choose(const SaslOffer& offer, const SaslAbilities& abilities,
                                 const SaslChannel& channel) {
  const auto type = binding_type_for(offer, channel);
  bool plus_offered = false;
  for (const auto& row : mechanisms()) plus_offered |= row.plus && has(offer.mechanisms, row.name);
  for (const auto& row : mechanisms()) {
    if (!has(offer.mechanisms, row.name)) continue;
    if (row.mechanism == Mechanism::external ? !abilities.external : !abilities.password) continue;
    if (row.mechanism == Mechanism::plain && !(abilities.plain && channel.tls)) continue;
    if (row.plus && type.empty()) continue;
    SaslChoice choice{.mechanism = row.mechanism};
    if (row.plus) {
      choice.binding = Binding::used;
      choice.binding_type = type;
      choice.binding_data = type == tls_exporter ? channel.exporter : channel.server_end_point;
    } else if (row.scram && channel.can_bind() && !plus_offered) {
      choice.binding = Binding::not_offered;
    }
    return choice;
  }
  return std::nullopt;
}

std::string sasl_text(std::string_view data) {
  return data.empty() ? "=" : crypto::base64_encode(data);
}

std::optional<std::string> sasl_data(std::string_view text) {
  if (text == "=") return std::string();
  return crypto::base64_decode(text);
}

}  // namespace xbus::xmpp
