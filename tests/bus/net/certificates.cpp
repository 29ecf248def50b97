#include "tests/bus/net/certificates.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace xbus::net {

CertificateFolder::CertificateFolder() {
  EXPECT_NE(::mkdtemp(path.data()), nullptr);
  run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=test-ca "
      "-keyout ca.key -out ca.pem");
}

CertificateFolder::~CertificateFolder() { run("rm -r " + path); }

void CertificateFolder::run(const std::string& command) {
  EXPECT_EQ(std::system(("cd " + path + " && " + command + " 2>openssl.log").c_str()), 0) << command;
}

CertificateFolder::Files CertificateFolder::issue(const std::string& name, const std::string& common_name,
                                                  const std::string& names, const std::string& digest) {
  std::ofstream extensions(path + "/" + name + ".ext");
  extensions << "basicConstraints=CA:FALSE\n";
  if (!names.empty()) extensions << "subjectAltName=" << names << "\n";
  extensions.close();
  run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=" + common_name + "' -keyout " +
      name + ".key -out " + name + ".csr");
  run("openssl x509 -req -" + digest + " -days 30 -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile " +
      name + ".ext -out " + name + ".pem");
  return {path + "/" + name + ".pem", path + "/" + name + ".key"};
}

}  // namespace xbus::net
