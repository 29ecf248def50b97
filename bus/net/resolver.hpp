// Names to addresses, without blocking: SRV records, and A and AAAA with the hosts file.
#pragma once
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

class Resolver {
 public:
  Resolver(IoLoop& loop, const ResolverOptions& options = {});
  ~Resolver();  // what is under way is forgotten, without a callback
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // The records of `name` ("_xmpp-client._tcp.example.org"), in no order. Callbacks come from the loop, never from
  // inside the call.
  void srv(const std::string& name, bool direct_tls, std::function<void(SrvAnswer)> done);
  // Every address of the host, or a line for a person.
  using Addresses = Result<std::vector<SocketAddress>, std::string>;
  void addresses(const std::string& host, uint16_t port, std::function<void(Addresses)> done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xbus::net
