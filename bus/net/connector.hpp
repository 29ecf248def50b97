// Brings a connection about: from an address to a connected transport, by SRV records and happy eyeballs (RFC 8305).
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/clock.hpp"
#include "bus/net/address.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/net/resolver.hpp"
#include "bus/net/srv.hpp"
#include "bus/net/transport.hpp"
#include "bus/result.hpp"

namespace xbus::net {

struct Connected {
  std::unique_ptr<Transport> transport;
  bool direct_tls = false;  // TLS comes before the stream
};

// One step of a connector, when it has ended, for whoever tells a person how far a connection came.
struct ConnectStep {
  enum class Kind : uint8_t {
    records,    // SRV records of the name `subject`; `found` are their targets
    addresses,  // of the host `subject`, in `found`
    connect,    // to the address or the path `subject`
  } kind = Kind::connect;
  // Of records: whether the connector goes on, as it does where there are none.
  bool done = false;
  std::string subject = {};
  std::vector<std::string> found = {};
  Duration took{};
  SrvAnswer::Kind records = SrvAnswer::Kind::none;                // of records
  NoAddress::Kind no_address = NoAddress::Kind::no_such_name;     // of addresses that are not there
  int error = 0;  // errno of connect; 0 where it was not tried, since plain text would leave this host
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

  // Told of each step; it may not destroy the connector. To be set before start().
  void on_step(std::function<void(const ConnectStep&)> told);

  // Once. `done` comes from the loop, never from inside the call.
  void start(Done done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// RFC 8305 section 4: families take turns, beginning with the family of the first address.
std::vector<SocketAddress> interleaved(std::vector<SocketAddress> addresses);

}  // namespace xbus::net
