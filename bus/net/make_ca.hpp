// A certificate authority of the bus's own and a server certificate from it, for a bus that was given none.
#pragma once
#include <string>
#include <string_view>

#include "bus/clock.hpp"
#include "bus/result.hpp"

namespace xbus::net {

struct MadeCa {
  std::string ca_file;           // what clients trust with --ca
  std::string certificate_file;  // the server's certificate and its CA
  std::string key_file;
  std::string fingerprint;  // SHA-256 of the CA, lower-case hex: what clients trust with --pin
  bool made = false;        // now; false when the files stood there already
  bool made_ca = false;     // the CA too
};

// Makes, in `folder` (which is made with mode 0700 when missing), what is not there yet: ca.pem and ca.key, valid ten
// years; server.pem and server.key for `domain`, localhost, 127.0.0.1 and ::1, valid 397 days. A server certificate
// that has less than 30 days to go or is for another domain is made again from the same CA. Files are written whole
// or not at all, with mode 0600, but for ca.pem, which everybody may read. Errors are a line for a person.
Result<MadeCa, std::string> make_ca(const std::string& folder, std::string_view domain, Timestamp now);

// Lower-case hex SHA-256 of the first certificate in a PEM file: what --pin takes.
Result<std::string, std::string> fingerprint_of(const std::string& certificate_file);

}  // namespace xbus::net
