#include "bus/net/shown_certificate.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <ctime>
#include <memory>

#include "bus/crypto/hex.hpp"
#include "bus/net/certificate_names.hpp"

namespace xbus::net {

namespace {

std::string text_of(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at >= 0) {
    const ASN1_STRING* common = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, common);
    if (size >= 0) {
      std::string text(reinterpret_cast<char*>(utf8), static_cast<size_t>(size));
      OPENSSL_free(utf8);
      return text;
    }
  }
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

Timestamp time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return Timestamp(std::chrono::seconds(::timegm(&parts)));
}

CertificateFault fault_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return CertificateFault::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return CertificateFault::not_yet_valid;
    case X509_V_ERR_HOSTNAME_MISMATCH:
      return CertificateFault::other_name;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    // The name of an issuer whom we know, and not its signature: another CA of that name.
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return CertificateFault::unknown_issuer;
    case X509_V_ERR_APPLICATION_VERIFICATION:
      return CertificateFault::other_pin;
    default:
      return CertificateFault::other;
  }
}

}  // namespace

ShownCertificate shown_certificate(const X509* certificate) {
  ShownCertificate out;
  if (certificate == nullptr) return out;
  out.subject = text_of(X509_get_subject_name(certificate));
  out.issuer = text_of(X509_get_issuer_name(certificate));
  const CertificateNames names = names_of(certificate);
  for (const auto* list : {&names.dns, &names.srv, &names.xmpp_addrs, &names.addresses})
    out.names.insert(out.names.end(), list->begin(), list->end());
  if (out.names.empty() && !names.common_name.empty()) out.names.push_back(names.common_name);
  out.not_before = time_of(X509_get0_notBefore(certificate));
  out.not_after = time_of(X509_get0_notAfter(certificate));
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  out.fingerprint = crypto::hex_encode({reinterpret_cast<const char*>(digest.data()), size});
  return out;
}

ShownCertificate refused_certificate(const X509* certificate, const X509* at_fault, int error) {
  ShownCertificate out = shown_certificate(certificate);
  out.fault = fault_of(error);
  const bool of_dates =
      out.fault == CertificateFault::expired || out.fault == CertificateFault::not_yet_valid;
  if (of_dates && at_fault != nullptr && at_fault != certificate) {
    const ShownCertificate link = shown_certificate(at_fault);
    out.culprit = link.subject;
    out.not_before = link.not_before;
    out.not_after = link.not_after;
  }
  return out;
}

}  // namespace xbus::net
