#include "bus/net/shown_certificate.hpp"

#include <algorithm>
#include <optional>

#include "tests/bus/net/own_ca.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

class Shown : public OwnCa {
 protected:
  // What the client is told in one handshake.
  std::optional<ShownCertificate> shown(TlsClientOptions options, std::shared_ptr<TlsContext> from,
                                        std::string_view name = "bus.example") {
    std::optional<ShownCertificate> out;
    int times = 0;
    options.on_certificate = [&](const ShownCertificate& given) {
      out = given;
      ++times;
    };
    const Handshake shake(client(options), std::move(from), name);
    EXPECT_EQ(times, 1);
    EXPECT_EQ(shake.client_accepted(), out && out->fault == CertificateFault::none);
    return out;
  }
  static TlsClientOptions by_ca(const std::string& file = made->ca_file) {
    TlsClientOptions options;
    options.ca_file = file;
    return options;
  }
  static TlsClientOptions by_pin(const std::string& pin) {
    TlsClientOptions options;
    options.pin = pin;
    return options;
  }
};

TEST_F(Shown, what_an_accepted_one_says_of_itself) {
  const auto certificate = shown(by_ca(), server());
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->fault, CertificateFault::none);
  EXPECT_NE(std::find(certificate->names.begin(), certificate->names.end(), "bus.example"),
            certificate->names.end());
  EXPECT_FALSE(certificate->issuer.empty());
  EXPECT_LE(certificate->not_before, today());
  EXPECT_GT(certificate->not_after, today() + 300 * 24h);
  EXPECT_EQ(certificate->fingerprint.size(), 64u);
  EXPECT_EQ(certificate->culprit, "");
  // The same one is accepted by its fingerprint, whatever it says.
  const auto pinned = shown(by_pin(certificate->fingerprint), server(), "other.example");
  ASSERT_TRUE(pinned);
  EXPECT_EQ(*pinned, *certificate);
}

TEST_F(Shown, CORE_17_for_another_name) {
  const auto certificate = shown(by_ca(), server(), "other.example");
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->fault, CertificateFault::other_name);
}

TEST_F(Shown, CORE_19_from_an_unknown_issuer) {
  const auto certificate = shown(by_ca(folder->ca()), server());
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->fault, CertificateFault::unknown_issuer);
  const auto by_system = shown({}, server());
  ASSERT_TRUE(by_system);
  EXPECT_EQ(by_system->fault, CertificateFault::unknown_issuer);
}

TEST_F(Shown, with_another_fingerprint) {
  const auto certificate = shown(by_pin(std::string(64, '0')), server());
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->fault, CertificateFault::other_pin);
}

TEST_F(Shown, expired_and_not_yet_valid) {
  const auto server_of = [](const std::string& name, Timestamp when) {
    const auto other = make_ca(folder->path + "/" + name, "bus.example", when);
    EXPECT_TRUE(other) << other.error();
    TlsServerOptions options;
    options.certificate_file = other->certificate_file;
    options.key_file = other->key_file;
    return std::pair(server(options), other->ca_file);
  };
  const auto [old, old_ca] = server_of("old", today() - 500 * 24h);
  auto certificate = shown(by_ca(old_ca), old);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->fault, CertificateFault::expired);
  EXPECT_LT(certificate->not_after, today());
  EXPECT_EQ(certificate->culprit, "");

  const auto [dead, dead_ca] = server_of("dead", today() - 5000 * 24h);
  certificate = shown(by_ca(dead_ca), dead);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->fault, CertificateFault::expired);

  const auto [early, early_ca] = server_of("early", today() + 500 * 24h);
  certificate = shown(by_ca(early_ca), early);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->fault, CertificateFault::not_yet_valid);
  EXPECT_GT(certificate->not_before, today());
}

}  // namespace
}  // namespace xbus::net
