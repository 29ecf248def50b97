// User Chatting (XEP-0194): the chatroom that somebody is in.
#pragma once
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_chatting = "urn:xmpp:chatting:0";

// All empty: the room was left.
struct UserChatting {
  std::string name, topic;
  std::string uri;  // of the room; empty only where all is
  bool operator==(const UserChatting&) const = default;
};

xml::Element to_element(const UserChatting& user_chatting);
// Errors: other_element, missing or malformed for uri, too_long, too_many.
Result<UserChatting, PayloadError> user_chatting_from(const xml::Element& element);

}  // namespace xbus::xmpp
