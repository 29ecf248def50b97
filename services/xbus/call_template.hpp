// A request to fill in, derived from a method's description, in the form of whoever will send it.
#pragma once
#include <string>

#include "bus/xmpp/jid.hpp"
#include "rpc/description.hpp"
#include "rpc/value.hpp"

namespace xbus::cli {

// What a type holds before anybody has filled it in: zero, false, empty text, the first value of an
// enumeration, one element of a list or map, the members of a structure. An optional is nil. A
// structure inside itself ends in an empty list or map, or nil.
Value empty_value(const Type& type, const Types& types);

// Indented JSON, an object by the parameters' names, as `xbus call --json -` takes it.
std::string json_template(const MethodDescription& method, const Types& types);

// A line for a shell: xbus call SERVICE METHOD and an argument a parameter, quoted where it must
// be.
std::string command_template(const std::string& service, const MethodDescription& method,
                             const Types& types);

// The iq that carries the call by Jabber-RPC (XEP-0009) to the service's address, one element a
// line. Optional parameters at the end and optional members are left out: the XML-RPC of a strict
// peer has no word for nil.
std::string xml_template(const xmpp::Jid& to, const MethodDescription& method, const Types& types);

// A line for grpcurl, by the protobuf description that the service gives (rpc/describe.hpp).
std::string grpcurl_template(const Description& description, const MethodDescription& method);

// A word as sh takes it: in single quotes unless it is plain.
std::string shell_word(const std::string& word);

}  // namespace xbus::cli
