#include "services/xbus/load_server.hpp"

#include <unistd.h>

#include <utility>

#include "bus/client/bus_address.hpp"
#include "bus/client/dialer.hpp"
#include "services/xbus/nats_line.hpp"
#include "services/xbus/xmpp_line.hpp"

namespace xbus::cli {
namespace {

using Kind = net::Address::Kind;
constexpr uint16_t nats_port = 4222;

Result<net::Address, std::string> nats_address(std::string_view text) {
  const size_t colon = text.find("://");
  const std::string_view scheme = text.substr(0, colon);
  if (colon == std::string_view::npos || (scheme != "nats" && scheme != "tls"))
    return Err{"\"" + std::string(text) +
               "\" is no address of a NATS server: nats://HOST[:PORT] or tls://HOST[:PORT]"};
  // The same rules for host and port as for a bus.
  auto parsed = net::parse_address("xmpp://" + std::string(text.substr(colon + 3)));
  if (!parsed) return Err{parsed.error()};
  if (!parsed->user.empty()) return Err{std::string("accounts of a NATS server are not supported")};
  if (scheme == "nats") parsed->kind = Kind::tcp;
  if (parsed->port == 0) parsed->port = nats_port;
  return parsed;
}

}  // namespace

LoadServer::LoadServer(net::IoLoop& loop, client::Options options, size_t accounts)
    : loop_(loop), resolver_(loop), options_(std::move(options)), accounts_(accounts) {}

Result<std::unique_ptr<LoadServer>, std::string> LoadServer::find(net::IoLoop& loop,
                                                                  client::Options options,
                                                                  std::string_view nats,
                                                                  size_t accounts) {
  std::unique_ptr<LoadServer> server(new LoadServer(loop, std::move(options), accounts));
  if (!nats.empty()) {
    auto address = nats_address(nats);
    if (!address) return Err{address.error()};
    server->protocol_ = Protocol::nats;
    server->address_ = std::move(*address);
    server->domain_ = server->address_.host;
    return server;
  }
  auto addresses = client::bus_addresses(server->options_.address, client::environment());
  if (!addresses) return Err{addresses.error()};
  // The first that is there; all lines go to one.
  server->address_ = addresses->back();
  for (auto it = addresses->rbegin(); it != addresses->rend(); ++it)
    if (it->kind != Kind::unix_socket || ::access(it->path.c_str(), F_OK) == 0)
      server->address_ = *it;
  server->domain_ = server->options_.domain;
  if (server->domain_.empty()) server->domain_ = client::domain_at(server->address_);
  return server;
}

std::string LoadServer::text() const {
  if (protocol_ == Protocol::xmpp) return net::to_string(address_);
  const std::string whole = net::to_string(address_);
  return (secure() ? "tls" : "nats") + whole.substr(whole.find("://"));
}

std::unique_ptr<LoadLine> LoadServer::line(LoadLine::Place place, LoadLine::Owner& owner) {
  if (protocol_ == Protocol::nats) return std::make_unique<NatsLine>(*this, place, owner);
  return std::make_unique<XmppLine>(*this, place, owner);
}

std::unique_ptr<net::Connector> LoadServer::connector() {
  return std::make_unique<net::Connector>(loop_, resolver_, address_);
}

std::string LoadServer::account_of(size_t index) const {
  const std::string& name = options_.account.empty() ? address_.user : options_.account;
  return accounts_ == 0 || name.empty() ? name : name + std::to_string(index % accounts_);
}

Result<std::shared_ptr<net::TlsContext>, std::string> LoadServer::trust(bool direct_tls) {
  auto& kept = direct_tls ? direct_ : starttls_;
  if (kept) return kept;
  auto context = net::TlsContext::client(client::tls_options(options_, direct_tls));
  if (context) kept = *context;
  return context;
}

}  // namespace xbus::cli
