#include "bus/xmpp/payloads/nickname.hpp"

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

constexpr auto fields = [](auto& in, auto& nickname) { as_own_text(in, nickname.name); };

}  // namespace

xml::Element to_element(const Nickname& nickname) {
  return write_payload(nickname, "nick", ns_nick, fields);
}

Result<Nickname, PayloadError> nickname_from(const xml::Element& element) {
  return read_payload<Nickname>(element, "nick", ns_nick, fields);
}

}  // namespace xbus::xmpp
