#include "bus/xmpp/sasl.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp {
namespace {

using Binding = ScramClient::Options::Binding;
using Names = std::vector<std::string>;

const SaslChannel clear{};
const SaslChannel tls13{
    .tls = true, .version = "TLSv1.3", .exporter = "E", .server_end_point = "P"};
const SaslChannel tls12{
    .tls = true, .version = "TLSv1.2", .exporter = "E", .server_end_point = "P"};
const SaslChannel offloaded{.tls = true, .version = "TLSv1.3", .server_end_point = "P"};
const SaslChannel unbound{.tls = true, .version = "TLSv1.3"};

TEST(Sasl, CORE_21_what_is_offered_where) {
  EXPECT_EQ(names_of(offered({}, clear)), (Names{"SCRAM-SHA-256", "SCRAM-SHA-1"}));
  EXPECT_EQ(names_of(offered({}, unbound)), (Names{"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"}));
  EXPECT_EQ(names_of(offered({}, tls13)), (Names{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256",
                                                 "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN"}));
  auto known = tls13;
  known.external = true;
  EXPECT_EQ(names_of(offered({}, known)).front(), "EXTERNAL");
  EXPECT_EQ(names_of(offered({"PLAIN", "EXTERNAL", "NTLM"}, known)), (Names{"PLAIN", "EXTERNAL"}));
  EXPECT_EQ(binding_types(tls13), (Names{"tls-exporter", "tls-server-end-point"}));
  EXPECT_EQ(binding_types(offloaded), (Names{"tls-server-end-point"}));
  EXPECT_EQ(binding_types(unbound), Names{});
}

TEST(Sasl, names) {
  for (const auto& row : mechanisms()) {
    EXPECT_EQ(mechanism_of(row.name), row.mechanism);
    EXPECT_EQ(&facts_of(row.mechanism), &row);
  }
  EXPECT_EQ(mechanism_of("scram-sha-1"), std::nullopt);
  EXPECT_EQ(mechanism_of(""), std::nullopt);
}

struct Row {
  SaslOffer offer;
  SaslChannel channel;
  std::string_view mechanism;  // empty: none
  Binding binding = Binding::unused;
  std::string_view type = {};
};

TEST(Sasl, CORE_25_what_the_client_chooses) {
  const Names all{"PLAIN",         "SCRAM-SHA-1",        "SCRAM-SHA-1-PLUS",
                  "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "EXTERNAL"};
  const Names no_plus{"SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"};
  const Names both{"tls-server-end-point", "tls-exporter"};
  const Row rows[] = {
      {{all, both}, tls13, "SCRAM-SHA-256-PLUS", Binding::used, "tls-exporter"},
      {{all, both}, tls12, "SCRAM-SHA-256-PLUS", Binding::used, "tls-exporter"},
      {{all, both}, offloaded, "SCRAM-SHA-256-PLUS", Binding::used, "tls-server-end-point"},
      {{all, Names{"tls-server-end-point"}},
       tls13,
       "SCRAM-SHA-256-PLUS",
       Binding::used,
       "tls-server-end-point"},
      // No common type: n, and the hash of XEP-0474 must tell.
      {{all, Names{"tls-unique"}}, tls13, "SCRAM-SHA-256"},
      {{all, both}, unbound, "SCRAM-SHA-256"},
      // Types not announced: the server may mean one that we do not have.
      {{all, std::nullopt}, tls13, "SCRAM-SHA-256"},
      {{all, std::nullopt}, tls12, "SCRAM-SHA-256"},
      {{all, std::nullopt}, offloaded, "SCRAM-SHA-256"},
      // No -PLUS, though we could: y.
      {{no_plus, std::nullopt}, tls13, "SCRAM-SHA-256", Binding::not_offered},
      {{no_plus, both}, tls13, "SCRAM-SHA-256", Binding::not_offered},
      {{no_plus, std::nullopt}, unbound, "SCRAM-SHA-256"},
      {{no_plus, std::nullopt}, clear, "SCRAM-SHA-256"},
      {{{"SCRAM-SHA-1", "X"}, std::nullopt}, clear, "SCRAM-SHA-1"},
      {{{"PLAIN"}, std::nullopt}, tls13, "PLAIN"},
      {{{"PLAIN"}, std::nullopt}, clear, ""},
      {{{"EXTERNAL"}, std::nullopt}, tls13, ""},
      {{{}, std::nullopt}, tls13, ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(&row - rows);
    const auto choice = choose(row.offer, {.password = true, .plain = true}, row.channel);
    ASSERT_EQ(choice ? facts_of(choice->mechanism).name : "", row.mechanism);
    if (!choice) continue;
    EXPECT_EQ(choice->binding, row.binding);
    EXPECT_EQ(choice->binding_type, row.type);
    EXPECT_EQ(choice->binding_data, row.type.empty() ? "" : row.type == "tls-exporter" ? "E" : "P");
  }
  EXPECT_EQ(choose({all, both}, {.external = true, .password = true}, tls13)->mechanism,
            Mechanism::external);
  EXPECT_EQ(choose({all, both}, {.external = true}, tls13)->mechanism, Mechanism::external);
  EXPECT_EQ(choose({{"PLAIN"}, {}}, {.password = true}, tls13), std::nullopt);
}

TEST(Sasl, CORE_22_text_of_messages) {
  EXPECT_EQ(sasl_text(""), "=");
  EXPECT_EQ(sasl_text("a"), "YQ==");
  EXPECT_EQ(sasl_data("="), "");
  EXPECT_EQ(sasl_data(""), "");
  EXPECT_EQ(sasl_data("YQ=="), "a");
  for (const char* text : {"YQ", "YQ=", " YQ==", "YQ==\n", "Y Q==", "YR==", "===="})
    EXPECT_EQ(sasl_data(text), std::nullopt) << text;
}

}  // namespace
}  // namespace xbus::xmpp
