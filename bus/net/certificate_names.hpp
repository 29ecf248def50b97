// The names in a certificate, and whether one of them is the domain that was asked for (RFC 6125, RFC 6120 section
// 13.7).
#pragma once
#include <string>
#include <string_view>
#include <vector>

struct x509_st;

namespace xbus::net {

struct CertificateNames {
  std::vector<std::string> dns;         // DNS-ID, as written
  std::vector<std::string> srv;         // SRV-ID: "_xmpp-client.example.org" (RFC 4985)
  std::vector<std::string> xmpp_addrs;  // id-on-xmppAddr
  std::vector<std::string> addresses;   // IP addresses as text
  std::string common_name;              // looked at only when none of the above is there
};

CertificateNames names_of(const x509_st* certificate);

// Whether the names stand for `domain` as the XMPP server of clients. A wildcard is only a whole first label and
// stands for exactly one label; an address matches only an address.
bool names_domain(const CertificateNames& names, std::string_view domain);

}  // namespace xbus::net
