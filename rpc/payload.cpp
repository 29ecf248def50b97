#include "rpc/payload.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "rpc/jabber_rpc_value.hpp"
#include "rpc/json.hpp"
#include "rpc/xmlrpc_text.hpp"

namespace xbus {

namespace {

using jabber_rpc::Dialect;

// The <value/> of a payload in our XML form: the element itself, or the only one inside an <event/>.
const xml::Element* value_element(const xml::Element& payload) {
  if (payload.is("value", jabber_rpc::ns)) return &payload;
  if (payload.name() != "event") return nullptr;
  const auto inside = jabber_rpc::only_elements(payload);
  if (!inside || inside->size() != 1 || !inside->front()->is("value", jabber_rpc::ns)) return nullptr;
  return inside->front();
}

// The bytes may be broken over lines by whoever wrote them.
std::optional<Bytes> bytes_of(std::string_view base64) { return xmlrpc::read_bytes(base64); }

}  // namespace

Result<xml::Element, Fault> write_payload(const Value& value, PayloadForm form, std::string_view type) {
  if (form == PayloadForm::json) {
    if (value.depth() > limits::value_depth_max)
      return Err{Fault(Fault::Kind::too_big, "the value nests too deep")};
    xml::Element json("json", ns_json);
    json.add_text(json_text(value));
    return json;
  }
  // write_value() names its element after what it is put into.
  xml::Element holder("params", jabber_rpc::ns);
  if (auto fault = jabber_rpc::write_value(holder, value, Dialect::extended)) return Err{std::move(*fault)};
  xml::Element event("event", type.empty() ? ns_event : type);
  event.add(std::move(holder.nodes().front().element.front()));
  return event;
}

xml::Element write_payload(const ProtobufPayload& message) {
  xml::Element element("protobuf", ns_protobuf);
  element.set("type", message.type);
  element.add_text(xmlrpc::write_bytes(message.bytes));
  return element;
}

Payload read_payload(const xml::Element& payload) {
  if (const xml::Element* value = value_element(payload)) {
    std::string why;
    if (auto read = jabber_rpc::read_value(*value, why)) return std::move(*read);
  } else if (payload.is("json", ns_json)) {
    if (auto read = json_value(payload.text())) return std::move(*read);
  } else if (payload.is("protobuf", ns_protobuf)) {
    if (auto bytes = bytes_of(payload.text()))
      return ProtobufPayload{std::string(payload.attr_or("type", {})), std::move(*bytes)};
  }
  return payload;
}

Value value_of(const Payload& payload) {
  if (const auto* value = std::get_if<Value>(&payload)) return *value;
  if (const auto* message = std::get_if<ProtobufPayload>(&payload))
    return Value::structure({{"type", message->type}, {"bytes", message->bytes}});
  return xml::write(std::get<xml::Element>(payload));
}

}  // namespace xbus
