#include "bus/net/certificate_names.hpp"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "bus/net/socket.hpp"
#include "bus/xmpp/precis_alabel.hpp"

namespace xbus::net {

namespace {

std::string text_of(const ASN1_STRING* string) {
  unsigned char* utf8 = nullptr;
  auto size = ASN1_STRING_to_UTF8(&utf8, string);
  if (size < 0) return {};
  std::string text(reinterpret_cast<char*>(utf8), size_t(size));
  OPENSSL_free(utf8);
  // A name with a NUL inside is a trick (one reader sees the first half); no name at all is safe.
  return text.find('\0') == std::string::npos ? text : std::string();
}

std::string text_of_oid(const ASN1_OBJECT* oid) {
  std::array<char, 128> text{};
  OBJ_obj2txt(text.data(), int(text.size()), oid, 1);
  return text.data();
}

void add_other_name(CertificateNames& names, const OTHERNAME& other) {
  if (!other.value) return;
  auto type = other.value->type;
  if (type != V_ASN1_UTF8STRING && type != V_ASN1_IA5STRING && type != V_ASN1_PRINTABLESTRING) return;
  auto oid = text_of_oid(other.type_id);
  auto text = text_of(other.value->value.asn1_string);
  if (text.empty()) return;
  if (oid == "1.3.6.1.5.5.7.8.5") names.xmpp_addrs.push_back(text);
  if (oid == "1.3.6.1.5.5.7.8.7") names.srv.push_back(text);
}

void add_address(CertificateNames& names, const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  auto family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  if (ASN1_STRING_length(bytes) != (family == AF_INET ? 4 : 16)) return;
  inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), socklen_t(text.size()));
  names.addresses.push_back(text.data());
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view without_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// RFC 6125 section 6.4.3, its strict reading: "*" alone as the first label.
bool dns_matches(std::string_view pattern, std::string_view domain) {
  pattern = without_dot(pattern);
  if (!pattern.starts_with("*.")) return same(pattern, domain);
  auto dot = domain.find('.');
  if (dot == 0 || dot == std::string_view::npos) return false;
  // At least two labels behind the wildcard: "*.org" is no host's name.
  if (pattern.find('.', 2) == std::string_view::npos) return false;
  return same(pattern.substr(1), domain.substr(dot));
}

}  // namespace

CertificateNames names_of(const x509_st* certificate) {
  CertificateNames names;
  std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> alternatives(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    auto* name = sk_GENERAL_NAME_value(alternatives.get(), i);
    if (name->type == GEN_DNS) {
      auto text = text_of(name->d.dNSName);
      if (!text.empty()) names.dns.push_back(std::move(text));
    } else if (name->type == GEN_OTHERNAME) {
      add_other_name(names, *name->d.otherName);
    } else if (name->type == GEN_IPADD) {
      add_address(names, name->d.iPAddress);
    }
  }
  auto* subject = X509_get_subject_name(certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
    names.common_name = text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  }
  return names;
}

bool names_domain(const CertificateNames& names, std::string_view domain) {
  if (auto address = SocketAddress::ip(domain, 0)) {
    return std::any_of(names.addresses.begin(), names.addresses.end(), [&](const auto& text) {
      auto other = SocketAddress::ip(text, 0);
      return other && other->text() == address->text();
    });
  }
  auto ascii = xmpp::precis::to_a_labels(without_dot(domain));
  if (!ascii) return false;
  for (auto& name : names.dns) {
    if (dns_matches(name, *ascii)) return true;
  }
  constexpr std::string_view service = "_xmpp-client.";
  for (auto& name : names.srv) {
    if (name.size() > service.size() && same(name.substr(0, service.size()), service) &&
        dns_matches(std::string_view(name).substr(service.size()), *ascii)) {
      return true;
    }
  }
  for (auto& name : names.xmpp_addrs) {
    auto other = xmpp::precis::to_a_labels(without_dot(name));
    if (other && same(*other, *ascii)) return true;
  }
  auto none = names.dns.empty() && names.srv.empty() && names.xmpp_addrs.empty() && names.addresses.empty();
  return none && !names.common_name.empty() && dns_matches(names.common_name, *ascii);
}

}  // namespace xbus::net
