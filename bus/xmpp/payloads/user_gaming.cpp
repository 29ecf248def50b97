#include "bus/xmpp/payloads/user_gaming.hpp"

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

constexpr auto fields = [](auto& in, auto& user_gaming) {
  in.text("character_name", user_gaming.character_name);
  in.uri("character_profile", user_gaming.character_profile);
  in.text("level", user_gaming.level);
  in.text("name", user_gaming.name);
  in.text("server_address", user_gaming.server_address);
  in.text("server_name", user_gaming.server_name);
  in.uri("uri", user_gaming.uri);
};

}  // namespace

xml::Element to_element(const UserGaming& user_gaming) {
  return write_payload(user_gaming, "game", ns_gaming, fields);
}

Result<UserGaming, PayloadError> user_gaming_from(const xml::Element& element) {
  return read_payload<UserGaming>(element, "game", ns_gaming, [](auto& in, auto& user_gaming) {
    fields(in, user_gaming);
    if (!in.is_empty()) in.need("name", !user_gaming.name.empty());
  });
}

}  // namespace xbus::xmpp
