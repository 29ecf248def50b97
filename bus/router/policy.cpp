#include "bus/router/policy.hpp"

namespace xbus::router {

using xmpp::IqType;
using xmpp::MessageType;
using xmpp::PresenceType;

Route route_message(MessageType type, const Addressee& addressee) {
  if (addressee.account_exists && addressee.full && addressee.connected) return Route::resource;
  if (type == MessageType::error) return Route::drop;
  if (!addressee.account_exists) {
    return type == MessageType::headline ? Route::drop : Route::unavailable;
  }
  if (addressee.full) {
    if (type == MessageType::headline) return Route::drop;
    if (type != MessageType::chat) return Route::unavailable;
    return addressee.any_non_negative ? Route::most_available : Route::offline;
  }
  switch (type) {
    case MessageType::groupchat:
      return Route::unavailable;
    case MessageType::headline:
      return addressee.any_non_negative ? Route::all_non_negative : Route::drop;
    default:
      return addressee.any_non_negative ? Route::most_available : Route::offline;
  }
}

Route route_iq(IqType type, const Addressee& addressee) {
  bool request = type == IqType::get || type == IqType::set;
  if (!addressee.account_exists) return request ? Route::unavailable : Route::drop;
  if (!addressee.full) return request ? Route::account : Route::drop;
  if (addressee.connected) return Route::resource;
  return request ? Route::unavailable : Route::drop;
}

Route route_presence(PresenceType type, const Addressee& addressee) {
  switch (type) {
    case PresenceType::available:
    case PresenceType::unavailable:
      if (!addressee.account_exists) return Route::drop;
      if (addressee.full) return addressee.connected ? Route::resource : Route::drop;
      return addressee.any_available ? Route::all_available : Route::drop;
    case PresenceType::error:
      return addressee.full && addressee.connected ? Route::resource : Route::drop;
    case PresenceType::probe:
      return Route::account;
    case PresenceType::subscribe:
      return addressee.account_exists ? Route::account : Route::drop;
    case PresenceType::subscribed:
    case PresenceType::unsubscribe:
    case PresenceType::unsubscribed:
      if (!addressee.account_exists) return Route::drop;
      return addressee.full && !addressee.connected ? Route::drop : Route::account;
  }
  return Route::drop;
}

}  // namespace xbus::router
