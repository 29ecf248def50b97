#include "bus/xmpp/payloads/avatar_data.hpp"

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

constexpr auto fields = [](auto& in, auto& avatar_data) {
  in.look_in(Place::own_text);
  in.bytes("data", avatar_data.image);
};

}  // namespace

xml::Element to_element(const AvatarData& avatar_data) {
  return write_payload(avatar_data, "data", ns_avatar_data, fields);
}

Result<AvatarData, PayloadError> avatar_data_from(const xml::Element& element) {
  return read_payload<AvatarData>(element, "data", ns_avatar_data, [](auto& in, auto& avatar_data) {
    fields(in, avatar_data);
    in.need("data", !avatar_data.image.empty());
  });
}

}  // namespace xbus::xmpp
