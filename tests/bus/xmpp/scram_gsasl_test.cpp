// Our SCRAM against libgsasl, each as client and as server.
#include <gsasl.h>
#include <gtest/gtest.h>

#include "bus/crypto/base64.hpp"
#include "bus/xmpp/scram.hpp"

namespace xbus::xmpp {
namespace {

struct Case {
  const char* mechanism;
  ScramHash hash;
  bool plus;
  std::string user, password, authzid;
};

// One session of the oracle; properties are set, nothing is called back.
class Oracle {
 public:
  enum class Side { client, server };
  Oracle(Side side, const Case& c, const std::string& exporter) {
    EXPECT_EQ(gsasl_init(&context_), GSASL_OK);
    const int rc = side == Side::client ? gsasl_client_start(context_, c.mechanism, &session_)
                                        : gsasl_server_start(context_, c.mechanism, &session_);
    EXPECT_EQ(rc, GSASL_OK) << c.mechanism;
    set(GSASL_PASSWORD, c.password);
    if (side == Side::client) {
      set(GSASL_AUTHID, c.user);
      if (!c.authzid.empty()) set(GSASL_AUTHZID, c.authzid);
    } else {
      set(GSASL_SCRAM_ITER, "4096");
      set(GSASL_SCRAM_SALT, crypto::base64_encode("0123456789abcdef"));
    }
    if (c.plus) set(GSASL_CB_TLS_EXPORTER, crypto::base64_encode(exporter));
  }
  ~Oracle() {
    gsasl_finish(session_);
    gsasl_done(context_);
  }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  int step(const std::string& in, std::string& out) {
    char* bytes = nullptr;
    size_t count = 0;
    const int rc = gsasl_step(session_, in.data(), in.size(), &bytes, &count);
    out.assign(bytes == nullptr ? "" : bytes, bytes == nullptr ? 0 : count);
    gsasl_free(bytes);
    return rc;
  }
  std::string property(Gsasl_property name) {
    const char* value = gsasl_property_fast(session_, name);
    return value == nullptr ? "" : value;
  }

 private:
  void set(Gsasl_property name, const std::string& value) {
    EXPECT_EQ(gsasl_property_set(session_, name, value.c_str()), GSASL_OK);
  }
  Gsasl* context_ = nullptr;
  Gsasl_session* session_ = nullptr;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto& [user, password, authzid] :
       {std::tuple{"user", "pencil", ""}, std::tuple{"a,b=c", "p w", "boss@example.org"},
        std::tuple{"\u00e9l\u00e8ve", "\u00fcml\u00e4ut \u20ac", ""}}) {
    all.push_back({"SCRAM-SHA-1", ScramHash::sha1, false, user, password, authzid});
    all.push_back({"SCRAM-SHA-1-PLUS", ScramHash::sha1, true, user, password, authzid});
    all.push_back({"SCRAM-SHA-256", ScramHash::sha256, false, user, password, authzid});
    all.push_back({"SCRAM-SHA-256-PLUS", ScramHash::sha256, true, user, password, authzid});
  }
  return all;
}

const std::string channel = "the exporter of one TLS channel!";

TEST(ScramGsasl, security_mti_both_scram_their_client_logs_in_with_us) {
  for (const auto& c : cases()) {
    SCOPED_TRACE(std::string(c.mechanism) + " " + c.user);
    Oracle client(Oracle::Side::client, c, channel);
    ScramServer server({.hash = c.hash,
                        .plus = c.plus,
                        .plus_offered = c.plus,
                        .exporter = channel,
                        .advertised = "any"});
    std::string text;
    ASSERT_EQ(client.step("", text), GSASL_NEEDS_MORE);
    const auto name = server.first(text);
    ASSERT_TRUE(name) << text << ": " << name_of(name.error());
    EXPECT_EQ(name->user, c.user);
    EXPECT_EQ(name->authzid, c.authzid);
    const auto keys = make_scram_keys(c.password, "0123456789abcdef", 4096, c.hash).value();
    ASSERT_EQ(client.step(server.challenge(keys), text), GSASL_NEEDS_MORE);
    const auto proof = server.finish(text);
    ASSERT_TRUE(proof) << text << ": " << name_of(proof.error());
    EXPECT_EQ(client.step(*proof, text), GSASL_OK);
  }
}

TEST(ScramGsasl, security_mti_both_scram_our_client_logs_in_with_them) {
  for (const auto& c : cases()) {
    SCOPED_TRACE(std::string(c.mechanism) + " " + c.user);
    Oracle server(Oracle::Side::server, c, channel);
    ScramClient client({.hash = c.hash,
                        .user = c.user,
                        .password = c.password,
                        .authzid = c.authzid,
                        .binding = c.plus ? ScramClient::Options::Binding::used
                                          : ScramClient::Options::Binding::unused,
                        .binding_type = "tls-exporter",
                        .binding_data = channel});
    std::string text;
    ASSERT_EQ(server.step(client.first().value_or(""), text), GSASL_NEEDS_MORE);
    EXPECT_EQ(server.property(GSASL_AUTHID), c.user);
    EXPECT_EQ(server.property(GSASL_AUTHZID), c.authzid);
    ASSERT_EQ(server.step(client.respond(text).value_or(""), text), GSASL_OK);
    EXPECT_TRUE(client.verify(text));
  }
}

TEST(ScramGsasl, CORE_26_another_channel_is_refused_by_both) {
  for (const auto& c : cases()) {
    if (!c.plus) continue;
    Oracle client(Oracle::Side::client, c, channel);
    ScramServer server(
        {.hash = c.hash, .plus = true, .plus_offered = true, .exporter = "another channel"});
    std::string text;
    ASSERT_EQ(client.step("", text), GSASL_NEEDS_MORE);
    ASSERT_TRUE(server.first(text));
    const auto keys = make_scram_keys(c.password, "0123456789abcdef", 4096, c.hash).value();
    ASSERT_EQ(client.step(server.challenge(keys), text), GSASL_NEEDS_MORE);
    EXPECT_EQ(server.finish(text).error(), ScramError::binding_mismatch);
  }
}

}  // namespace
}  // namespace xbus::xmpp
