// Brings a connection about: from an address to a connected transport, by SRV records and happy eyeballs (RFC 8305).
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/net/address.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/net/resolver.hpp"
#include "bus/net/transport.hpp"
#include "bus/result.hpp"

namespace xbus::net {

struct Connected {
  std::unique_ptr<Transport> transport;
  bool direct_tls = false;  // TLS comes before the stream
};

// One attempt. A host without a port that is no IP address and not localhost is looked up by SRV records first
// (_xmpps-client, and for xmpp:// also _xmpp-client, merged); where there are none, the host itself at 5222, or 5223
// for direct TLS. Once SRV records were found nothing else is tried (CORE-01).
class Connector {
 public:
  // An error is a line for a person that names what was tried.
  using Done = std::function<void(Result<Connected, std::string>)>;

  Connector(IoLoop& loop, Resolver& resolver, Address address);
  ~Connector();  // gives up, without a callback
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // Once. `done` comes from the loop, never from inside the call.
  void start(Done done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// RFC 8305 section 4: families take turns, beginning with the family of the first address.
std::vector<SocketAddress> interleaved(std::vector<SocketAddress> addresses);

}  // namespace xbus::net
