#include "services/common/connection.hpp"

#include <cstdlib>

#include "bus/net/address.hpp"
#include "services/common/password.hpp"

namespace xbus::common {
namespace {

// The account in "xmpps://user@host", or nothing.
std::string account_in(const std::string& address) {
  const size_t scheme = address.find("://");
  const size_t from = scheme == std::string::npos ? 0 : scheme + 3;
  const size_t at = address.find('@', from);
  if (scheme == std::string::npos || at == std::string::npos || at > address.find('/', from))
    return {};
  return address.substr(from, at - from);
}

std::string or_environment(const std::string& option, const char* name) {
  const char* value = std::getenv(name);
  return option.empty() && value != nullptr ? value : option;
}

}  // namespace

void Connection::add_to(CommandLine& line) {
  line.text("--bus", bus,
            "unix:PATH, xmpp://[user@]host[:port] or xmpps://...; else $XBUS_BUS, the per-user "
            "bus, the system bus");
  line.text("--account", account,
            "log in as this account, with @DOMAIN where the bus has another domain than its address; "
            "on a unix socket the kernel says who you are");
  line.text("--password-file", password_file,
            "its first line is the password; else $XBUS_PASSWORD, else asked for");
  line.text("--ca", ca, "trust this CA file instead of the system's; else $XBUS_CA");
  line.text("--pin", pin, "trust the certificate with this SHA-256 fingerprint; else $XBUS_PIN");
  line.text("--certificate", certificate, "log in with this client certificate (PEM)");
  line.text("--key", key, "the key of --certificate (PEM)");
}

Result<client::Options, std::string> Connection::options() const {
  client::Options out;
  out.address = bus;
  const size_t at = account.rfind('@');
  out.account = account.substr(0, at);
  if (at != std::string::npos) out.domain = account.substr(at + 1);
  out.ca_file = or_environment(ca, "XBUS_CA");
  out.pin = or_environment(pin, "XBUS_PIN");
  out.certificate_file = certificate;
  out.key_file = key;
  if (certificate.empty() != key.empty())
    return Err{std::string("--certificate and --key go together")};

  const std::string who = account.empty() ? account_in(address()) : account;
  if (!password_file.empty()) {
    auto password = password_from_file(password_file);
    if (!password) return Err{password.error()};
    out.password = std::move(*password);
  } else if (auto password = password_from_environment()) {
    out.password = std::move(*password);
  } else if (!who.empty() && certificate.empty()) {
    auto asked = password_from_person("Password of " + who);
    if (!asked) return Err{"no password for " + who + ": give --password-file or XBUS_PASSWORD"};
    out.password = std::move(*asked);
  }
  return out;
}

KernelIdentity Connection::kernel_identity() const {
  const std::string found = address();
  return found.empty() || found.starts_with("unix:") ? KernelIdentity::yes : KernelIdentity::no;
}

std::string Connection::address() const { return bus_address(bus); }

std::optional<std::string> wrong_address(const std::string& given) {
  const std::string address = bus_address(given);
  if (address.empty()) return {};
  const auto parsed = net::parse_address(address);
  if (parsed) return {};
  return (given.empty() ? "$XBUS_BUS: " : "--bus: ") + parsed.error() + "; write " + bus_address_forms;
}

std::string bus_address(const std::string& given) { return or_environment(given, "XBUS_BUS"); }

}  // namespace xbus::common
