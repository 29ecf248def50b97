#include "bus/xmpp/payloads/avatar_metadata.hpp"

#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"
#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

constexpr Whole pixels = {.least = 1, .most = 65'535};

constexpr auto info_fields = [](auto& in, auto& info) {
  in.look_in(Place::attribute);
  in.whole("bytes", info.bytes, {.least = 1});
  in.text("id", info.id);
  in.text("type", info.type);
  in.uri("url", info.url);
  in.whole("width", info.width, pixels);
  in.whole("height", info.height, pixels);
};

void read_info(PayloadReader& in, AvatarInfo& info) {
  info_fields(in, info);
  in.need("bytes", info.bytes.has_value());
  in.need("id", !info.id.empty());
  in.need("type", !info.type.empty());
  const auto digest = crypto::hex_decode(info.id);
  if (!digest || digest->size() != crypto::digest_bytes(crypto::Hash::sha1))
    return in.fail(PayloadFault::malformed, "id");
  info.id = crypto::hex_encode(*digest);
  if (!info.type.starts_with("image/") && !info.type.starts_with("video/"))
    in.fail(PayloadFault::malformed, "type");
}

}  // namespace

std::string avatar_id(std::string_view image) {
  return crypto::hex_encode(crypto::digest(crypto::Hash::sha1, image));
}

xml::Element to_element(const AvatarMetadata& metadata) {
  return write_payload(metadata, "metadata", ns_avatar_metadata, [](auto& out, const auto& value) {
    out.list("info", value.infos, info_fields);
  });
}

Result<AvatarMetadata, PayloadError> avatar_metadata_from(const xml::Element& element) {
  return read_payload<AvatarMetadata>(
      element, "metadata", ns_avatar_metadata,
      [](auto& in, auto& metadata) { in.list("info", metadata.infos, read_info); });
}

}  // namespace xbus::xmpp
