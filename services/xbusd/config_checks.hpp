// What the words in xbusd's file must be, beyond being words. Each check gives nothing for what is right, else what is
// wanted in its place: "ADDRESS:PORT".
#pragma once
#include <string>

namespace xbus::xbusd {

using ConfigCheck = std::string (*)(const std::string& value);

std::string check_domain(const std::string& value);
std::string check_socket(const std::string& value);             // or "none", or empty: the usual place
std::string check_address(const std::string& value);            // as listen_address_of() reads it
std::string check_loopback_address(const std::string& value);   // the same, for listeners without TLS
std::string check_metrics_address(const std::string& value);    // or empty: nowhere
std::string check_account(const std::string& value);            // with or without a domain
std::string check_service(const std::string& value);

}  // namespace xbus::xbusd
