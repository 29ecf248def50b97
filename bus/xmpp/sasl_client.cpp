#include "bus/xmpp/sasl_client.hpp"

#include <utility>

#include "bus/crypto/digest.hpp"

namespace xbus::xmpp {

SaslClient::SaslClient(Options options) : options_(std::move(options)) {}

SaslClient::~SaslClient() { crypto::wipe(options_.password); }

Result<std::string, ScramError> SaslClient::start() {
  const auto& facts = facts_of(mechanism());
  if (facts.scram) {
    scram_ = std::make_unique<ScramClient>(
        ScramClient::Options{.hash = facts.hash,
                             .user = options_.user,
                             .password = options_.password,
                             .binding = options_.choice.binding,
                             .binding_type = options_.choice.binding_type,
                             .binding_data = options_.choice.binding_data,
                             .advertised = options_.advertised});
    return scram_->first();
  }
  if (mechanism() == Mechanism::external) return options_.authzid;
  std::string out(1, '\0');
  out += options_.user;
  out += '\0';
  out += options_.password;
  return out;
}

Result<SaslClient::Answer, ScramError> SaslClient::challenge(std::string_view data) {
  if (!scram_) return Err{ScramError::wrong_step};
  if (!responded_) {
    responded_ = true;
    auto work = scram_->work(data);
    if (!work) return Err{work.error()};
    return Answer{.work = std::move(*work)};
  }
  // Some servers send the last message as a challenge and an empty success behind it.
  if (auto verdict = scram_->verify(data); !verdict) return Err{verdict.error()};
  verified_ = true;
  return Answer{};
}

std::string SaslClient::respond(std::string_view salted_password) {
  return scram_ ? scram_->finish(salted_password) : std::string();
}

Result<void, ScramError> SaslClient::success(std::optional<std::string_view> data) {
  if (!scram_ || (verified_ && !data)) return {};
  if (verified_) return Err{ScramError::wrong_step};
  if (!responded_ || !data) return Err{ScramError::wrong_signature};
  return scram_->verify(*data);
}

}  // namespace xbus::xmpp
