// A byte stream between two parties: unix socket, TCP, TLS over either, or a pipe in memory.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"

namespace xbus::net {

class TlsContext;

// What TLS proved, once a handshake is done.
struct TlsFacts {
  std::string version;           // "TLSv1.3"
  std::string alpn;              // chosen protocol, empty without
  std::string server_name;       // SNI, as the server saw it
  std::string exporter;          // RFC 9266 tls-exporter data, 32 octets; empty when it cannot be had
  std::string server_end_point;  // RFC 5929 tls-server-end-point data: hash of the server's certificate
  bool peer_certificate = false; // the peer showed a certificate that the context's trust accepts
  std::vector<std::string> peer_xmpp_addrs;  // id-on-xmppAddr
  std::vector<std::string> peer_dns_names;   // DNS-ID and SRV-ID
};

// Who is at the other end, as far as the kernel knows.
struct PeerAddress {
  std::string text;             // "127.0.0.1:4711", "unix", "pipe"
  bool loopback = false;        // the address is a loopback one, or local by kind
  std::optional<uint32_t> uid;  // unix sockets: the peer's credentials when it connected
  std::optional<int32_t> pid;
};

enum class CloseReason {
  by_peer,
  by_us,
  reset,
  tls_failed,
  untrusted,  // TLS failed because we do not accept the peer's certificate
  timed_out,
  refused,
};

// Not thread-safe: everything happens on the loop it was made on. Callbacks never come from inside a call to the
// transport.
class Transport {
 public:
  class Handler {
   public:
    // New bytes, valid during the call only: the buffer is shared by all sessions of the loop.
    virtual void on_data(std::string_view bytes) = 0;
    virtual void on_writable() = 0;  // after write() took less than it was given
    virtual void on_secured(const TlsFacts& facts) = 0;
    // Final: nothing comes after it. `detail` is for the log.
    virtual void on_closed(CloseReason reason, std::string_view detail) = 0;

   protected:
    ~Handler() = default;
  };

  virtual ~Transport() = default;  // closes at once, without a callback

  // Begins to read. The handler must outlive the transport.
  virtual void start(Handler& handler) = 0;

  // Writes as much as the socket takes now (one writev) and returns how many bytes; when fewer than given, on_writable
  // comes later. Never buffers plain bytes; TLS keeps at most one record.
  virtual size_t write(std::span<const std::string_view> pieces) = 0;
  size_t write_one(std::string_view bytes) { return write(std::span<const std::string_view>(&bytes, 1)); }

  // Back-pressure: no on_data until resume.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  // Starts the handshake on top of this transport; on_secured or on_closed follows. The caller has checked that its
  // read buffer is empty, so that nothing sent in clear is taken for protected (RFC 6120 section 5.4.3.3).
  // `server_name` is what a client asks for and checks the certificate against.
  virtual void start_tls(std::shared_ptr<TlsContext> context, std::string_view server_name) = 0;

  // Says goodbye (close_notify, FIN) and ends; on_closed(by_us) follows.
  virtual void close() = 0;

  virtual const PeerAddress& peer() const = 0;
};

}  // namespace xbus::net
