// <value/> of Jabber-RPC: a Value as an element and back.
#pragma once
#include <optional>
#include <string>

#include "bus/limits.hpp"
#include "bus/xml/element.hpp"
#include "rpc/jabber_rpc.hpp"

namespace xbus::jabber_rpc {

// Each level of nesting is three elements (value, struct, member); iq, query, methodCall, params, param, the innermost
// value and its type are around them. Deeper values would cost the sender its stream.
inline constexpr size_t depth_max = (limits::xml_depth_max - 7) / 3 + 1;
static_assert(depth_max <= limits::value_depth_max);

// Adds <value/> to `parent`. Gives the Fault when the dialect cannot carry it.
std::optional<Fault> write_value(xml::Element& parent, const Value& value, Dialect dialect);

// Reads a <value/>; nullopt when it is not well-formed, with the reason in `why`.
std::optional<Value> read_value(const xml::Element& value, std::string& why);

// The child elements, when there is nothing else inside but white space.
std::optional<std::vector<const xml::Element*>> only_elements(const xml::Element& parent);

}  // namespace xbus::jabber_rpc
