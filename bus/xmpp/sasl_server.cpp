#include "bus/xmpp/sasl_server.hpp"

#include <algorithm>
#include <utility>

#include "bus/crypto/base64.hpp"
#include "bus/crypto/digest.hpp"
#include "bus/limits.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::xmpp {
namespace {

SaslCondition condition_of(ScramError error) {
  switch (error) {
    case ScramError::malformed:
    case ScramError::wrong_step:
      return SaslCondition::malformed_request;
    default:
      return SaslCondition::not_authorized;
  }
}

}  // namespace

SaslServer::SaslServer(Options options, Accounts& accounts)
    : options_(std::move(options)),
      accounts_(accounts),
      offered_(options_.encryption_first ? std::vector<Mechanism>()
                                         : offered(options_.mechanisms, options_.channel)) {}

SaslServer::~SaslServer() = default;

void SaslServer::forget() {
  running_ = challenged_ = checking_ = false;
  scram_.reset();
  local_.clear();
  mechanism_.reset();
  authzid_fits_ = true;
}

SaslServer::Reply SaslServer::fail(SaslCondition condition, std::string_view log) {
  running_ = checking_ = false;
  scram_.reset();
  ++options_.failures;
  return {.kind = Reply::Kind::failure, .condition = condition, .log = std::string(log)};
}

SaslServer::Reply SaslServer::proven(std::optional<std::string> data) {
  // Only who has proven to be somebody learns what else is wrong (section 6.3.8).
  if (!authzid_fits_) return fail(SaslCondition::invalid_authzid, "another account asked for");
  running_ = checking_ = false;
  scram_.reset();
  Reply reply{.kind = Reply::Kind::success};
  reply.has_data = data.has_value();
  if (data) reply.data = std::move(*data);
  return reply;
}

std::optional<SaslServer::Reply> SaslServer::begin(std::string_view mechanism) {
  forget();
  const auto wanted = mechanism_of(mechanism);
  if (!wanted || std::find(offered_.begin(), offered_.end(), *wanted) == offered_.end())
    return fail(
        options_.encryption_first || (wanted && facts_of(*wanted).tls_only && !options_.channel.tls)
            ? SaslCondition::encryption_required
            : SaslCondition::invalid_mechanism,
        "mechanism not offered");
  mechanism_ = wanted;
  running_ = true;
  return std::nullopt;
}

// Each of our mechanisms lets the client speak first: without an initial response an empty challenge asks for it.
SaslServer::Reply SaslServer::auth(std::string_view mechanism, std::string_view text) {
  sasl2_ = false;
  if (auto refused = begin(mechanism)) return std::move(*refused);
  if (text.empty()) return {.kind = Reply::Kind::challenge};
  return response(text);
}

SaslServer::Reply SaslServer::authenticate(std::string_view mechanism, const std::string* initial) {
  sasl2_ = true;
  if (auto refused = begin(mechanism)) return std::move(*refused);
  if (initial == nullptr) return {.kind = Reply::Kind::challenge};
  return response(*initial);
}

SaslServer::Reply SaslServer::response(std::string_view text) {
  if (!running_ || checking_) return fail(SaslCondition::malformed_request, "no login under way");
  if (text.size() > limits::sasl_message_bytes_max / 3 * 4)
    return fail(SaslCondition::malformed_request, "message too big");
  const auto data = sasl2_ ? crypto::base64_decode(text) : sasl_data(text);
  if (!data) return fail(SaslCondition::incorrect_encoding, "not base64");
  return step(*data);
}

SaslServer::Reply SaslServer::abort() {
  return fail(SaslCondition::aborted, "aborted by the client");
}

SaslServer::Reply SaslServer::password(bool right) {
  if (!checking_) return {.kind = Reply::Kind::wait};
  return right ? proven(std::nullopt) : fail(SaslCondition::not_authorized, "wrong password");
}

SaslServer::Reply SaslServer::step(std::string_view data) {
  switch (*mechanism_) {
    case Mechanism::external:
      return external(data);
    case Mechanism::plain:
      return plain(data);
    default:
      return scram(data);
  }
}

// Prepares the name and checks the authorization identity, a bare JID (section 6.3.8). False when
// nobody can have that name.
bool SaslServer::take_name(std::string_view user, std::string_view authzid) {
  const auto jid = user.empty() ? Result<Jid, JidError>(Err{JidError::empty_local})
                                : Jid::make(user, options_.domain);
  if (jid) local_ = jid->local();
  if (!authzid.empty()) {
    const auto wanted = Jid::parse(authzid);
    authzid_fits_ = jid && wanted && *wanted == *jid;
  }
  return jid.ok();
}

SaslServer::Reply SaslServer::scram(std::string_view data) {
  const auto& facts = facts_of(*mechanism_);
  if (challenged_) {
    auto final_message = scram_->finish(data);
    if (!final_message)
      return fail(condition_of(final_message.error()), name_of(final_message.error()));
    return proven(std::move(*final_message));
  }
  const auto types = binding_types();
  scram_ = std::make_unique<ScramServer>(ScramServer::Options{
      .hash = facts.hash,
      .plus = facts.plus,
      .plus_offered = std::any_of(offered_.begin(), offered_.end(),
                                  [](Mechanism m) { return facts_of(m).plus; }),
      .exporter = options_.channel.exporter,
      .server_end_point = options_.channel.server_end_point,
      .advertised = advertised_text(names_of(offered_),
                                    types.empty() ? std::nullopt : std::optional(types))});
  const auto name = scram_->first(data);
  if (!name) return fail(condition_of(name.error()), name_of(name.error()));
  const bool possible = take_name(name->user, name->authzid);
  // The stand-in is made for everybody, so that it costs everybody the same (CORE-27).
  const auto stand_in =
      stand_in_scram_keys(options_.stand_in_secret, possible ? local_ : name->user, facts.hash);
  const auto keys = possible ? accounts_.scram_keys(local_, facts.hash) : std::nullopt;
  challenged_ = true;
  return {.kind = Reply::Kind::challenge, .data = scram_->challenge(keys ? *keys : stand_in)};
}

// [authzid] NUL authcid NUL password (RFC 4616 section 2).
SaslServer::Reply SaslServer::plain(std::string_view data) {
  const size_t first = data.find('\0');
  const size_t second = first == std::string_view::npos ? first : data.find('\0', first + 1);
  if (second == std::string_view::npos || data.find('\0', second + 1) != std::string_view::npos)
    return fail(SaslCondition::malformed_request, "not three parts");
  const auto user = data.substr(first + 1, second - first - 1);
  const auto password = data.substr(second + 1);
  if (user.empty() || password.empty())
    return fail(SaslCondition::malformed_request, "empty name or password");
  if (!take_name(user, data.substr(0, first)))
    return fail(SaslCondition::not_authorized, "name cannot be prepared");
  checking_ = true;
  accounts_.check_password(local_, password);
  return {.kind = Reply::Kind::wait};
}

SaslServer::Reply SaslServer::external(std::string_view data) {
  std::string authzid;
  if (!data.empty()) {
    const auto wanted = Jid::parse(data);
    if (!wanted || !wanted->is_bare() || wanted->local().empty() ||
        wanted->domain() != options_.domain)
      return fail(SaslCondition::invalid_authzid, "no account of ours");
    authzid = wanted->str();
  }
  const auto account = accounts_.external_account(authzid);
  if (!account) return fail(SaslCondition::not_authorized, "the peer is nobody's");
  if (account->empty())
    return fail(SaslCondition::invalid_authzid, "the peer stands for several and names none");
  take_name(*account, authzid);
  return proven(std::nullopt);
}

}  // namespace xbus::xmpp
