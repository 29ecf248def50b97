// Metadata: what goes along with a call beside its arguments. Attributes in a namespace of ours on the call's element,
// sent only to peers that have the feature.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"

namespace xbus {

// The namespace, and the feature in disco#info of an entity that reads it.
inline constexpr std::string_view ns_call = "urn:xbus:call:0";

struct Metadata {
  // Time left when the call was sent, in whole milliseconds on the wire; the callee counts from arrival. Above
  // limits::call_time_max it is cut to that.
  std::optional<Duration> deadline;
  std::string traceparent, tracestate;  // W3C Trace Context
  std::string key;                      // idempotency key: the work of one key is done once
  std::string on_behalf_of;             // JID of the caller proper; believed from registries and bridges only
  std::string id;                       // names the call in a <cancel/>; without it the id of the iq does
  bool strict = false;                  // a relay speaks for a caller that reads XEP-0009 and nothing else
  bool operator==(const Metadata&) const = default;
};

// Nothing is written for what is absent, except that `deadline` is always there: it tells the callee that the caller
// has the feature.
void write_metadata(xml::Element& query, const Metadata& metadata);

// nullopt when an attribute of ours is not as it should be: a deadline that is no number, a value above
// limits::metadata_bytes_max.
std::optional<Metadata> read_metadata(const xml::Element& query);

// Whether the sender has the feature: some attribute of ours is there.
bool has_metadata(const xml::Element& query);

}  // namespace xbus
