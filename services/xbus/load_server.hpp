// The server that load goes to, a bus or a NATS server: how its lines get there, as whom, and whom
// they trust.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bus/client/options.hpp"
#include "bus/net/address.hpp"
#include "bus/net/connector.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/net/resolver.hpp"
#include "bus/net/tls.hpp"
#include "bus/result.hpp"
#include "services/xbus/load_line.hpp"

namespace xbus::cli {

class LoadServer {
 public:
  enum class Protocol : uint8_t { xmpp, nats };

  // A bus by the client's rules, or with `nats` a NATS server: nats://HOST[:PORT] in clear, on
  // loopback only, or tls://HOST[:PORT]. With `accounts` not 0, line I logs in as the account's
  // name followed by I modulo `accounts`. An error is a line for a person.
  static Result<std::unique_ptr<LoadServer>, std::string> find(net::IoLoop& loop,
                                                               client::Options options,
                                                               std::string_view nats,
                                                               size_t accounts);

  Protocol protocol() const { return protocol_; }
  std::string text() const;  // the address, for people
  std::unique_ptr<LoadLine> line(LoadLine::Place place, LoadLine::Owner& owner);

  // For the lines.
  net::IoLoop& loop() { return loop_; }
  std::unique_ptr<net::Connector> connector();
  const net::Address& address() const { return address_; }
  bool secure() const {
    return address_.kind == net::Address::Kind::xmpp || address_.kind == net::Address::Kind::xmpps;
  }
  const client::Options& options() const { return options_; }
  const std::string& domain() const { return domain_; }
  std::string account_of(size_t index) const;
  Result<std::shared_ptr<net::TlsContext>, std::string> trust(bool direct_tls);

 private:
  LoadServer(net::IoLoop& loop, client::Options options, size_t accounts);

  net::IoLoop& loop_;
  net::Resolver resolver_;
  client::Options options_;
  Protocol protocol_ = Protocol::xmpp;
  net::Address address_;
  std::string domain_;
  size_t accounts_;
  std::shared_ptr<net::TlsContext> starttls_, direct_;
};

}  // namespace xbus::cli
