#include "bus/net/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "bus/limits.hpp"
#include "bus/net/certificate_names.hpp"
#include "bus/net/socket.hpp"
#include "bus/xmpp/precis_alabel.hpp"

namespace xbus::net {

// A BIO that reads from the session's input and writes to its output, so that the library keeps no copies.
struct TlsBio {
  static TlsSession& session(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, size_t size, size_t* taken) {
    auto& input = session(bio).input_;
    BIO_clear_retry_flags(bio);
    if (input.empty()) {
      BIO_set_retry_read(bio);
      return 0;
    }
    *taken = std::min(size, input.size());
    std::memcpy(into, input.data(), *taken);
    input.remove_prefix(*taken);
    return 1;
  }
  static int write(BIO* bio, const char* from, size_t size, size_t* taken) {
    BIO_clear_retry_flags(bio);
    session(bio).output_.append(from, size);
    *taken = size;
    return 1;
  }
  static long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
  }
  static const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
      auto* it = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "xbus session");
      BIO_meth_set_read_ex(it, read);
      BIO_meth_set_write_ex(it, write);
      BIO_meth_set_ctrl(it, control);
      return it;
    }();
    return made;
  }
};

TlsSession::TlsSession(std::shared_ptr<TlsContext> context, std::string_view server_name)
    : context_(std::move(context)), ssl_(SSL_new(context_->native())), server_name_(server_name) {
  if (!ssl_) {
    fail();
    return;
  }
  SSL_set_app_data(ssl_, this);
  auto* bio = BIO_new(TlsBio::method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  if (context_->is_server()) {
    SSL_set_accept_state(ssl_);
    return;
  }
  SSL_set_connect_state(ssl_);
  // RFC 6066 section 3: names in A-labels, never addresses.
  auto name = server_name_;
  if (name.ends_with('.')) name.pop_back();
  auto ascii = xmpp::precis::to_a_labels(name);
  if (ascii && !SocketAddress::ip(*ascii, 0)) SSL_set_tlsext_host_name(ssl_, ascii->c_str());
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

namespace {

// What stands behind "TLS fails", for a person; empty where the library's own reason says as much.
std::string why_in_words(std::string_view reason) {
  const auto has = [reason](std::string_view part) { return reason.find(part) != reason.npos; };
  if (has("wrong version number") || has("http request")) return ": what answers does not speak it";
  if (has("alert") && (has("certificate") || has("unknown ca"))) return ": the other side refuses the certificate";
  if (has("alert") && has("version")) return ": the other side wants another version of it";
  if (has("unexpected eof")) return ": the other side ended the connection";
  if (has("no shared cipher") || has("handshake failure")) return ": the two sides have no cipher in common";
  return {};
}

}  // namespace

void TlsSession::fail() {
  failed_ = true;
  auto code = ERR_get_error();
  ERR_clear_error();
  if (!error_.empty()) return;  // the verification said it better
  auto* reason = code ? ERR_reason_error_string(code) : nullptr;
  error_ = reason ? "TLS fails" + why_in_words(reason) + " (" + reason + ")" : "TLS fails";
}

TlsSession::Step TlsSession::handshake() {
  if (failed_) return Step::failed;
  ERR_clear_error();
  auto done = SSL_do_handshake(ssl_);
  if (done == 1) return Step::done;
  if (SSL_get_error(ssl_, done) == SSL_ERROR_WANT_READ) return Step::more;
  fail();
  return Step::failed;
}

size_t TlsSession::read(std::span<char> into) {
  if (failed_ || ended_) return 0;
  // The library would find nothing, and take and give back a buffer for it.
  if (input_.empty() && SSL_pending(ssl_) == 0) return 0;
  ERR_clear_error();
  size_t size = 0;
  auto done = SSL_read_ex(ssl_, into.data(), into.size(), &size);
  if (done == 1) return size;
  switch (SSL_get_error(ssl_, done)) {
    case SSL_ERROR_WANT_READ: break;
    case SSL_ERROR_ZERO_RETURN: ended_ = true; break;
    default: fail();
  }
  return 0;
}

size_t TlsSession::write(std::span<const std::string_view> pieces) {
  if (failed_) return 0;
  while (!pieces.empty() && pieces.front().empty()) pieces = pieces.subspan(1);
  if (pieces.empty()) return 0;
  std::array<char, limits::tls_record_bytes_max> record;
  auto plain = pieces.front().substr(0, limits::tls_record_bytes_max);
  if (plain.size() < limits::tls_record_bytes_max && pieces.size() > 1) {
    size_t size = 0;
    for (auto piece : pieces) {
      auto part = piece.substr(0, record.size() - size);
      std::memcpy(record.data() + size, part.data(), part.size());
      size += part.size();
      if (size == record.size()) break;
    }
    plain = {record.data(), size};
  }
  ERR_clear_error();
  size_t taken = 0;
  if (SSL_write_ex(ssl_, plain.data(), plain.size(), &taken) != 1) {
    fail();
    return 0;
  }
  return taken;
}

void TlsSession::goodbye() {
  if (failed_ || !SSL_is_init_finished(ssl_)) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

namespace {

// RFC 5929 section 4.1: the hash of the certificate's signature, SHA-256 in place of MD5 and SHA-1.
std::string end_point_hash(const X509* certificate) {
  if (!certificate) return {};
  int digest_id = NID_undef;
  OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest_id, nullptr);
  const EVP_MD* digest = nullptr;
  if (digest_id == NID_md5 || digest_id == NID_sha1) {
    digest = EVP_sha256();
  } else if (digest_id != NID_undef) {
    digest = EVP_get_digestbynid(digest_id);
  } else {
    // RSA-PSS holds its hash in its parameters; EdDSA has none, and the binding is undefined.
    EVP_MD* found = nullptr;
    int fallback = 0;
    auto* bytes = X509_digest_sig(certificate, &found, &fallback);
    std::string hash;
    if (bytes && !fallback) {
      hash.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(bytes)),
                  size_t(ASN1_STRING_length(bytes)));
    }
    ASN1_OCTET_STRING_free(bytes);
    EVP_MD_free(found);
    return hash;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (!digest || X509_digest(certificate, digest, hash.data(), &size) != 1) return {};
  return {reinterpret_cast<char*>(hash.data()), size};
}

// RFC 9266: TLS 1.3, or 1.2 with the extended master secret; a context of no bytes, which is not the same as none.
std::string exporter_of(SSL* ssl) {
  if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) return {};
  constexpr std::string_view label = "EXPORTER-Channel-Binding";
  std::array<unsigned char, 32> key{};
  const unsigned char none = 0;
  if (SSL_export_keying_material(ssl, key.data(), key.size(), label.data(), label.size(), &none, 0, 1) != 1) {
    return {};
  }
  return {reinterpret_cast<char*>(key.data()), key.size()};
}

}  // namespace

TlsFacts TlsSession::facts() const {
  TlsFacts facts;
  facts.version = SSL_get_version(ssl_);
  const unsigned char* alpn = nullptr;
  unsigned alpn_size = 0;
  SSL_get0_alpn_selected(ssl_, &alpn, &alpn_size);
  if (alpn) facts.alpn.assign(reinterpret_cast<const char*>(alpn), alpn_size);
  if (auto* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name)) facts.server_name = name;
  facts.exporter = exporter_of(ssl_);
  auto* server = context_->is_server() ? SSL_get_certificate(ssl_) : SSL_get0_peer_certificate(ssl_);
  facts.server_end_point = end_point_hash(server);
  auto* peer = SSL_get0_peer_certificate(ssl_);
  if (peer && SSL_get_verify_result(ssl_) == X509_V_OK) {
    facts.peer_certificate = true;
    auto names = names_of(peer);
    facts.peer_xmpp_addrs = std::move(names.xmpp_addrs);
    facts.peer_dns_names = std::move(names.dns);
    facts.peer_dns_names.insert(facts.peer_dns_names.end(), names.srv.begin(), names.srv.end());
  }
  return facts;
}

}  // namespace xbus::net
