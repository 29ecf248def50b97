#include "bus/xmpp/payloads/user_chatting.hpp"

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

constexpr auto fields = [](auto& in, auto& user_chatting) {
  in.text("name", user_chatting.name);
  in.text("topic", user_chatting.topic);
  in.uri("uri", user_chatting.uri);
};

}  // namespace

xml::Element to_element(const UserChatting& user_chatting) {
  return write_payload(user_chatting, "room", ns_chatting, fields);
}

Result<UserChatting, PayloadError> user_chatting_from(const xml::Element& element) {
  return read_payload<UserChatting>(element, "room", ns_chatting,
                                    [](auto& in, auto& user_chatting) {
                                      fields(in, user_chatting);
                                      if (!in.is_empty())
                                        in.need("uri", !user_chatting.uri.empty());
                                    });
}

}  // namespace xbus::xmpp
