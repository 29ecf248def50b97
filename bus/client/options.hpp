// How a client reaches the bus and proves both ends.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "bus/clock.hpp"
#include "bus/limits.hpp"

namespace xbus::client {

struct Options {
  std::string address = {};   // unix:PATH, xmpp://[user@]host[:port], xmpps://..., tcp://HOST:PORT (plain, loopback
                              // only); empty: $XBUS_BUS, the per-user socket, the system socket, in this order
  std::string domain = {};    // asked for in the stream header; empty: from the address, "localhost" on a unix socket
  std::string account = {};   // localpart, or empty on a unix socket
  std::string password = {};  // never from argv
  std::string resource = {};  // empty: the server chooses
  std::string ca_file = {};   // trust this CA instead of the system's
  std::string pin = {};       // trust the certificate or the CA with this SHA-256 fingerprint, hex
  std::string certificate_file = {}, key_file = {};  // EXTERNAL with a client certificate
  std::string component_secret = {};  // not empty: connect as the XEP-0114 component `domain`
  size_t stanza_bytes_assumed = limits::stanza_bytes_assumed;  // what a server takes that announces nothing
  // A connection to another host that is silent this long is kept open by white space; silent twice as long it is
  // asked (XEP-0199), and without an answer it is lost.
  Duration keepalive = std::chrono::seconds(60);
  // The session goes on over a new connection when one is lost (XEP-0198), where the server offers that: pending requests
  // stay, nothing is sent or heard twice, and state() stays online meanwhile. Not for services: the bus is to notice at
  // once when one has gone. `later`: asked for when the session has stood for half a second, so that one which only asks
  // something costs nothing more; `at_once`: with the login.
  enum class Resume : uint8_t { never, later, at_once } resume = Resume::never;
  bool reconnect = true;  // with back-off and jitter (RFC 6120 section 3.3), else the first loss is final
  Duration connect_time_max = std::chrono::seconds(20);
  Duration goodbye_time_max = std::chrono::seconds(5);  // that close() waits for the server's </stream:stream>
};

}  // namespace xbus::client
