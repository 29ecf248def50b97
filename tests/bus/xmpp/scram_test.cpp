#include "bus/xmpp/scram.hpp"

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <functional>

#include "bus/crypto/base64.hpp"
#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"

namespace xbus::xmpp {
namespace {

using Binding = ScramClient::Options::Binding;

// One printed example: the four messages of RFC 5802 section 5 or RFC 7677 section 3.
struct Vector {
  ScramHash hash;
  std::string client_nonce, server_nonce, salt64;
  std::string client_first, server_first, client_final, server_final;
};

const Vector rfc5802{.hash = ScramHash::sha1,
                     .client_nonce = "fyko+d2lbbFgONRv9qkxdawL",
                     .server_nonce = "3rfcNHYJY1ZVvWVs7j",
                     .salt64 = "QSXCR+Q6sek8bf92",
                     .client_first = "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
                     .server_first =
                         "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
                         "s=QSXCR+Q6sek8bf92,i=4096",
                     .client_final =
                         "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
                         "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                     .server_final = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="};

const Vector rfc7677{.hash = ScramHash::sha256,
                     .client_nonce = "rOprNGfwEbeRWgbNEkqO",
                     .server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
                     .salt64 = "W22ZaJ0SNY7soEsUEjb6gQ==",
                     .client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
                     .server_first =
                         "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                         "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                     .client_final =
                         "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                         "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                     .server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="};

void play(const Vector& v) {
  ScramClient client(
      {.hash = v.hash, .user = "user", .password = "pencil", .nonce = v.client_nonce});
  ScramServer server({.hash = v.hash, .nonce = v.server_nonce});
  const auto keys =
      make_scram_keys("pencil", *crypto::base64_decode(v.salt64), 4096, v.hash).value();
  const auto first = client.first();
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, v.client_first);
  const auto name = server.first(*first);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->user, "user");
  const auto challenge = server.challenge(keys);
  EXPECT_EQ(challenge, v.server_first);
  const auto response = client.respond(challenge);
  ASSERT_TRUE(response);
  EXPECT_EQ(*response, v.client_final);
  const auto proof = server.finish(*response);
  ASSERT_TRUE(proof);
  EXPECT_EQ(*proof, v.server_final);
  EXPECT_TRUE(client.verify(*proof));
}

TEST(Scram, security_mti_auth_scram_example_of_rfc5802) { play(rfc5802); }
TEST(Scram, security_mti_auth_scram_example_of_rfc7677) { play(rfc7677); }

// What both ends say of one dialogue; `tamper` may change any message on its way.
struct Outcome {
  std::optional<ScramError> client, server;
  std::string server_first;
  bool operator==(const Outcome& other) const {
    return client == other.client && server == other.server;
  }
};
std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << "client: " << (o.client ? name_of(*o.client) : "done")
             << ", server: " << (o.server ? name_of(*o.server) : "done");
}

using Tamper = std::function<void(int step, std::string& message)>;

Outcome run(ScramClient::Options c, ScramServer::Options s, const ScramKeys& keys,
            const Tamper& tamper = {}) {
  ScramClient client(std::move(c));
  ScramServer server(std::move(s));
  const auto pass = [&](int step, std::string message) {
    if (tamper) tamper(step, message);
    return message;
  };
  const auto first = client.first();
  if (!first) return {first.error(), {}, {}};
  const auto name = server.first(pass(1, *first));
  if (!name) return {{}, name.error(), {}};
  const auto challenge = server.challenge(keys);
  const auto response = client.respond(pass(2, challenge));
  if (!response) return {response.error(), {}, challenge};
  const auto proof = server.finish(pass(3, *response));
  if (!proof) return {{}, proof.error(), challenge};
  const auto verdict = client.verify(pass(4, *proof));
  if (!verdict) return {verdict.error(), {}, challenge};
  return {{}, {}, challenge};
}

ScramKeys pencil(ScramHash hash = ScramHash::sha256) {
  return make_scram_keys("pencil", "0123456789abcdef", 4096, hash).value();
}
ScramClient::Options user() { return {.user = "user", .password = "pencil"}; }
ScramClient::Options bound(std::string type, std::string data) {
  auto options = user();
  options.binding = Binding::used;
  options.binding_type = std::move(type);
  options.binding_data = std::move(data);
  return options;
}

const Outcome done{};
Outcome at_server(ScramError error) { return {{}, error, {}}; }
Outcome at_client(ScramError error) { return {error, {}, {}}; }

TEST(Scram, CORE_25_a_wrong_password_is_a_wrong_proof) {
  auto options = user();
  options.password = "pencils";
  EXPECT_EQ(run(options, {}, pencil()), at_server(ScramError::wrong_proof));
}

TEST(Scram, CORE_26_both_binding_types_bind_and_a_different_channel_fails) {
  const ScramServer::Options server{
      .plus = true, .plus_offered = true, .exporter = "EXP", .server_end_point = "CERT"};
  EXPECT_EQ(run(bound("tls-exporter", "EXP"), server, pencil()), done);
  EXPECT_EQ(run(bound("tls-server-end-point", "CERT"), server, pencil()), done);
  EXPECT_EQ(run(bound("tls-exporter", "other"), server, pencil()),
            at_server(ScramError::binding_mismatch));
  EXPECT_EQ(run(bound("tls-unique", "EXP"), server, pencil()),
            at_server(ScramError::binding_unknown));
  EXPECT_EQ(run(bound("", "EXP"), server, pencil()), at_server(ScramError::malformed));
  EXPECT_EQ(run(bound("tls-exporter", "EXP"), {.plus = true, .plus_offered = true}, pencil()),
            at_server(ScramError::binding_unknown));
}

TEST(Scram, CORE_25_the_flag_must_fit_the_mechanism_and_the_offer) {
  auto y = user();
  y.binding = Binding::not_offered;
  EXPECT_EQ(run(y, {}, pencil()), done);
  EXPECT_EQ(run(y, {.plus_offered = true}, pencil()), at_server(ScramError::plus_stripped));
  EXPECT_EQ(run(user(), {.plus_offered = true}, pencil()), done);
  EXPECT_EQ(run(user(), {.plus = true, .plus_offered = true, .exporter = "E"}, pencil()),
            at_server(ScramError::binding_unknown));
  EXPECT_EQ(run(bound("tls-exporter", "E"), {.plus_offered = true, .exporter = "E"}, pencil()),
            at_server(ScramError::binding_unknown));
}

TEST(Scram, CORE_25_the_server_verifies_the_gs2_header_in_c) {
  // n became y on the way: the client's c= still says n.
  EXPECT_EQ(run(user(), {}, pencil(),
                [](int step, std::string& m) {
                  if (step == 1) m[0] = 'y';
                }),
            at_server(ScramError::binding_mismatch));
}

TEST(Scram, CORE_25_the_nonce_is_continued_and_returned) {
  EXPECT_EQ(run(user(), {}, pencil(),
                [](int step, std::string& m) {
                  if (step == 2) m[2] = m[2] == 'A' ? 'B' : 'A';
                }),
            at_client(ScramError::wrong_nonce));
  EXPECT_EQ(run(user(), {}, pencil(),
                [](int step, std::string& m) {
                  if (step == 3) m.insert(m.find(",p="), "A");
                }),
            at_server(ScramError::wrong_nonce));
  // The client's own nonce alone is no continuation.
  ScramClient client({.user = "user", .password = "pencil", .nonce = "abc"});
  ASSERT_TRUE(client.first());
  EXPECT_EQ(client.respond("r=abc,s=QUFB,i=4096").error(), ScramError::wrong_nonce);
}

TEST(Scram, CORE_25_iterations_have_bounds) {
  const auto respond = [](const std::string& count) {
    ScramClient client({.user = "user", .password = "pencil", .nonce = "abc"});
    EXPECT_TRUE(client.first());
    const auto response = client.respond("r=abcd,s=QUFB,i=" + count);
    return response ? std::nullopt : std::optional(response.error());
  };
  EXPECT_EQ(respond("4096"), std::nullopt);
  EXPECT_EQ(respond("4095"), ScramError::iterations);
  EXPECT_EQ(respond("1000001"), ScramError::iterations);
  EXPECT_EQ(respond("99999999999999999999"), ScramError::iterations);
  EXPECT_EQ(respond("04096"), ScramError::iterations);
  EXPECT_EQ(respond("-4096"), ScramError::iterations);
  EXPECT_EQ(respond("4096x"), ScramError::iterations);
  EXPECT_EQ(respond(""), ScramError::malformed);
}

TEST(Scram, CORE_25_the_client_verifies_the_server) {
  EXPECT_EQ(run(user(), {}, pencil(),
                [](int step, std::string& m) {
                  if (step == 4) m[2] = m[2] == 'A' ? 'B' : 'A';
                }),
            at_client(ScramError::wrong_signature));
  EXPECT_EQ(run(user(), {}, pencil(),
                [](int step, std::string& m) {
                  if (step == 4) m = "e=other-error";
                }),
            at_client(ScramError::refused));
  EXPECT_EQ(run(user(), {}, pencil(),
                [](int step, std::string& m) {
                  if (step == 4) m.clear();
                }),
            at_client(ScramError::malformed));
}

TEST(Scram, CORE_26_list_hash_of_the_example_of_xep0474) {
  const auto text =
      advertised_text({"SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"},
                      std::vector<std::string>{"tls-server-end-point", "tls-exporter"});
  EXPECT_EQ(text, "SCRAM-SHA-1\x1eSCRAM-SHA-1-PLUS\x1ftls-exporter\x1etls-server-end-point");
  EXPECT_EQ(crypto::base64_encode(crypto::digest(crypto::Hash::sha1, text)),
            "G6k/rBLDqgOhRRaCuuatSDFkJ08=");
  EXPECT_EQ(advertised_text({"PLAIN"}, std::nullopt), "PLAIN");
}

TEST(Scram, CORE_26_a_changed_list_ends_the_login) {
  const std::string all = advertised_text({"SCRAM-SHA-256", "SCRAM-SHA-1"}, std::nullopt);
  const std::string cut = advertised_text({"SCRAM-SHA-1"}, std::nullopt);
  auto options = user();
  options.advertised = all;
  const auto fair = run(options, {.advertised = all}, pencil());
  EXPECT_EQ(fair, done);
  EXPECT_NE(fair.server_first.find(",h="), std::string::npos);
  EXPECT_EQ(run(options, {}, pencil()), done);  // a server without XEP-0474
  options.advertised = cut;
  EXPECT_EQ(run(options, {.advertised = all}, pencil()), at_client(ScramError::list_changed));
  // Whoever cuts the list and h= as well breaks the proof.
  EXPECT_EQ(run(options, {.advertised = all}, pencil(),
                [](int step, std::string& m) {
                  if (step == 2) m.erase(m.find(",h="));
                }),
            at_server(ScramError::wrong_proof));
}

TEST(Scram, CORE_27_the_stand_in_is_stable_and_never_fits) {
  const auto a = stand_in_scram_keys("secret", "nobody", ScramHash::sha256);
  EXPECT_EQ(a, stand_in_scram_keys("secret", "nobody", ScramHash::sha256));
  EXPECT_NE(a.salt, stand_in_scram_keys("secret", "nobody2", ScramHash::sha256).salt);
  EXPECT_NE(a.salt, stand_in_scram_keys("secret", "nobody", ScramHash::sha1).salt);
  EXPECT_NE(a.salt, stand_in_scram_keys("other", "nobody", ScramHash::sha256).salt);
  const auto real = make_scram_keys("pencil", ScramHash::sha256).value();
  EXPECT_EQ(a.salt.size(), real.salt.size());
  EXPECT_EQ(a.iterations, real.iterations);
  EXPECT_EQ(a.stored_key.size(), real.stored_key.size());
  EXPECT_EQ(stand_in_scram_keys("s", "n", ScramHash::sha1).stored_key.size(), 20u);
  EXPECT_EQ(run(user(), {}, a), at_server(ScramError::wrong_proof));
}

TEST(Scram, names_are_escaped_and_prepared) {
  ScramClient client({.user = "A=b,c", .password = "x", .authzid = "d,=e", .nonce = "abc"});
  const auto first = client.first();
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, "n,a=d=2C=3De,n=a=3Db=2Cc,r=abc");
  const auto name = ScramServer({}).first(*first);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->user, "a=b,c");
  EXPECT_EQ(name->authzid, "d,=e");
  // A no-break space in the password is a space (RFC 8265 section 4.2.1).
  EXPECT_EQ(make_scram_keys("a\u00a0b", "0123456789abcdef", 4096, ScramHash::sha1),
            make_scram_keys("a b", "0123456789abcdef", 4096, ScramHash::sha1));
  EXPECT_EQ(make_scram_keys("", ScramHash::sha1), std::nullopt);
  EXPECT_EQ(make_scram_keys("\xff", ScramHash::sha1), std::nullopt);
  EXPECT_TRUE(scram_password_matches("pencil", pencil(), ScramHash::sha256));
  EXPECT_FALSE(scram_password_matches("Pencil", pencil(), ScramHash::sha256));
}

TEST(Scram, CORE_25_bad_first_messages) {
  for (const char* text : {"",
                           "n",
                           "n,",
                           "n,,",
                           "n,,n=user",
                           "n,,n=,r=abc",
                           "n,,r=abc,n=user",
                           "x,,n=user,r=abc",
                           "p=,,n=user,r=abc",
                           "n,b=x,n=user,r=abc",
                           "n,a=,n=user,r=abc",
                           "n,,n=us=er,r=abc",
                           "n,,n=user,r=",
                           "n,,n=user,r=a\x01",
                           "n,,n=user,r=abc,",
                           "n,,n=user,r=abc,m=1",
                           "n,,n=user,r=abc,x",
                           "n,,m=ext,n=user,r=abc",
                           "N,,n=user,r=abc",
                           "n,,n=user,r=\xc3\xa9"})
    EXPECT_EQ(ScramServer({}).first(text).error(), ScramError::malformed) << text;
  EXPECT_TRUE(ScramServer({}).first("n,,n=user,r=abc,x=ext"));
  EXPECT_EQ(ScramServer({}).first(std::string_view("n,,n=us\0er,r=abc", 16)).error(),
            ScramError::malformed);
}

TEST(Scram, CORE_25_bad_final_messages) {
  for (const char* text : {"", "c=biws", "c=biws,r=abcxyz", "r=abcxyz,c=biws,p=QUFB",
                           "c=biws,r=abcxyz,p=", "c=biws,r=abcxyz,p=QUFB", "c=*,r=abcxyz,p=QUFB",
                           "c=biws,r=abcxyz,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ",
                           "c=biws,r=abcxyz,m=1,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="}) {
    ScramServer server({.nonce = "xyz"});
    ASSERT_TRUE(server.first("n,,n=user,r=abc"));
    ASSERT_EQ(server.challenge(pencil()).substr(0, 8), "r=abcxyz");
    EXPECT_EQ(server.finish(text).error(), ScramError::malformed) << text;
    EXPECT_EQ(server.finish(text).error(), ScramError::wrong_step);
  }
}

TEST(Scram, CORE_25_bad_challenges) {
  for (const char* text : {"", "r=abcd", "r=abcd,s=QUFB", "s=QUFB,r=abcd,i=4096",
                           "m=x,r=abcd,s=QUFB,i=4096", "r=abcd,s=,i=4096", "r=abcd,s=*,i=4096",
                           "r=abcd,s=QUFB,i=4096,m=x", "r=ab\x7f,s=QUFB,i=4096"}) {
    ScramClient client({.user = "user", .password = "pencil", .nonce = "abc"});
    ASSERT_TRUE(client.first());
    EXPECT_EQ(client.respond(text).error(), ScramError::malformed) << text;
  }
}

// The server's part of one login, in CPU time of this thread: the least of many, which is what the machine's other
// work leaves alone.
int64_t least_nanoseconds(const std::function<void()>& work) {
  const auto cpu = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  };
  int64_t least = INT64_MAX;
  for (int i = 0; i < 200; ++i) {
    const auto before = cpu();
    work();
    least = std::min(least, cpu() - before);
  }
  return least;
}

TEST(Scram, CORE_27_an_unknown_user_costs_the_same_time_as_a_wrong_password) {
  for (const auto hash : {ScramHash::sha1, ScramHash::sha256}) {
    const auto known = *make_scram_keys("secret", hash);
    const auto stand_in = stand_in_scram_keys("key of this server", "nobody", hash);
    // Whoever guesses sends the same bytes in both cases.
    const auto last_message = [&](const ScramKeys& keys) {
      ScramServer server({.hash = hash, .nonce = "s"});
      EXPECT_TRUE(server.first("n,,n=user,r=c"));
      server.challenge(keys);
      const auto verdict = server.finish("c=biws,r=cs,p=" + crypto::base64_encode(std::string(
                                             keys.stored_key.size(), 'x')));
      EXPECT_EQ(verdict.error(), ScramError::wrong_proof);
    };
    const auto wrong = least_nanoseconds([&] { last_message(known); });
    const auto unknown = least_nanoseconds([&] { last_message(stand_in); });
    EXPECT_LT(std::max(wrong, unknown), 2 * std::min(wrong, unknown)) << wrong << " " << unknown;
    // PLAIN: the rounds are run for nobody too.
    const auto plain_wrong =
        least_nanoseconds([&] { EXPECT_FALSE(scram_password_matches("guess", known, hash)); });
    const auto plain_unknown =
        least_nanoseconds([&] { EXPECT_FALSE(scram_password_matches("guess", stand_in, hash)); });
    EXPECT_LT(std::max(plain_wrong, plain_unknown), 2 * std::min(plain_wrong, plain_unknown))
        << plain_wrong << " " << plain_unknown;
  }
}

}  // namespace
}  // namespace xbus::xmpp
