// How far a client's connection has come, step by step, for whoever tells a person where it stops.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bus/clock.hpp"
#include "bus/net/connector.hpp"
#include "bus/net/loop.hpp"
#include "bus/net/shown_certificate.hpp"
#include "bus/xmpp/client_stream.hpp"

namespace xbus::client {

// One step, when it has ended. What peers say in it is as they said it.
struct Step {
  enum class Kind : uint8_t {
    address,      // where the bus is; `found` are the addresses that are tried, in this order
    records,      // SRV records, addresses and connections: `dialed` tells more. Several may fail before one is
    host,         // there, or one beside the others
    connect,
    stream,       // the server's header and features; said once, also where TLS makes another stream of it
    starttls,     // the server's <proceed/>
    certificate,  // `certificate` tells
    tls,          // the handshake; `chosen` is the version of TLS
    mechanism,    // of SASL; `found` are offered, `chosen` is tried
    login,        // the server has accepted it
    bind,         // `chosen` is the full JID
  } kind = Kind::address;
  bool done = false;
  std::string subject = {};  // of records, host and connect: what was looked up or connected to
  std::vector<std::string> found = {};
  std::string chosen = {};
  Duration took{};
  std::optional<net::ConnectStep> dialed = {};
  std::optional<net::ShownCertificate> certificate = {};
  // The whole attempt has ended with it. A failure without it was of one of several ways, or is told again with it.
  std::optional<xmpp::LoginError> error = {};
};

// Lives in its client, whose parts say what they have done.
class Progress {
 public:
  using Told = std::function<void(const Step&)>;

  explicit Progress(net::Loop& loop) : loop_(loop), since_(loop.clock()) {}

  // It may not destroy the client, nor close it.
  void on_step(Told told) { told_ = std::move(told); }
  bool wanted() const { return told_ != nullptr; }

  // This is under way now, and fails if the attempt ends before another is.
  void begin(Step::Kind kind, std::string subject = {});
  Step::Kind under_way() const { return under_way_; }
  // The step has ended well, or not; `took` is set here, from when it began or the last one ended. What is told of
  // `dialed` and `certificate` besides is set from them.
  void ended(Step step);
  void ended(const net::ConnectStep& dialed);
  void ended(const net::ShownCertificate& certificate);
  // The attempt has failed in the step under way.
  void failed(const xmpp::LoginError& error, std::vector<std::string> found = {});

 private:
  void tell(const Step& step);

  net::Loop& loop_;
  Told told_;
  Step::Kind under_way_ = Step::Kind::address;
  std::string subject_;  // of what is under way
  Time since_;
  std::optional<Step> failure_;  // the last thing told, when that was one: the attempt may end with it
};

}  // namespace xbus::client
