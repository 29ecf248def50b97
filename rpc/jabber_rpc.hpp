// Jabber-RPC (XEP-0009): calls and answers as XML-RPC in an iq. Pure: elements in, values out.
//
// Two dialects. Toward strict peers it is XEP-0009 and nothing else: an int64 is a string of its decimal digits, nil
// is a Fault (the result of a method that returns nothing is boolean true), a timestamp ends at the second. Peers that
// have the feature urn:xbus:call:0 also read <i8/>, <nil/>, fractions of a second and the metadata. Reading takes both.
#pragma once
#include <string>
#include <string_view>
#include <variant>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/error.hpp"
#include "rpc/fault.hpp"
#include "rpc/metadata.hpp"
#include "rpc/value.hpp"

namespace xbus::jabber_rpc {

inline constexpr std::string_view ns = "jabber:iq:rpc";

enum class Dialect : uint8_t { strict, extended };

struct Request {
  std::string method;
  Value::Array args;
  Metadata metadata;
  Dialect dialect = Dialect::strict;  // what the sender reads
  bool operator==(const Request&) const = default;
};

// <query/> of a call. A Fault of kind invalid for what the dialect cannot carry: a method name outside RPC-10, a string
// with characters outside XML 1.0 (send Bytes), nil to a strict peer, a year outside 1 to 9999; of kind too_big for
// nesting that a receiver's parser would refuse with the whole stream.
Result<xml::Element, Fault> write_call(const Request& request);

// <query/> of an answer that is a value; the same faults.
Result<xml::Element, Fault> write_result(const Value& value, Dialect dialect);

// <query/> of an answer that is a fault. To extended peers it also says the row of the table, which the code alone
// does not always tell, and the details.
xml::Element write_fault(const Fault& fault, Dialect dialect);

// What is wrong with a request: a stanza error where it is no Jabber-RPC at all (a wrong child, a wrong type), a fault
// -32700 where the XML-RPC inside is not well-formed.
using Refusal = std::variant<xmpp::StanzaError, Fault>;

// Reads a call from an iq whose first child is <query/>.
Result<Request, Refusal> read_call(const xml::Element& iq);
// The same from the <query/> itself, for calls that travel in a message of ours.
Result<Request, Refusal> read_query(const xml::Element& query);

// Reads the answer to a call: the value, the service's fault, or what an iq of type error means. An answer that is
// no Jabber-RPC is a Fault of kind failed.
Result<Value, Fault> read_answer(const xml::Element& iq);

}  // namespace xbus::jabber_rpc
