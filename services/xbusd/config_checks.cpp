#include "services/xbusd/config_checks.hpp"

#include "bus/net/http_server.hpp"
#include "bus/net/socket.hpp"
#include "bus/xmpp/jid.hpp"
#include "rpc/registry/protocol.hpp"
#include "services/xbusd/addresses.hpp"

namespace xbus::xbusd {

std::string check_domain(const std::string& value) {
  const auto jid = xmpp::Jid::parse(value);
  return jid && jid->is_domain() ? "" : "a domain";
}

std::string check_socket(const std::string& value) {
  const bool right = value.empty() || value == "none" || net::SocketAddress::unix_path(value);
  return right ? "" : "the path of a socket, of at most 107 bytes, or \"none\"";
}

std::string check_address(const std::string& value) {
  return listen_address_of(value) ? "" : "ADDRESS:PORT";
}

std::string check_loopback_address(const std::string& value) {
  const auto address = listen_address_of(value);
  return address && address->loopback() ? "" : "ADDRESS:PORT on a loopback address";
}

std::string check_metrics_address(const std::string& value) {
  return value.empty() || net::listen_address(value) ? "" : "[ADDRESS:]PORT";
}

std::string check_account(const std::string& value) {
  const auto jid = value.find('@') == std::string::npos ? xmpp::Jid::make(value, "localhost") : xmpp::Jid::parse(value);
  return jid && !jid->local().empty() ? "" : "names of accounts, NAME or NAME@DOMAIN";
}

std::string check_service(const std::string& value) {
  return registry::service_address(value, "localhost") ? "" : "the name of a service";
}

}  // namespace xbus::xbusd
