#include "bus/client/reconnect.hpp"

#include <algorithm>
#include <utility>

namespace xbus::client {

Reconnect::Reconnect(const Options& options, std::function<double()> random)
    : options_(options), random_(std::move(random)) {}

Duration Reconnect::next() {
  auto part = [](Duration whole, double share) { return Duration(int64_t(double(whole.count()) * share)); };
  auto tries = tries_++;
  if (tries == 0) return part(options_.first, random_());
  auto bound = options_.first;
  for (unsigned i = 0; i < tries && bound < options_.most; ++i) bound *= 2;
  bound = std::min(bound, options_.most);
  return part(bound, 0.5 + random_() / 2);
}

bool worth_trying_again(const xmpp::LoginError& error, bool server_chooses_resource) {
  using Kind = xmpp::LoginError::Kind;
  switch (error.kind) {
    case Kind::closed:
    case Kind::unreachable:
    case Kind::timed_out:
    case Kind::not_xmpp:
    case Kind::see_other_host:
    case Kind::protocol:
      return true;
    case Kind::wrong_credentials:
      return error.text == xmpp::name_of(xmpp::SaslCondition::temporary_auth_failure);
    case Kind::stream_error:
      switch (error.stream) {
        case xmpp::StreamCondition::conflict:
          // Someone has taken our resource: coming back with it would throw them out again (CORE-29).
          return server_chooses_resource;
        case xmpp::StreamCondition::host_unknown:
        case xmpp::StreamCondition::host_gone:
        case xmpp::StreamCondition::not_authorized:
        case xmpp::StreamCondition::unsupported_version:
          return false;
        default:
          return true;
      }
    default:
      return false;
  }
}

}  // namespace xbus::client
