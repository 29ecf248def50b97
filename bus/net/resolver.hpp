// Names to addresses, without blocking: SRV records, and A and AAAA with the hosts file.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/net/io_loop.hpp"
#include "bus/net/socket.hpp"
#include "bus/net/srv.hpp"
#include "bus/result.hpp"

namespace xbus::net {

struct ResolverOptions {
  std::string nameservers = {};  // "127.0.0.1:5353,[::1]:53"; empty: the system's
  Duration try_time = std::chrono::seconds(2);  // for one server
  int tries = 2;
};

// Why a host has no address.
struct NoAddress {
  enum class Kind : uint8_t {
    no_such_name,  // the name servers say so, or no name can be written like that
    no_address,    // the name is there, and has none
    no_answer,     // no name server answers, or none of use
  } kind = Kind::no_answer;
  std::string text;  // a line for a person
};

class Resolver {
 public:
  Resolver(IoLoop& loop, const ResolverOptions& options = {});
  ~Resolver();  // what is under way is forgotten, without a callback
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // The records of `name` ("_xmpp-client._tcp.example.org"), in no order. Callbacks come from the loop, never from
  // inside the call.
  void srv(const std::string& name, bool direct_tls, std::function<void(SrvAnswer)> done);
  // Every address of the host.
  using Addresses = Result<std::vector<SocketAddress>, NoAddress>;
  void addresses(const std::string& host, uint16_t port, std::function<void(Addresses)> done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xbus::net
