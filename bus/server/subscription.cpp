#include "bus/server/subscription.hpp"

#include <array>

namespace xbus::server {
namespace {

using enum Subscription;
using xmpp::PresenceType;

struct Row {
  bool pass;
  Subscription next;
};
using Table = std::array<Row, 9>;  // one row a state, in the order of the enumeration

// Outbound: whether the stanza is routed, and the new state.
constexpr Table out_subscribe{{{true, none_out},
                               {true, none_out},
                               {true, none_out_in},
                               {true, none_out_in},
                               {true, to},
                               {true, to_in},
                               {true, from_out},
                               {true, from_out},
                               {true, both}}};
constexpr Table out_unsubscribe{{{true, none},
                                 {true, none},
                                 {true, none_in},
                                 {true, none_in},
                                 {true, none},
                                 {true, none_in},
                                 {true, from},
                                 {true, from},
                                 {true, from}}};
constexpr Table out_subscribed{{{false, none},
                                {false, none_out},
                                {true, from},
                                {true, from_out},
                                {false, to},
                                {true, both},
                                {false, from},
                                {false, from_out},
                                {false, both}}};
constexpr Table out_unsubscribed{{{false, none},
                                  {false, none_out},
                                  {true, none},
                                  {true, none_out},
                                  {false, to},
                                  {true, to},
                                  {true, none},
                                  {true, none_out},
                                  {true, to}}};

// Inbound: whether the stanza is delivered, and the new state.
constexpr Table in_subscribe{{{true, none_in},
                              {true, none_out_in},
                              {false, none_in},
                              {false, none_out_in},
                              {true, to_in},
                              {false, to_in},
                              {false, from},
                              {false, from_out},
                              {false, both}}};
constexpr Table in_unsubscribe{{{false, none},
                                {false, none_out},
                                {true, none},
                                {true, none_out},
                                {false, to},
                                {true, to},
                                {true, none},
                                {true, none_out},
                                {true, to}}};
constexpr Table in_subscribed{{{false, none},
                               {true, to},
                               {false, none_in},
                               {true, to_in},
                               {false, to},
                               {false, to_in},
                               {false, from},
                               {true, both},
                               {false, both}}};
constexpr Table in_unsubscribed{{{false, none},
                                 {true, none},
                                 {false, none_in},
                                 {true, none_in},
                                 {true, none},
                                 {true, none_in},
                                 {false, from},
                                 {true, from},
                                 {true, from}}};

SubscriptionStep step(const Table& table, Subscription state) {
  const Row& row = table[static_cast<size_t>(state)];
  return {row.pass, row.next, {}};
}

}  // namespace

SubscriptionStep outbound(PresenceType type, Subscription state) {
  switch (type) {
    case PresenceType::subscribe:
      return step(out_subscribe, state);
    case PresenceType::unsubscribe:
      return step(out_unsubscribe, state);
    case PresenceType::subscribed:
      return step(out_subscribed, state);
    default:
      return step(out_unsubscribed, state);
  }
}

SubscriptionStep inbound(PresenceType type, Subscription state) {
  SubscriptionStep result;
  switch (type) {
    case PresenceType::subscribe:
      result = step(in_subscribe, state);
      if (from_contact(state)) result.reply = PresenceType::subscribed;
      break;
    case PresenceType::unsubscribe:
      result = step(in_unsubscribe, state);
      if (result.pass) result.reply = PresenceType::unsubscribed;
      break;
    case PresenceType::subscribed:
      result = step(in_subscribed, state);
      break;
    default:
      result = step(in_unsubscribed, state);
      break;
  }
  return result;
}

bool pending_in(Subscription state) {
  return state == none_in || state == none_out_in || state == to_in;
}
bool pending_out(Subscription state) {
  return state == none_out || state == none_out_in || state == from_out;
}
bool to_contact(Subscription state) { return state == to || state == to_in || state == both; }
bool from_contact(Subscription state) {
  return state == from || state == from_out || state == both;
}

Subscription subscription_of(bool is_to, bool is_from, bool ask, bool request) {
  if (is_to && is_from) return both;
  if (is_to) return request ? to_in : to;
  if (is_from) return ask ? from_out : from;
  if (ask) return request ? none_out_in : none_out;
  return request ? none_in : none;
}

}  // namespace xbus::server
