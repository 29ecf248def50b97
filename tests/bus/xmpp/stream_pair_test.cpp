// The two ends of a stream against each other, through a fake TLS, in pieces of any size.
#include <gtest/gtest.h>

#include "tests/bus/xmpp/stream_subjects.hpp"

namespace xbus::xmpp::testing {
namespace {

using ServerTls = ServerStreamOptions::Tls;
using ClientTls = ClientStreamOptions::Tls;

// Somebody in the middle: may change what each end says.
using Meddler = std::function<std::string(char who, std::string text)>;

struct Pair {
  Pair(ServerStreamOptions s, ClientStreamOptions c)
      : server(with_domain(std::move(s))), client(with_domain(std::move(c))) {}

  template <class Options>
  static Options with_domain(Options options) {
    options.domain = "example.org";
    return options;
  }

  // Carries bytes of at most `piece` until nobody says any more.
  void run(size_t piece, const Meddler& meddler = {}) {
    if (client_tls_done) client.happen("secured");
    if (server_tls_done) server.happen("secured");
    client.happen("start");
    run_on(piece, meddler);
  }
  void run_on(size_t piece = SIZE_MAX, const Meddler& meddler = {}) {
    for (bool moved = true; moved;) {
      moved = carry(client, 'C', server, to_server, piece, meddler);
      moved = carry(server, 'S', client, to_client, piece, meddler) || moved;
    }
  }

  bool carry(Subject& from, char who, Subject& to, std::string& wire, size_t piece,
             const Meddler& meddler) {
    bool moved = false, said = false;
    for (auto& entry : from.take()) {
      moved = true;
      if (entry.starts_with("say ")) {
        if (who == 'C' && !std::exchange(said, true)) ++turns;
        const std::string text = meddler ? meddler(who, entry.substr(4)) : entry.substr(4);
        for (std::string_view rest = text; !rest.empty();) {
          wire += rest.substr(0, piece);
          rest.remove_prefix(std::min(piece, rest.size()));
          if (!to.closed()) wire.erase(0, to.on_bytes(wire));
        }
      } else if (entry == "is start_tls") {
        if (++handshakes == 2) {
          server.happen("secured");
          client.happen("secured");
        }
      } else if (entry.starts_with("is hash_password ")) {
        // What comes meanwhile waits.
        EXPECT_EQ(client.on_bytes("<a/>"), 0u);
        client.happen("hashed");
        to_client.erase(0, client.on_bytes(to_client));
      } else if (entry.starts_with("is check_password ")) {
        from.happen(entry == "is check_password alice secret" ? "password yes" : "password no");
      } else {
        log.push_back(std::string(1, who) + entry.substr(2));
      }
    }
    return moved;
  }

  ServerSubject server;
  ClientSubject client;
  std::string to_server, to_client;
  bool client_tls_done = false, server_tls_done = false;
  int handshakes = 0;
  int turns = 0;  // of the client's to speak
  std::vector<std::string> log;
};

using Log = std::vector<std::string>;

Log outcome(const ServerStreamOptions& server, const ClientStreamOptions& client, size_t piece,
            const Meddler& meddler = {}) {
  Pair pair(server, client);
  pair.client_tls_done = client.tls == ClientTls::done;
  pair.server_tls_done = client.tls == ClientTls::done;
  pair.run(piece, meddler);
  return pair.log;
}

// The same whatever the pieces.
Log outcome(const ServerStreamOptions& server, const ClientStreamOptions& client,
            const Meddler& meddler = {}) {
  const Log whole = outcome(server, client, SIZE_MAX, meddler);
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{100}})
    EXPECT_EQ(outcome(server, client, piece, meddler), whole) << piece;
  return whole;
}

ClientStreamOptions alice(ClientTls tls = ClientTls::required) {
  return {.account = "alice", .password = "secret", .resource = "desk", .tls = tls};
}
Log logged_in(const std::string& mechanism, const std::string& resource = "desk") {
  return {"S authenticated alice " + mechanism, "S bind " + resource,
          "C established alice@example.org/" + (resource.empty() ? "chosen" : resource)};
}

// A server of the older kind: it offers no SASL2.
std::string without_sasl2(char who, std::string text) {
  const size_t begin = text.find("<authentication ");
  const std::string end = "</authentication>";
  if (who == 'S' && begin != std::string::npos)
    text.erase(begin, text.find(end) + end.size() - begin);
  return text;
}

TEST(StreamPair, security_mti_both_scram_every_mechanism) {
  for (const char* mechanism :
       {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN"}) {
    EXPECT_EQ(outcome({.mechanisms = {mechanism}}, alice()), logged_in(mechanism));
    EXPECT_EQ(outcome({.mechanisms = {mechanism}}, alice(), without_sasl2), logged_in(mechanism));
    // Where the resource is the server's choice, Bind 2 gives it.
    auto any = alice();
    any.resource = "";
    EXPECT_EQ(outcome({.mechanisms = {mechanism}}, any), logged_in(mechanism, ""));
    EXPECT_EQ(outcome({.mechanisms = {mechanism}}, any, without_sasl2), logged_in(mechanism, ""));
  }
}

TEST(StreamPair, security_mti_auth_scram_the_password_may_be_hashed_elsewhere) {
  for (const size_t piece : {size_t{1}, size_t{100}, SIZE_MAX}) {
    Pair pair({.tls = ServerTls::off}, alice(ClientTls::never));
    pair.client.hashes_later = true;
    pair.run(piece);
    EXPECT_EQ(pair.log, logged_in("SCRAM-SHA-256"));
  }
}

TEST(StreamPair, tls_support_starttls_direct_and_none) {
  EXPECT_EQ(outcome({}, alice()), logged_in("SCRAM-SHA-256-PLUS"));
  EXPECT_EQ(outcome({.tls = ServerTls::offered}, alice()), logged_in("SCRAM-SHA-256-PLUS"));
  EXPECT_EQ(outcome({.tls = ServerTls::done}, alice(ClientTls::done)),
            logged_in("SCRAM-SHA-256-PLUS"));
  EXPECT_EQ(outcome({.tls = ServerTls::off}, alice(ClientTls::never)), logged_in("SCRAM-SHA-256"));
  EXPECT_EQ(outcome({.tls = ServerTls::offered}, alice(ClientTls::never)),
            logged_in("SCRAM-SHA-256"));
  EXPECT_EQ(outcome({.tls = ServerTls::done, .external_by_uid = true},
                    {.tls = ClientTls::never, .external = true}),
            logged_in("EXTERNAL", ""));
  EXPECT_EQ(outcome({.tls = ServerTls::off}, alice()),
            (Log{"C failed tls_not_offered the server offers no TLS", "C close", "S close"}));
}

// Header and features, the login's messages, and what is left: a restart and a binding, or nothing.
TEST(StreamPair, SM_19_a_login_takes_two_turns_less_with_sasl2) {
  const auto turns = [](const ServerStreamOptions& server, ClientStreamOptions client, const Meddler& meddler) {
    Pair pair(server, std::move(client));
    pair.client_tls_done = pair.server_tls_done = !server.external_by_uid;
    pair.run(SIZE_MAX, meddler);
    EXPECT_TRUE(pair.client.machine.established());
    return pair.turns;
  };
  auto any = alice(ClientTls::done);
  any.resource = "";
  const ServerStreamOptions tls{.tls = ServerTls::done}, local{.tls = ServerTls::done, .external_by_uid = true};
  const ClientStreamOptions user{.tls = ClientTls::never, .external = true};
  EXPECT_EQ(turns(tls, any, without_sasl2), 5);
  EXPECT_EQ(turns(tls, any, {}), 3);
  EXPECT_EQ(turns(tls, alice(ClientTls::done), {}), 4);  // a resource of its own
  EXPECT_EQ(turns(local, user, without_sasl2), 4);
  EXPECT_EQ(turns(local, user, {}), 2);
}

TEST(StreamPair, CORE_27_wrong_password_and_unknown_user_look_alike) {
  for (const char* mechanism : {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "PLAIN"}) {
    auto wrong = alice(), unknown = alice();
    wrong.password = "Secret";
    unknown.account = "nobody";
    const std::string failed = "C failed wrong_credentials not-authorized";
    EXPECT_EQ(
        outcome({.mechanisms = {mechanism}}, wrong),
        (Log{std::string("S login_failed alice ") + mechanism, failed, "C close", "S close"}));
    EXPECT_EQ(
        outcome({.mechanisms = {mechanism}}, unknown),
        (Log{std::string("S login_failed nobody ") + mechanism, failed, "C close", "S close"}));
  }
}

Meddler cut(const std::string& what) {
  return [what](char, std::string text) {
    for (size_t at; (at = text.find(what)) != std::string::npos;) text.erase(at, what.size());
    return text;
  };
}
std::string item(const std::string& name) { return "<mechanism>" + name + "</mechanism>"; }

TEST(StreamPair, CORE_26_a_stripped_list_is_noticed) {
  // One of the -PLUS: the list's hash differs (XEP-0474).
  const Log changed = {"C failed downgrade the advertised mechanisms were changed", "C close",
                       "S login_failed alice SCRAM-SHA-256", "S close"};
  Log log = outcome({}, alice(), cut(item("SCRAM-SHA-256-PLUS")));
  EXPECT_EQ(log.at(0), changed.at(0));
  // The list of binding types alone.
  log = outcome({}, alice(), cut("<channel-binding type='tls-exporter'/>"));
  EXPECT_EQ(log.at(0), changed.at(0));
  // All -PLUS, so that the client says y: the server knows better (RFC 5802 section 6).
  const auto no_plus = [](char who, std::string text) {
    text = cut(item("SCRAM-SHA-256-PLUS"))(who, std::move(text));
    return cut(item("SCRAM-SHA-1-PLUS"))(who, std::move(text));
  };
  log = outcome({}, alice(), no_plus);
  EXPECT_EQ(log.at(0), "S login_failed  SCRAM-SHA-256");
  EXPECT_EQ(log.at(1), "C failed wrong_credentials not-authorized");
}

TEST(StreamPair, CORE_26_a_stripped_list_of_sasl2_is_noticed) {
  // In that list alone: the other one, which is whole, is better and is used.
  const auto in_sasl2 = [](char who, std::string text) {
    const size_t begin = text.find("<authentication ");
    return begin == std::string::npos
               ? text
               : text.substr(0, begin) + cut(item("SCRAM-SHA-256-PLUS"))(who, text.substr(begin));
  };
  EXPECT_EQ(outcome({}, alice(), in_sasl2), logged_in("SCRAM-SHA-256-PLUS"));
  // And without the other list.
  const auto alone = [&](char who, std::string text) {
    const size_t begin = text.find("<mechanisms "), end = text.find("</mechanisms>");
    if (begin != std::string::npos) text.erase(begin, end + 13 - begin);
    return in_sasl2(who, std::move(text));
  };
  EXPECT_EQ(outcome({}, alice(), alone).at(0), "C failed downgrade the advertised mechanisms were changed");
  EXPECT_EQ(outcome({}, alice(), [&](char who, std::string text) {
              return cut("<channel-binding type='tls-exporter'/>")(who, alone(who, std::move(text)));
            }).at(0),
            "C failed downgrade the advertised mechanisms were changed");
}

TEST(StreamPair, CORE_26_two_channels_do_not_bind) {
  Pair pair({}, alice());
  pair.client.happen("start");
  // The client's TLS ends at another party than the server's.
  auto facts = tls_facts();
  facts.exporter = "the channel to somebody else";
  const auto take = [](Subject& from, Subject& to) {
    for (const auto& entry : from.take())
      if (entry.starts_with("say ")) to.on_bytes(entry.substr(4));
  };
  take(pair.client, pair.server);  // header
  take(pair.server, pair.client);  // features
  take(pair.client, pair.server);  // starttls
  take(pair.server, pair.client);  // proceed
  pair.server.happen("secured");
  pair.client.machine.on_secured(facts);
  pair.run_on();
  EXPECT_EQ(pair.log, (Log{"S login_failed alice SCRAM-SHA-256-PLUS",
                           "C failed wrong_credentials not-authorized", "C close", "S close"}));
}

TEST(StreamPair, CORE_16_injection_behind_proceed) {
  const auto inject = [](char who, std::string text) {
    if (who == 'S' && text.find("<proceed") != std::string::npos) text += "<stream:features/>";
    return text;
  };
  const Log log = outcome({}, alice(), SIZE_MAX, inject);
  EXPECT_EQ(log, (Log{"C failed protocol [bad-format] data in clear behind proceed", "C close"}));
}

TEST(StreamPair, stream_negotiation_complete_then_stanzas_and_end) {
  Pair pair({.tls = ServerTls::done, .external_by_uid = true},
            {.tls = ClientTls::never, .external = true});
  pair.run(SIZE_MAX);
  EXPECT_TRUE(pair.server.machine.established());
  EXPECT_TRUE(pair.client.machine.established());
  EXPECT_EQ(pair.client.machine.jid(), pair.server.machine.jid());
  EXPECT_EQ(pair.client.machine.stanza_bytes_max(), limits::stanza_bytes_max);
  pair.log.clear();
  pair.client.happen("end");
  pair.run_on();
  EXPECT_EQ(pair.log, (Log{"S close", "C close"}));
}

}  // namespace
}  // namespace xbus::xmpp::testing
