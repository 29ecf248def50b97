// SRV records and the order in which their targets are tried (RFC 2782, RFC 6120 section 3.2.1, XEP-0368).
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace xbus::net {

struct SrvTarget {
  std::string host;
  uint16_t port = 0;
  uint16_t priority = 0;
  uint16_t weight = 0;
  bool direct_tls = false;  // from an _xmpps-client record

  bool operator==(const SrvTarget&) const = default;
};

// What a lookup of one name gave.
struct SrvAnswer {
  enum class Kind {
    found,    // `targets` holds at least one
    none,     // no such records
    refused,  // the one record is ".": the service is decidedly not there (CORE-01)
    failed,   // no answer, or one that cannot be read
  } kind = Kind::failed;
  std::vector<SrvTarget> targets = {};
};

// Lower priorities first, and within one priority at random in proportion to the weights. `random` draws from
// 0..bound, both included.
std::vector<SrvTarget> ordered(std::vector<SrvTarget> targets,
                               const std::function<uint32_t(uint32_t bound)>& random);

// Both lookups of a domain as one: the records of both together. Refused when one is and the other has none; failed
// only when both are.
SrvAnswer merged(SrvAnswer xmpp, SrvAnswer xmpps);

}  // namespace xbus::net
