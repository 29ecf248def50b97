#include "bus/net/tls.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "bus/crypto/digest.hpp"
#include "tests/bus/net/own_ca.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

class TlsOverEveryWire : public OwnCa, public testing::WithParamInterface<Wire> {};

INSTANTIATE_TEST_SUITE_P(Tls, TlsOverEveryWire,
                         testing::Values(Wire::pipe, Wire::pipe_bytes, Wire::pipe_pieces, Wire::pipe_slow,
                                         Wire::unix_socket, Wire::tcp),
                         [](const auto& param) { return name_of(param.param); });

TEST_P(TlsOverEveryWire, CORE_26_both_ends_have_the_same_binding_data) {
  Handshake tls(trusting_ca(), server(), "bus.example", GetParam());
  ASSERT_TRUE(tls.client_accepted()) << tls.a.detail << " / " << tls.b.detail;
  EXPECT_EQ(tls.a.facts->version, "TLSv1.3");
  EXPECT_EQ(tls.a.facts->exporter.size(), 32u);
  EXPECT_EQ(tls.a.facts->exporter, tls.b.facts->exporter);
  EXPECT_EQ(tls.a.facts->server_end_point.size(), 32u);
  EXPECT_EQ(tls.a.facts->server_end_point, tls.b.facts->server_end_point);
  EXPECT_EQ(tls.b.facts->server_name, "bus.example");
  EXPECT_TRUE(tls.a.facts->peer_certificate);
  EXPECT_FALSE(tls.b.facts->peer_certificate);
}

TEST_P(TlsOverEveryWire, data_both_ways_and_back_pressure) {
  Handshake tls(trusting_ca(), server(), "localhost", GetParam());
  ASSERT_TRUE(tls.client_accepted());
  auto& first = *tls.wires.first;
  auto& second = *tls.wires.second;
  const size_t total = tls.wires.io ? 10'000'000 : 300'000;
  std::string bytes(total, 'x');
  for (size_t i = 0; i < total; ++i) bytes[i] = char('a' + i % 23);
  size_t written = 0;
  auto push = [&] {
    // Three pieces, so that records are gathered from several.
    auto rest = std::string_view(bytes).substr(written);
    std::string_view pieces[] = {rest.substr(0, 100), rest.substr(std::min<size_t>(100, rest.size()), 20'000),
                                 rest.substr(std::min<size_t>(20'100, rest.size()))};
    written += first.write(pieces);
  };
  tls.a.writable = push;
  second.pause_reading();
  push();
  EXPECT_LT(written, total);
  EXPECT_EQ(second.write_one("meanwhile"), 9u);
  tls.wires.settle();
  EXPECT_EQ(tls.b.received, "");
  second.resume_reading();
  EXPECT_TRUE(tls.wires.until([&] { return tls.b.received.size() == total; }));
  EXPECT_EQ(tls.b.received, bytes);
  EXPECT_TRUE(tls.wires.until([&] { return tls.a.received == "meanwhile"; }));
}

TEST_P(TlsOverEveryWire, pausing_inside_on_data_holds_the_rest_back) {
  Handshake tls(trusting_ca(), server(), "localhost", GetParam());
  tls.b.data = [&](std::string_view) { tls.wires.second->pause_reading(); };
  std::string bytes(100'000, 'y');
  size_t written = 0;
  auto push = [&] { written += tls.wires.first->write_one(std::string_view(bytes).substr(written)); };
  tls.a.writable = push;
  push();
  EXPECT_TRUE(tls.wires.until([&] { return tls.b.data_calls == 1; }));
  tls.wires.settle();
  EXPECT_EQ(tls.b.data_calls, 1);
  for (int i = 0; i < 1000 && tls.b.received.size() < bytes.size(); ++i) {
    auto calls = tls.b.data_calls;
    tls.wires.second->resume_reading();
    EXPECT_EQ(tls.b.data_calls, calls);
    ASSERT_TRUE(tls.wires.until([&] { return tls.b.data_calls > calls; }));
  }
  EXPECT_EQ(tls.b.received, bytes);
}

TEST_P(TlsOverEveryWire, close_says_goodbye_inside_tls) {
  Handshake tls(trusting_ca(), server(), "localhost", GetParam());
  tls.wires.first->write_one("last");
  tls.wires.first->close();
  EXPECT_TRUE(tls.wires.until([&] { return tls.a.closed && tls.b.closed; }));
  EXPECT_EQ(tls.b.received, "last");
  EXPECT_EQ(tls.b.closed, CloseReason::by_peer);
  EXPECT_EQ(tls.a.closed, CloseReason::by_us);
}

TEST_P(TlsOverEveryWire, a_handler_may_destroy_its_transport_in_any_call) {
  {
    Wires wires(GetParam());
    wires.first->start(wires.a);
    wires.second->start(wires.b);
    wires.b.secured = [&] { wires.second.reset(); };
    wires.second->start_tls(server(), {});
    wires.first->start_tls(trusting_ca(), "localhost");
    EXPECT_TRUE(wires.until([&] { return wires.a.closed.has_value(); }));
  }
  Handshake tls(trusting_ca(), server(), "localhost", GetParam());
  tls.b.data = [&](std::string_view) { tls.wires.second.reset(); };
  tls.wires.first->write_one(std::string(40'000, 'x'));
  EXPECT_TRUE(tls.wires.until([&] { return tls.a.closed.has_value(); }));
}

TEST_P(TlsOverEveryWire, a_peer_that_speaks_something_else_ends_it) {
  Wires wires(GetParam());
  wires.first->start(wires.a);
  wires.second->start(wires.b);
  wires.second->start_tls(server(), {});
  EXPECT_EQ(wires.second->write_one("too early"), 0u);
  wires.first->write_one("<stream:stream xmlns='jabber:client'>");
  EXPECT_TRUE(wires.until([&] { return wires.b.closed.has_value(); }));
  EXPECT_EQ(wires.b.closed, CloseReason::tls_failed);
  EXPECT_NE(wires.b.detail, "");
}

TEST_P(TlsOverEveryWire, an_end_in_the_middle_of_the_handshake) {
  Wires wires(GetParam());
  wires.first->start(wires.a);
  wires.second->start(wires.b);
  wires.first->start_tls(trusting_ca(), "localhost");
  EXPECT_TRUE(wires.until([&] { return wires.b.received.size() > 50; }));
  wires.second.reset();
  EXPECT_TRUE(wires.until([&] { return wires.a.closed.has_value(); }));
  EXPECT_FALSE(wires.a.facts);
}

using Tls = OwnCa;

TEST_F(Tls, CORE_17_tls_certs_must_be_for_the_domain_asked_for) {
  for (auto name : {"bus.example", "BUS.example", "services.bus.example", "localhost", "127.0.0.1", "::1"}) {
    Handshake tls(trusting_ca(), server(), name);
    EXPECT_TRUE(tls.client_accepted()) << name << ": " << tls.a.detail;
  }
  for (auto name : {"example", "other.example", "x.bus.example", "127.0.0.2", "", "bus.example.evil"}) {
    Handshake tls(trusting_ca(), server(), name);
    EXPECT_EQ(tls.a.closed, CloseReason::untrusted) << name;
    EXPECT_EQ(tls.a.detail, std::string("the certificate is not for ") + name);
    EXPECT_EQ(tls.b.closed, CloseReason::tls_failed);  // told by an alert
  }
}

TEST_F(Tls, CORE_17_names_of_every_kind) {
  struct Row {
    const char *common_name, *names, *asked;
    bool accepted;
  };
  constexpr Row rows[] = {
      {"x", "otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_xmpp-client.srv.example", "srv.example", true},
      {"x", "otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_imap.srv.example", "srv.example", false},
      {"x", "otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_xmpp-server.srv.example", "srv.example", false},
      {"x", "otherName:1.3.6.1.5.5.7.8.5;UTF8:addr.example", "addr.example", true},
      {"x", "otherName:1.3.6.1.5.5.7.8.5;UTF8:user@addr.example", "addr.example", false},
      {"x", "DNS:*.wild.example", "a.wild.example", true},
      {"x", "DNS:*.wild.example", "wild.example", false},
      {"x", "DNS:*.wild.example", "a.b.wild.example", false},
      {"x", "DNS:w*.wild.example", "www.wild.example", false},
      {"x", "DNS:*.example", "wild.example", false},
      {"x", "DNS:xn--mnchen-3ya.example", "münchen.example", true},
      {"cn.example", "", "cn.example", true},               // last resort
      {"cn.example", "DNS:other.example", "cn.example", false},  // not when there is another name
      {"127.0.0.1", "", "127.0.0.1", false},
  };
  int count = 0;
  for (auto& row : rows) {
    auto files = folder->issue("name" + std::to_string(count++), row.common_name, row.names);
    TlsClientOptions trust;
    trust.ca_file = folder->ca();
    Handshake tls(client(trust), server({files.certificate, files.key, {}}), row.asked);
    EXPECT_EQ(tls.client_accepted(), row.accepted) << row.names << " asked as " << row.asked << ": " << tls.a.detail;
  }
}

TEST_F(Tls, CORE_19_an_unknown_ca_is_refused_and_own_anchors_replace_the_systems) {
  TlsClientOptions other;
  other.ca_file = folder->ca();
  Handshake tls(client(other), server(), "bus.example");
  EXPECT_EQ(tls.a.closed, CloseReason::untrusted);
  EXPECT_TRUE(tls.a.detail.starts_with("the certificate is not trusted")) << tls.a.detail;
  Handshake by_system(client({}), server(), "bus.example");
  EXPECT_EQ(by_system.a.closed, CloseReason::untrusted);
}

TEST_F(Tls, an_expired_certificate_is_refused) {
  auto old = make_ca(folder->path + "/old", "bus.example", today() - 24h * 500);
  ASSERT_TRUE(old);
  TlsClientOptions trust;
  trust.ca_file = old->ca_file;
  Handshake tls(client(trust), server({old->certificate_file, old->key_file, {}}), "bus.example");
  EXPECT_EQ(tls.a.closed, CloseReason::untrusted);
  EXPECT_EQ(tls.a.detail, "the certificate is not trusted (certificate has expired)");
}

TEST_F(Tls, a_pin_trusts_one_certificate_or_one_ca) {
  TlsClientOptions leaf;
  leaf.pin = *fingerprint_of(made->certificate_file);
  Handshake by_leaf(client(leaf), server(), "whatever.example");
  EXPECT_TRUE(by_leaf.client_accepted()) << by_leaf.a.detail;

  TlsClientOptions ca;
  ca.pin = made->fingerprint;
  Handshake by_ca(client(ca), server(), "bus.example");
  EXPECT_TRUE(by_ca.client_accepted()) << by_ca.a.detail;
  Handshake wrong_name(client(ca), server(), "other.example");
  EXPECT_EQ(wrong_name.a.closed, CloseReason::untrusted);

  TlsClientOptions wrong;
  wrong.pin = std::string(63, '0') + "1";
  Handshake refused(client(wrong), server(), "bus.example");
  EXPECT_EQ(refused.a.closed, CloseReason::untrusted);
  EXPECT_EQ(refused.a.detail, "the certificate does not have the pinned fingerprint");
}

TEST_F(Tls, a_pinned_ca_in_the_chain_of_a_certificate_it_did_not_issue_proves_nothing) {
  // The stranger's own certificate, followed by a copy of the pinned CA.
  auto stranger = folder->issue("stranger", "x", "DNS:bus.example");
  auto chain = folder->path + "/stranger-chain.pem";
  ASSERT_EQ(std::system(("cat " + stranger.certificate + " " + made->ca_file + " > " + chain).c_str()), 0);
  TlsClientOptions ca;
  ca.pin = made->fingerprint;
  Handshake tls(client(ca), server({chain, stranger.key, {}}), "bus.example");
  EXPECT_EQ(tls.a.closed, CloseReason::untrusted);
}

TEST_F(Tls, pins_are_read_with_and_without_colons) {
  TlsClientOptions options;
  for (size_t i = 0; i < made->fingerprint.size(); i += 2) {
    options.pin += (i ? ":" : "") + made->fingerprint.substr(i, 2);
  }
  Handshake tls(client(options), server(), "bus.example");
  EXPECT_TRUE(tls.client_accepted());
  options.pin = "12:34";
  EXPECT_FALSE(TlsContext::client(options));
}

TEST_F(Tls, CORE_18_client_certificates_tell_their_addresses) {
  auto files = folder->issue("juliet", "juliet",
                             "otherName:1.3.6.1.5.5.7.8.5;UTF8:juliet@bus.example,DNS:balcony.example");
  TlsServerOptions asking{made->certificate_file, made->key_file, folder->ca()};
  TlsClientOptions showing;
  showing.ca_file = made->ca_file;
  showing.certificate_file = files.certificate;
  showing.key_file = files.key;
  Handshake tls(client(showing), server(asking), "bus.example");
  ASSERT_TRUE(tls.b.facts);
  EXPECT_TRUE(tls.b.facts->peer_certificate);
  EXPECT_EQ(tls.b.facts->peer_xmpp_addrs, std::vector<std::string>{"juliet@bus.example"});
  EXPECT_EQ(tls.b.facts->peer_dns_names, std::vector<std::string>{"balcony.example"});
  // One that the server's trust does not accept is as none, and the connection stands.
  asking.client_ca_file = made->ca_file;
  Handshake stranger(client(showing), server(asking), "bus.example");
  ASSERT_TRUE(stranger.b.facts) << stranger.b.detail;
  EXPECT_FALSE(stranger.b.facts->peer_certificate);
  EXPECT_TRUE(stranger.b.facts->peer_xmpp_addrs.empty());
  // And none at all is no error.
  Handshake none(trusting_ca(), server(asking), "bus.example");
  ASSERT_TRUE(none.b.facts);
  EXPECT_FALSE(none.b.facts->peer_certificate);
}

TEST_F(Tls, alpn_is_xmpp_client_when_offered) {
  TlsClientOptions options;
  options.ca_file = made->ca_file;
  options.alpn = true;
  Handshake tls(client(options), server(), "bus.example");
  ASSERT_TRUE(tls.b.facts);
  EXPECT_EQ(tls.b.facts->alpn, "xmpp-client");
  EXPECT_EQ(tls.a.facts->alpn, "xmpp-client");
  Handshake without(trusting_ca(), server(), "bus.example");
  EXPECT_EQ(without.b.facts->alpn, "");
}

TEST_F(Tls, CORE_26_the_end_point_hash_follows_the_signature) {
  struct Row {
    const char* digest;
    crypto::Hash hash;
  };
  for (auto& row : {Row{"sha256", crypto::Hash::sha256}, Row{"sha384", crypto::Hash::sha384},
                    Row{"sha512", crypto::Hash::sha512}}) {
    auto files = folder->issue(row.digest, "x", "DNS:bus.example", row.digest);
    TlsClientOptions options;
    options.pin = *fingerprint_of(files.certificate);
    Handshake tls(client(options), server({files.certificate, files.key, {}}), "bus.example");
    ASSERT_TRUE(tls.client_accepted()) << row.digest << tls.a.detail << tls.b.detail;
    EXPECT_EQ(tls.a.facts->server_end_point.size(), crypto::digest_bytes(row.hash)) << row.digest;
    EXPECT_EQ(tls.a.facts->server_end_point, tls.b.facts->server_end_point);
  }
}

TEST_F(Tls, contexts_say_which_file_is_wrong) {
  auto missing = TlsContext::server({"/nonexistent/c.pem", "/nonexistent/k.pem", {}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error(), "certificate /nonexistent/c.pem: No such file or directory");
  auto other = folder->issue("other", "x", "");
  auto mixed = TlsContext::server({made->certificate_file, other.key, {}});
  ASSERT_FALSE(mixed);
  TlsClientOptions ca;
  ca.ca_file = "/nonexistent/ca.pem";
  auto untrusting = TlsContext::client(ca);
  ASSERT_FALSE(untrusting);
  EXPECT_EQ(untrusting.error(), "CA /nonexistent/ca.pem: No such file or directory");
}

TEST_F(Tls, one_session_is_small_while_idle) {
  constexpr int count = 300;
  auto context = server();
  auto trust = trusting_ca();
  auto resident = [] {
    long pages = 0;
    if (auto* file = std::fopen("/proc/self/statm", "r")) {
      if (std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
      std::fclose(file);
    }
    return pages * 4096;
  };
  std::vector<std::unique_ptr<Handshake>> open;
  for (int i = 0; i < 20; ++i) open.push_back(std::make_unique<Handshake>(trust, context, "localhost"));
  auto before = resident();
  for (int i = 0; i < count; ++i) open.push_back(std::make_unique<Handshake>(trust, context, "localhost"));
  auto both = double(resident() - before) / count / 1024;
  RecordProperty("kib_both_ends", std::to_string(both));
  std::printf("idle TLS, both ends with their test fixtures: %.1f KiB\n", both);
}

}  // namespace
}  // namespace xbus::net
