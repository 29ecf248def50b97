// What a server's certificate says of itself, and why it was not accepted: for whoever has to mend it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "bus/clock.hpp"

struct x509_st;

namespace xbus::net {

enum class CertificateFault : uint8_t {
  none,            // it was accepted
  expired,
  not_yet_valid,
  other_name,      // none of its names is the domain that was asked for
  unknown_issuer,  // nobody whom we trust has issued it
  other_pin,       // neither it nor what it came with has the pinned fingerprint
  other,           // what the TLS library said
};

// A value. All texts but the fingerprint are the peer's own words, so not safe to show as they are.
struct ShownCertificate {
  CertificateFault fault = CertificateFault::none;
  std::string subject, issuer;     // the common name, or the whole name where it has none
  std::vector<std::string> names;  // of servers and addresses that it is for
  Timestamp not_before{}, not_after{};
  std::string fingerprint;         // SHA-256, hex
  // The subject of the issuer further up that is at fault, whose the dates are then; empty: the certificate itself.
  std::string culprit;
  bool operator==(const ShownCertificate&) const = default;
};

// Of the certificate; `fault` and `culprit` are left as they are.
ShownCertificate shown_certificate(const x509_st* certificate);
// As shown_certificate(), refused because of `at_fault`, a link of its chain or the certificate itself, with an
// X509_V_ERR_ code.
ShownCertificate refused_certificate(const x509_st* certificate, const x509_st* at_fault, int error);

}  // namespace xbus::net
