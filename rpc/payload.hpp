// Payload: what an item of a topic carries, and the forms in which it stands on the wire.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "rpc/fault.hpp"
#include "rpc/value.hpp"

namespace xbus {

// Of the <event/> around a value where the topic names no type of its own.
inline constexpr std::string_view ns_event = "urn:xbus:event:0";
inline constexpr std::string_view ns_json = "urn:xmpp:json:0";  // XEP-0335
inline constexpr std::string_view ns_protobuf = "urn:xbus:protobuf:0";

// A message of Protocol Buffers as its bytes, with the full name of its type.
struct ProtobufPayload {
  std::string type;  // "billing.Invoice"
  Bytes bytes;
  bool operator==(const ProtobufPayload&) const = default;
};

// A payload that is none of our forms stays the element that it is.
using Payload = std::variant<Value, ProtobufPayload, xml::Element>;

// How a Value is written.
enum class PayloadForm : uint8_t {
  xml,   // <event xmlns='TYPE'><value xmlns='jabber:iq:rpc'>...</value></event>
  json,  // <json xmlns='urn:xmpp:json:0'>TEXT</json>
};

// `type` is the namespace of the <event/>; empty: ns_event. Faults as jabber_rpc::write_call has them: invalid for what
// XML cannot carry, too_big for nesting.
Result<xml::Element, Fault> write_payload(const Value& value, PayloadForm form = PayloadForm::xml,
                                          std::string_view type = {});
// <protobuf xmlns='urn:xbus:protobuf:0' type='NAME'>BASE64</protobuf>
xml::Element write_payload(const ProtobufPayload& message);

// Reads any of the forms, whatever namespace an <event/> has. An element that looks like one of them and cannot be read
// stays an Element.
Payload read_payload(const xml::Element& payload);

// The payload as one Value, for JSON lines and dynamic handlers: a protobuf as {"type", "bytes"}, an element as the
// text of its XML.
Value value_of(const Payload& payload);

}  // namespace xbus
