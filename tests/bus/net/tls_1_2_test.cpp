// Peers that speak TLS 1.2: what they can bind to (RFC 9266, RFC 5929), and that nobody renegotiates.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

#include "tests/bus/net/own_ca.hpp"

namespace xbus::net {
namespace {

std::shared_ptr<TlsContext> only_1_2(std::shared_ptr<TlsContext> context) {
  SSL_CTX_set_max_proto_version(context->native(), TLS1_2_VERSION);
  return context;
}

std::shared_ptr<TlsContext> without_extended_master_secret(std::shared_ptr<TlsContext> context) {
  SSL_CTX_set_options(context->native(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
  return only_1_2(std::move(context));
}

using Tls12 = OwnCa;

TEST_F(Tls12, CORE_26_either_side_binds_to_the_exporter_with_the_extended_master_secret) {
  for (const bool at_client : {true, false}) {
    Handshake tls(at_client ? only_1_2(trusting_ca()) : trusting_ca(),
                  at_client ? server() : only_1_2(server()), "bus.example");
    ASSERT_TRUE(tls.client_accepted()) << tls.a.detail;
    EXPECT_EQ(tls.a.facts->version, "TLSv1.2");
    EXPECT_EQ(tls.b.facts->version, "TLSv1.2");
    EXPECT_EQ(tls.a.facts->exporter.size(), 32u);
    EXPECT_EQ(tls.a.facts->exporter, tls.b.facts->exporter);
    EXPECT_EQ(tls.a.facts->server_end_point.size(), 32u);
    EXPECT_EQ(tls.a.facts->server_end_point, tls.b.facts->server_end_point);
  }
}

TEST_F(Tls12, CORE_26_without_the_extended_master_secret_only_the_end_point_binds) {
  for (const bool at_client : {true, false}) {
    Handshake tls(at_client ? without_extended_master_secret(trusting_ca()) : trusting_ca(),
                  at_client ? server() : without_extended_master_secret(server()), "bus.example");
    ASSERT_TRUE(tls.client_accepted()) << tls.a.detail;
    EXPECT_EQ(tls.a.facts->exporter, "");
    EXPECT_EQ(tls.b.facts->exporter, "");
    EXPECT_EQ(tls.a.facts->server_end_point.size(), 32u);
    EXPECT_EQ(tls.a.facts->server_end_point, tls.b.facts->server_end_point);
  }
}

TEST_F(Tls12, CORE_20_nothing_older) {
  auto old = trusting_ca();
  SSL_CTX_set_min_proto_version(old->native(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(old->native(), TLS1_1_VERSION);
  SSL_CTX_set_security_level(old->native(), 0);
  SSL_CTX_set_cipher_list(old->native(), "ALL");
  Handshake tls(old, server(), "bus.example");
  EXPECT_EQ(tls.a.closed, CloseReason::tls_failed);
  EXPECT_EQ(tls.b.closed, CloseReason::tls_failed);
}

// The library itself as a peer, so that it can be made to do what our sessions never do.
class RawPeer {
 public:
  enum class Side : bool { client, server };
  // Speaks over `transport`, whose probe gets the bytes.
  RawPeer(Side side, Transport& transport, Probe& probe, const std::shared_ptr<TlsContext>& files)
      : transport_(transport),
        context_(SSL_CTX_new(side == Side::client ? TLS_client_method() : TLS_server_method())) {
    SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);
    if (side == Side::server) {
      SSL_CTX_use_certificate(context_, SSL_CTX_get0_certificate(files->native()));
      SSL_CTX_use_PrivateKey(context_, SSL_CTX_get0_privatekey(files->native()));
      STACK_OF(X509)* chain = nullptr;
      SSL_CTX_get0_chain_certs(files->native(), &chain);
      SSL_CTX_set1_chain(context_, chain);
    }
    ssl_ = SSL_new(context_);
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    side == Side::client ? SSL_set_connect_state(ssl_) : SSL_set_accept_state(ssl_);
    probe.data = [this](std::string_view bytes) {
      BIO_write(SSL_get_rbio(ssl_), bytes.data(), int(bytes.size()));
      step();
    };
  }
  ~RawPeer() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }

  // Goes on with the handshake, or reads.
  void step() {
    ERR_clear_error();
    std::array<char, 1000> plain;
    const int done = SSL_is_init_finished(ssl_) ? SSL_read(ssl_, plain.data(), int(plain.size()))
                                                : SSL_do_handshake(ssl_);
    if (done > 0 && SSL_is_init_finished(ssl_) && done_) received.append(plain.data(), size_t(done));
    if (done <= 0 && SSL_get_error(ssl_, done) == SSL_ERROR_SSL) {
      error = ERR_GET_REASON(ERR_peek_error());
    }
    done_ = SSL_is_init_finished(ssl_) != 0;
    flush();
  }
  void say(std::string_view text) {
    SSL_write(ssl_, text.data(), int(text.size()));
    flush();
  }
  void renegotiate() {
    EXPECT_EQ(SSL_renegotiate(ssl_), 1);
    SSL_do_handshake(ssl_);
    flush();
  }
  bool done() const { return done_; }

  std::string received;
  int error = 0;

 private:
  void flush() {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl_), &bytes);
    if (size <= 0) return;
    EXPECT_EQ(transport_.write_one({bytes, size_t(size)}), size_t(size));
    BIO_reset(SSL_get_wbio(ssl_));
  }
  Transport& transport_;
  SSL_CTX* context_;
  SSL* ssl_;
  bool done_ = false;
};

TEST_F(Tls12, CORE_20_our_server_refuses_to_renegotiate) {
  Wires wires(Wire::pipe);
  wires.first->start(wires.a);
  wires.second->start(wires.b);
  RawPeer peer(RawPeer::Side::client, *wires.first, wires.a, nullptr);
  wires.second->start_tls(server(), {});
  peer.step();
  ASSERT_TRUE(wires.until([&] { return wires.b.facts.has_value() && peer.done(); }));
  const auto before = *wires.b.facts;
  wires.b.facts.reset();
  peer.renegotiate();
  ASSERT_TRUE(wires.until([&] { return peer.error != 0 || wires.b.closed; }));
  EXPECT_EQ(peer.error, SSL_R_NO_RENEGOTIATION);
  EXPECT_FALSE(wires.b.facts) << "secured twice";
  EXPECT_EQ(before.version, "TLSv1.2");
}

TEST_F(Tls12, CORE_20_our_client_does_not_follow_a_server_that_asks_for_it) {
  Wires wires(Wire::pipe);
  wires.first->start(wires.a);
  wires.second->start(wires.b);
  RawPeer peer(RawPeer::Side::server, *wires.second, wires.b, server());
  wires.first->start_tls(trusting_ca(), "bus.example");
  ASSERT_TRUE(wires.until([&] { return wires.a.facts.has_value() && peer.done(); }));
  wires.a.facts.reset();
  peer.renegotiate();
  wires.settle();
  EXPECT_FALSE(wires.a.facts) << "secured twice";
}

TEST_F(Tls12, security_mti_confidentiality_nothing_is_read_on_the_wire) {
  Wires wires(Wire::pipe);
  wires.first->start(wires.a);
  wires.second->start(wires.b);
  RawPeer peer(RawPeer::Side::client, *wires.first, wires.a, nullptr);
  wires.second->start_tls(server(), {});
  peer.step();
  ASSERT_TRUE(wires.until([&] { return wires.b.facts.has_value() && peer.done(); }));
  peer.say("from the client in confidence");
  wires.second->write_one("from the server in confidence");
  ASSERT_TRUE(wires.until([&] { return !peer.received.empty() && !wires.b.received.empty(); }));
  EXPECT_EQ(peer.received, "from the server in confidence");
  EXPECT_EQ(wires.b.received, "from the client in confidence");
  EXPECT_EQ(wires.a.received.find("confidence"), std::string::npos);
}

}  // namespace
}  // namespace xbus::net
