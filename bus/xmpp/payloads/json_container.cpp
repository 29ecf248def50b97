#include "bus/xmpp/payloads/json_container.hpp"

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

constexpr auto fields = [](auto& in, auto& json_container) {
  in.look_in(Place::own_text);
  in.text("json", json_container.text, limits::payload_json_bytes_max);
};

}  // namespace

xml::Element to_element(const JsonContainer& json_container) {
  return write_payload(json_container, "json", ns_json, fields);
}

Result<JsonContainer, PayloadError> json_container_from(const xml::Element& element) {
  return read_payload<JsonContainer>(element, "json", ns_json, [&](auto& in, auto& read) {
    if (element.element_count() != 0) in.fail(PayloadFault::malformed, "json");
    fields(in, read);
    in.need("json", read.text.find_first_not_of(" \t\r\n") != std::string::npos);
  });
}

}  // namespace xbus::xmpp
