// The delivery rules of RFC 6121 section 8 as tables.
#include "bus/router/policy.hpp"

#include <gtest/gtest.h>

namespace xbus::router {
namespace {

using xmpp::IqType;
using xmpp::MessageType;
using xmpp::PresenceType;

constexpr Addressee nobody_bare{};
constexpr Addressee nobody_full{.full = true};
constexpr Addressee away_bare{.account_exists = true};
constexpr Addressee away_full{.account_exists = true, .full = true};
constexpr Addressee negative_bare{.account_exists = true, .any_available = true};
constexpr Addressee negative_match{
    .account_exists = true, .full = true, .connected = true, .any_available = true};
constexpr Addressee negative_other{.account_exists = true, .full = true, .any_available = true};
constexpr Addressee ready_bare{
    .account_exists = true, .any_available = true, .any_non_negative = true};
constexpr Addressee ready_match{.account_exists = true,
                                .full = true,
                                .connected = true,
                                .any_available = true,
                                .any_non_negative = true};
constexpr Addressee ready_other{
    .account_exists = true, .full = true, .any_available = true, .any_non_negative = true};
constexpr Addressee connected_only{.account_exists = true, .full = true, .connected = true};

// Table 1 of section 8.5.4: O offline, E service-unavailable, S silence, D to the resource, M most
// available, A all that are not negative.
TEST(Policy, message_type_deliver) {
  struct Row {
    const char* what;
    Addressee addressee;
    const char* routes;  // normal, chat, groupchat, headline
  };
  const Row rows[] = {
      {"no account, bare", nobody_bare, "EEES"},
      {"no account, full", nobody_full, "EEES"},
      {"nobody there, bare", away_bare, "OOES"},
      {"nobody there, full", away_full, "EOES"},
      {"negative, bare", negative_bare, "OOES"},
      {"negative, full match", negative_match, "DDDD"},
      {"negative, no match", negative_other, "EOES"},
      {"ready, bare", ready_bare, "MMEA"},
      {"ready, full match", ready_match, "DDDD"},
      {"ready, no match", ready_other, "EMES"},
      {"connected without presence", connected_only, "DDDD"},
  };
  const MessageType types[] = {MessageType::normal, MessageType::chat, MessageType::groupchat,
                               MessageType::headline};
  for (const Row& row : rows) {
    std::string routes;
    for (MessageType type : types) {
      switch (route_message(type, row.addressee)) {
        case Route::offline:
          routes += 'O';
          break;
        case Route::unavailable:
          routes += 'E';
          break;
        case Route::drop:
          routes += 'S';
          break;
        case Route::resource:
          routes += 'D';
          break;
        case Route::most_available:
          routes += 'M';
          break;
        case Route::all_non_negative:
          routes += 'A';
          break;
        default:
          routes += '?';
      }
    }
    EXPECT_EQ(routes, row.routes) << row.what;
  }
}

TEST(Policy, errors_reach_only_the_resource_they_are_for) {
  for (const Addressee& addressee :
       {nobody_bare, away_bare, ready_bare, ready_other, negative_bare}) {
    EXPECT_EQ(route_message(MessageType::error, addressee), Route::drop);
  }
  EXPECT_EQ(route_message(MessageType::error, ready_match), Route::resource);
}

TEST(Policy, CORE_40_an_iq_to_a_bare_address_is_answered_by_the_server) {
  for (const Addressee& addressee : {away_bare, negative_bare, ready_bare}) {
    EXPECT_EQ(route_iq(IqType::get, addressee), Route::account);
    EXPECT_EQ(route_iq(IqType::set, addressee), Route::account);
    EXPECT_EQ(route_iq(IqType::result, addressee), Route::drop);
    EXPECT_EQ(route_iq(IqType::error, addressee), Route::drop);
  }
}

TEST(Policy, CORE_41_an_iq_to_an_absent_resource_is_unavailable_at_once) {
  for (const Addressee& addressee : {nobody_bare, nobody_full, away_full, ready_other}) {
    EXPECT_EQ(route_iq(IqType::get, addressee), Route::unavailable);
    EXPECT_EQ(route_iq(IqType::result, addressee), Route::drop);
  }
  for (IqType type : {IqType::get, IqType::set, IqType::result, IqType::error}) {
    EXPECT_EQ(route_iq(type, connected_only), Route::resource);
  }
}

TEST(Policy, presence_goes_to_available_resources_only) {
  for (PresenceType type : {PresenceType::available, PresenceType::unavailable}) {
    EXPECT_EQ(route_presence(type, nobody_bare), Route::drop);
    EXPECT_EQ(route_presence(type, away_bare), Route::drop);
    EXPECT_EQ(route_presence(type, negative_bare), Route::all_available);
    EXPECT_EQ(route_presence(type, ready_bare), Route::all_available);
    EXPECT_EQ(route_presence(type, connected_only), Route::resource);
    EXPECT_EQ(route_presence(type, ready_other), Route::drop);
  }
}

TEST(Policy, subscriptions_and_probes_are_the_accounts_business) {
  for (PresenceType type :
       {PresenceType::subscribe, PresenceType::subscribed, PresenceType::unsubscribe,
        PresenceType::unsubscribed, PresenceType::probe}) {
    EXPECT_EQ(route_presence(type, nobody_bare), type == PresenceType::probe ? Route::account : Route::drop);
    EXPECT_EQ(route_presence(type, away_bare), Route::account);
    EXPECT_EQ(route_presence(type, ready_bare), Route::account);
  }
  // Section 8.5.3.2.2: without that resource only a request and a probe count.
  EXPECT_EQ(route_presence(PresenceType::subscribe, ready_other), Route::account);
  EXPECT_EQ(route_presence(PresenceType::probe, ready_other), Route::account);
  for (PresenceType type :
       {PresenceType::subscribed, PresenceType::unsubscribe, PresenceType::unsubscribed}) {
    EXPECT_EQ(route_presence(type, ready_other), Route::drop);
  }
}

}  // namespace
}  // namespace xbus::router
