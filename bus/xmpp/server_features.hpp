// The stream features a server announces (RFC 6120 section 4.3.2), as a table: what each needs and
// what forbids it.
#pragma once
#include <cstdint>
#include <vector>

#include "bus/xml/element.hpp"
#include "bus/xmpp/sasl_server.hpp"

namespace xbus::xmpp {

// Where a stream stands.
enum StreamFact : uint32_t {
  tls_possible = 1u << 0,  // STARTTLS can be had on it
  tls_missing = 1u << 1,   // and must be had first: nothing else is announced (section 5.3.1)
  can_bind_channel = 1u << 2,
  authenticated = 1u << 3,
  can_manage = 1u << 4,  // stream management is to be had
  sheltered = 1u << 5,   // by TLS or the kernel: SASL2 may be used (XEP-0388 section 2.1)
  bound = 1u << 6,       // a resource is
};

struct FeatureContext {
  uint32_t facts = 0;                // StreamFact bits
  const SaslServer* sasl = nullptr;  // until authenticated
  size_t stanza_bytes = 0;           // the largest that the stream takes from now on
};

std::vector<xml::Element> features_for(const FeatureContext& context);

}  // namespace xbus::xmpp
