// Brings a client's connections about: where the bus is, how to get there, and whom to trust on the way.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/client/options.hpp"
#include "bus/client/progress.hpp"
#include "bus/net/address.hpp"
#include "bus/net/loop.hpp"
#include "bus/net/tls.hpp"
#include "bus/net/transport.hpp"
#include "bus/result.hpp"
#include "bus/xmpp/client_stream.hpp"

namespace xbus::net {
class Connector;
class IoLoop;
class Resolver;
}  // namespace xbus::net

namespace xbus::client {

using MakeTransport = std::function<std::unique_ptr<net::Transport>()>;

// Whom to trust and as whom, by the options of a client; ALPN with direct TLS only (XEP-0368).
net::TlsClientOptions tls_options(const Options& options, bool direct_tls);

class Dialer {
 public:
  struct Dialed {
    std::unique_ptr<net::Transport> transport;
    net::Address address;  // that was reached
    bool direct_tls = false;
    std::shared_ptr<net::TlsContext> tls;  // null where there is no TLS
  };
  using Done = std::function<void(Result<Dialed, xmpp::LoginError>)>;

  Dialer(net::Loop& loop, const Options& options, MakeTransport make_transport, Progress& progress);
  ~Dialer();

  // One try of everything that the options name, or of `instead` (see-other-host). `done` comes from the loop, never
  // from inside the call. One at a time.
  void dial(const std::optional<net::Address>& instead, Done done);
  void cancel();  // without a callback

 private:
  void next();
  void connected(std::unique_ptr<net::Transport> transport, const net::Address& address, bool direct_tls);
  void give(Result<Dialed, xmpp::LoginError> result);
  Result<std::shared_ptr<net::TlsContext>, std::string> trust(bool direct_tls);

  net::Loop& loop_;
  const Options& options_;
  MakeTransport make_transport_;
  Progress& progress_;
  net::IoLoop* io_;  // null on a virtual loop, which has no sockets
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<net::Connector> connector_;
  std::shared_ptr<net::TlsContext> starttls_, direct_;
  std::vector<net::Address> waiting_;  // last first
  std::string trouble_;
  Done done_;
  std::shared_ptr<bool> alive_;  // false after cancel(): what was posted is void
};

}  // namespace xbus::client
