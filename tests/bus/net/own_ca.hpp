// One bus's own CA with a handshake over any wire, for tests of TLS.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include "bus/net/make_ca.hpp"
#include "bus/net/tls.hpp"
#include "tests/bus/net/certificates.hpp"
#include "tests/bus/net/wires.hpp"

namespace xbus::net {

inline Timestamp today() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

// One bus's own CA and certificates, made once.
class OwnCa : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new CertificateFolder;
    auto result = make_ca(folder->path + "/own", "bus.example", today());
    ASSERT_TRUE(result) << result.error();
    made = new MadeCa(*result);
  }
  static void TearDownTestSuite() {
    delete made;
    delete folder;
  }
  static std::shared_ptr<TlsContext> server(TlsServerOptions options = {}) {
    if (options.certificate_file.empty()) {
      options.certificate_file = made->certificate_file;
      options.key_file = made->key_file;
    }
    auto context = TlsContext::server(options);
    EXPECT_TRUE(context) << context.error();
    return *context;
  }
  static std::shared_ptr<TlsContext> client(const TlsClientOptions& options) {
    auto context = TlsContext::client(options);
    EXPECT_TRUE(context) << context.error();
    return *context;
  }
  static std::shared_ptr<TlsContext> trusting_ca() {
    TlsClientOptions options;
    options.ca_file = made->ca_file;
    return client(options);
  }

  static inline CertificateFolder* folder;
  static inline MadeCa* made;
};

// Runs one handshake over a pipe; afterwards `a` is the client, `b` the server.
struct Handshake {
  Handshake(std::shared_ptr<TlsContext> client, std::shared_ptr<TlsContext> server, std::string_view name,
            Wire wire = Wire::pipe)
      : wires(wire), a(wires.a), b(wires.b) {
    wires.first->start(a);
    wires.second->start(b);
    wires.second->start_tls(std::move(server), {});
    wires.first->start_tls(std::move(client), name);
    EXPECT_TRUE(wires.until([&] { return (a.facts || a.closed) && (b.facts || b.closed); }));
  }
  bool client_accepted() const { return a.facts && !a.closed; }
  Wires wires;
  Probe& a;
  Probe& b;
};

}  // namespace xbus::net
