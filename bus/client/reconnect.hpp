// How long to wait before the next try of a connection: exponential, random, bounded (RFC 6120 section 3.3).
#pragma once
#include <functional>

#include "bus/clock.hpp"
#include "bus/xmpp/client_stream.hpp"

namespace xbus::client {

// Pure: the random numbers are drawn by the function it is given. A server that comes back finds its clients spread
// over the wait, and not all at once.
class Reconnect {
 public:
  struct Options {
    Duration first = std::chrono::seconds(1);  // the longest first wait
    Duration most = std::chrono::seconds(60);  // the longest of all
  };
  // `random` draws from 0 (included) to 1 (not included).
  Reconnect(const Options& options, std::function<double()> random);

  // The wait before the next try: drawn from 0..first, then from half to the whole of a bound that doubles.
  Duration next();
  // The session stood long enough: the next loss begins anew.
  void reset() { tries_ = 0; }

 private:
  Options options_;
  std::function<double()> random_;
  unsigned tries_ = 0;
};

// Whether the same try could end differently: not with wrong credentials, an untrusted certificate or a host that does
// not know us, and not when another session has taken the resource that we insist on (CORE-29).
bool worth_trying_again(const xmpp::LoginError& error, bool server_chooses_resource);

}  // namespace xbus::client
