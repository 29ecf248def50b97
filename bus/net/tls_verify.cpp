#include "bus/net/tls_verify.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "bus/net/certificate_names.hpp"
#include "bus/net/shown_certificate.hpp"
#include "bus/net/tls_session.hpp"

namespace xbus::net {

// The session's side of a verification.
struct TlsVerify {
  static TlsSession& session_of(X509_STORE_CTX* check) {
    auto* ssl = static_cast<SSL*>(
        X509_STORE_CTX_get_ex_data(check, SSL_get_ex_data_X509_STORE_CTX_idx()));
    return *static_cast<TlsSession*>(SSL_get_app_data(ssl));
  }
  static const std::string& pin(const TlsSession& session) { return session.context_->pin(); }
  static const std::string& server_name(const TlsSession& session) { return session.server_name_; }
  static void refuse(TlsSession& session, std::string why) {
    session.error_ = std::move(why);
    session.untrusted_ = true;
  }
  // To whoever wants to know what was shown.
  static void tell(const TlsSession& session, const std::function<ShownCertificate()>& shown) {
    const auto& told = session.context_->on_certificate();
    if (told) told(shown());
  }
};

namespace {

std::string fingerprint(const X509* certificate) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  return std::string(reinterpret_cast<char*>(digest.data()), size);
}

int refuse(X509_STORE_CTX* check, int error, std::string why) {
  TlsVerify::tell(TlsVerify::session_of(check), [&] {
    return refused_certificate(X509_STORE_CTX_get0_cert(check), X509_STORE_CTX_get_current_cert(check), error);
  });
  X509_STORE_CTX_set_error(check, error);
  TlsVerify::refuse(TlsVerify::session_of(check), std::move(why));
  return 0;
}

int check_chain_and_name(X509_STORE_CTX* check) {
  auto& session = TlsVerify::session_of(check);
  if (X509_verify_cert(check) != 1) {
    auto error = X509_STORE_CTX_get_error(check);
    return refuse(check, error,
                  std::string("the certificate is not trusted (") + X509_verify_cert_error_string(error) + ")");
  }
  auto names = names_of(X509_STORE_CTX_get0_cert(check));
  auto& wanted = TlsVerify::server_name(session);
  if (!names_domain(names, wanted)) {
    return refuse(check, X509_V_ERR_HOSTNAME_MISMATCH, "the certificate is not for " + wanted);
  }
  return 1;
}

}  // namespace

namespace {

int check_server(X509_STORE_CTX* check) {
  auto& pin = TlsVerify::pin(TlsVerify::session_of(check));
  if (pin.empty()) return check_chain_and_name(check);
  auto* leaf = X509_STORE_CTX_get0_cert(check);
  if (leaf && fingerprint(leaf) == pin) {
    X509_STORE_CTX_set_error(check, X509_V_OK);
    return 1;  // this very certificate was named: its dates and names add nothing
  }
  auto* shown = X509_STORE_CTX_get0_untrusted(check);
  for (int i = 0; i < sk_X509_num(shown); ++i) {
    auto* certificate = sk_X509_value(shown, i);
    if (certificate == leaf || fingerprint(certificate) != pin) continue;
    // The pinned CA is the one trust anchor of this check.
    std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> anchors(
        sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
    sk_X509_push(anchors.get(), certificate);
    X509_STORE_CTX_set0_trusted_stack(check, anchors.get());
    return check_chain_and_name(check);
  }
  return refuse(check, X509_V_ERR_APPLICATION_VERIFICATION,
                "the certificate does not have the pinned fingerprint");
}

}  // namespace

int verify_server(X509_STORE_CTX* check, void*) {
  const int accepted = check_server(check);
  if (accepted == 1) {
    TlsVerify::tell(TlsVerify::session_of(check),
                    [check] { return shown_certificate(X509_STORE_CTX_get0_cert(check)); });
  }
  return accepted;
}

int verify_client(X509_STORE_CTX* check, void*) {
  // An untrusted certificate proves nothing, and the client may log in in another way: SSL_get_verify_result says.
  X509_verify_cert(check);
  return 1;
}

}  // namespace xbus::net
