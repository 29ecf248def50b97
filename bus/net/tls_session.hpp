// One side of one TLS connection as a machine: bytes in, bytes out. It does no I/O.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bus/net/tls.hpp"
#include "bus/net/transport.hpp"

struct ssl_st;

namespace xbus::net {

class TlsSession {
 public:
  // Keeps no buffer of its own while idle. `server_name` is what a client checks the certificate against: the domain
  // asked for, never an SRV target (CORE-17).
  TlsSession(std::shared_ptr<TlsContext> context, std::string_view server_name);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  enum class Step { done, more, failed };

  // What came from the peer; the bytes must stay valid until all of them are read or input() is called again.
  void input(std::string_view bytes) { input_ = bytes; }
  std::string_view rest() const { return input_; }  // not yet consumed
  // What has to go to the peer; the caller removes what it has written.
  std::string& output() { return output_; }

  Step handshake();
  // Decrypts into `into`. Zero: more input is needed, or ended() or failed() says why not.
  size_t read(std::span<char> into);
  // Encrypts one record from the front of the pieces, 16 KiB at most; returns how many bytes that took.
  size_t write(std::span<const std::string_view> pieces);
  void goodbye();  // close_notify

  bool ended() const { return ended_; }    // the peer said close_notify
  bool failed() const { return failed_; }
  bool untrusted() const { return untrusted_; }  // failed because the peer's certificate is not accepted
  const std::string& error() const { return error_; }

  TlsFacts facts() const;  // after the handshake

 private:
  friend struct TlsBio;
  friend struct TlsVerify;
  void fail();

  std::shared_ptr<TlsContext> context_;
  ssl_st* ssl_ = nullptr;
  std::string server_name_;
  std::string_view input_;
  std::string output_;
  std::string error_;
  bool ended_ = false;
  bool failed_ = false;
  bool untrusted_ = false;
};

}  // namespace xbus::net
