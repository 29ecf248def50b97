// What one side of TLS knows before a handshake: certificates, keys, whom to trust. Shared by all its connections.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/result.hpp"

struct ssl_ctx_st;

namespace xbus::net {

struct ShownCertificate;

// Which files a server shows, and whether clients may prove themselves with certificates (RFC 6120 section 13.7).
struct TlsServerOptions {
  std::string certificate_file;  // PEM: the server's certificate, then its chain
  std::string key_file;          // PEM
  std::string client_ca_file;    // PEM: who may issue client certificates; empty: none are asked for
};

// Whom a client trusts. Without `ca_file` and `pin`: the system's CAs. With either the system's are not used
// (CORE-19).
struct TlsClientOptions {
  std::string ca_file;  // PEM
  // The SHA-256 fingerprint, in hex with or without colons, of the server's own certificate, which is then trusted as
  // it is; or of a CA in the chain it shows, which then must have issued a certificate for the name asked for.
  std::string pin;
  std::string certificate_file, key_file;  // shown when the server asks; both or none
  bool alpn = false;                       // offer "xmpp-client" (direct TLS, XEP-0368)
  // Told of each certificate that a server shows, accepted or not, from inside the handshake. Empty: nobody.
  std::function<void(const ShownCertificate&)> on_certificate = {};
};

// TLS 1.2 and up, no renegotiation, no compression, no session tickets (CORE-20, RFC 7590). Not changed once made: a
// reload makes another, and new handshakes take that one.
class TlsContext {
 public:
  // Fails with a line for a person: which file, and why.
  static Result<std::shared_ptr<TlsContext>, std::string> server(const TlsServerOptions& options);
  static Result<std::shared_ptr<TlsContext>, std::string> client(const TlsClientOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  bool is_server() const { return server_; }
  const std::string& pin() const { return pin_; }  // 32 octets, or empty
  const std::function<void(const ShownCertificate&)>& on_certificate() const { return on_certificate_; }
  ssl_ctx_st* native() const { return context_; }

 private:
  TlsContext(ssl_ctx_st* context, bool server) : context_(context), server_(server) {}
  ssl_ctx_st* context_;
  bool server_;
  std::string pin_;
  std::function<void(const ShownCertificate&)> on_certificate_;
};

}  // namespace xbus::net
