// Certificates for tests, made by the openssl program in a folder of the test's own.
#pragma once
#include <string>

namespace xbus::net {

struct CertificateFolder {
  CertificateFolder();
  ~CertificateFolder();

  struct Files {
    std::string certificate, key;
  };
  // A certificate from this folder's CA. `names` is a subjectAltName ("DNS:a.example,otherName:OID;UTF8:x"), empty for
  // none. `digest` is the signature's.
  Files issue(const std::string& name, const std::string& common_name, const std::string& names,
              const std::string& digest = "sha256");
  std::string ca() const { return path + "/ca.pem"; }

  std::string path = "/tmp/xbus-certificates-XXXXXX";

 private:
  void run(const std::string& command);
};

}  // namespace xbus::net
