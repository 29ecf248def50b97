#include "bus/net/make_ca.hpp"

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "bus/crypto/hex.hpp"
#include "bus/crypto/random.hpp"
#include "bus/net/certificate_names.hpp"
#include "bus/net/descriptor.hpp"
#include "bus/xmpp/precis_alabel.hpp"

namespace xbus::net {

namespace {

constexpr int ca_days = 3650;
constexpr int server_days = 397;
constexpr int renew_days = 30;
constexpr int64_t day_seconds = 24 * 60 * 60;

template <auto free>
struct Free {
  template <class T>
  void operator()(T* it) const {
    free(it);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;

int64_t seconds_of(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  auto size = BIO_get_mem_data(bio, &bytes);
  return {bytes, size_t(size)};
}

std::string pem_of(EVP_PKEY* key) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio.get());
}

std::string pem_of(X509* certificate) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

Certificate read_certificate(const std::string& file) {
  Bio bio(BIO_new_file(file.c_str(), "r"));
  if (!bio) return {};
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

Key read_key(const std::string& file) {
  Bio bio(BIO_new_file(file.c_str(), "r"));
  if (!bio) return {};
  return Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  if (auto* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())) {
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
}

// A certificate with what every one has; the caller adds its extensions and signs.
Certificate begin_certificate(EVP_PKEY* key, const std::string& name, int64_t now, int days) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  auto serial = crypto::random_bytes(16);
  serial[0] = char(serial[0] & 0x7f);  // positive
  std::unique_ptr<BIGNUM, Free<BN_free>> number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(serial.data()), int(serial.size()), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
  // An hour back: clocks of other machines differ.
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), time_t(now - 3600));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), time_t(now + days * day_seconds));
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.data()), int(name.size()), -1, 0);
  return certificate;
}

Certificate make_authority(EVP_PKEY* key, int64_t now) {
  auto certificate = begin_certificate(key, "xbus CA " + crypto::hex_encode(crypto::random_bytes(4)), now, ca_days);
  auto* it = certificate.get();
  X509_set_issuer_name(it, X509_get_subject_name(it));
  add_extension(it, it, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(it, it, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(it, it, NID_subject_key_identifier, "hash");
  X509_sign(it, key, EVP_sha256());
  return certificate;
}

Certificate make_server(EVP_PKEY* key, X509* ca, EVP_PKEY* ca_key, const std::string& domain, int64_t now) {
  auto certificate = begin_certificate(key, domain.substr(0, 64), now, server_days);
  auto* it = certificate.get();
  X509_set_issuer_name(it, X509_get_subject_name(ca));
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  if (domain != "localhost") names = "DNS:" + domain + ",DNS:services." + domain + "," + names;
  add_extension(it, ca, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(it, ca, NID_key_usage, "critical,digitalSignature");
  add_extension(it, ca, NID_ext_key_usage, "serverAuth,clientAuth");
  add_extension(it, ca, NID_subject_alt_name, names);
  add_extension(it, ca, NID_subject_key_identifier, "hash");
  add_extension(it, ca, NID_authority_key_identifier, "keyid");
  X509_sign(it, ca_key, EVP_sha256());
  return certificate;
}

std::string failure(const std::string& file) { return file + ": " + std::strerror(errno); }

// Whole or not at all: written beside it, then renamed over it.
Result<void, std::string> write_file(const std::string& file, std::string_view bytes, mode_t mode) {
  auto beside = file + ".new";
  ::unlink(beside.c_str());
  Descriptor out(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!out) return Err{failure(beside)};
  while (!bytes.empty()) {
    auto done = ::write(out.get(), bytes.data(), bytes.size());
    if (done < 0) return Err{failure(beside)};
    bytes.remove_prefix(size_t(done));
  }
  if (::fchmod(out.get(), mode) != 0 || ::fsync(out.get()) != 0) return Err{failure(beside)};
  if (::rename(beside.c_str(), file.c_str()) != 0) return Err{failure(file)};
  return {};
}

std::string fingerprint(const X509* certificate) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  return crypto::hex_encode({reinterpret_cast<char*>(digest.data()), size});
}

bool still_good(X509* server, EVP_PKEY* key, X509* ca, const std::string& domain, int64_t now) {
  if (!server || !key || X509_check_private_key(server, key) != 1) return false;
  std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> issuer(X509_get_pubkey(ca));
  if (X509_verify(server, issuer.get()) != 1) return false;
  auto soon = time_t(now + renew_days * day_seconds);
  if (X509_cmp_time(X509_get0_notAfter(server), &soon) < 0) return false;
  return names_domain(names_of(server), domain);
}

}  // namespace

Result<MadeCa, std::string> make_ca(const std::string& folder, std::string_view domain, Timestamp wall) {
  auto ascii = xmpp::precis::to_a_labels(domain);
  // The name goes into a list that commas and colons divide; such characters are in no domain name.
  if (!ascii || ascii->find_first_of(",:;= \n") != std::string::npos) {
    return Err{"no certificate can be made for " + std::string(domain)};
  }
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return Err{failure(folder)};
  auto now = seconds_of(wall);
  MadeCa made{folder + "/ca.pem", folder + "/server.pem", folder + "/server.key", {}, false};
  auto ca_key_file = folder + "/ca.key";
  auto ca = read_certificate(made.ca_file);
  auto ca_key = read_key(ca_key_file);
  if (!ca || !ca_key || X509_check_private_key(ca.get(), ca_key.get()) != 1) {
    if (::access(made.ca_file.c_str(), F_OK) == 0) {
      return Err{made.ca_file + " and " + ca_key_file + " do not belong together or cannot be read"};
    }
    ca_key.reset(EVP_EC_gen("P-256"));
    ca = make_authority(ca_key.get(), now);
    if (auto written = write_file(ca_key_file, pem_of(ca_key.get()), 0600); !written) return Err{written.error()};
    if (auto written = write_file(made.ca_file, pem_of(ca.get()), 0644); !written) return Err{written.error()};
    made.made_ca = true;
  }
  made.fingerprint = fingerprint(ca.get());
  auto server = read_certificate(made.certificate_file);
  auto key = read_key(made.key_file);
  if (still_good(server.get(), key.get(), ca.get(), *ascii, now)) return made;
  key.reset(EVP_EC_gen("P-256"));
  server = make_server(key.get(), ca.get(), ca_key.get(), *ascii, now);
  if (auto written = write_file(made.key_file, pem_of(key.get()), 0600); !written) return Err{written.error()};
  auto chain = pem_of(server.get()) + pem_of(ca.get());
  if (auto written = write_file(made.certificate_file, chain, 0600); !written) return Err{written.error()};
  made.made = true;
  return made;
}

Result<std::string, std::string> fingerprint_of(const std::string& certificate_file) {
  auto certificate = read_certificate(certificate_file);
  if (!certificate) return Err{certificate_file + ": no certificate can be read from it"};
  return fingerprint(certificate.get());
}

}  // namespace xbus::net
