// The kinds of listener a server stream may have, and the script pieces that lead a dialogue to a
// certain point.
#pragma once
#include <string>

#include "bus/crypto/base64.hpp"
#include "tests/bus/xmpp/stream_subjects.hpp"

namespace xbus::xmpp::testing {

using Tls = ServerStreamOptions::Tls;

inline void play_server(const MakeSubject& make, const std::string& script,
                        Split split = Split::allowed) {
  play(make, 'C', script, split);
}

inline MakeSubject server(ServerStreamOptions options) {
  options.domain = "example.org";
  return [options] { return std::make_unique<ServerSubject>(options); };
}

// Each room of a house where TLS comes first, is offered, is there, or is not needed.
inline MakeSubject tls_first() { return server({}); }
inline MakeSubject tls_offered() { return server({.tls = Tls::offered}); }
inline MakeSubject tls_off() { return server({.tls = Tls::off}); }
inline MakeSubject direct_tls() { return server({.tls = Tls::done}); }
inline MakeSubject unix_socket() { return server({.tls = Tls::done, .external_by_uid = true}); }

inline const std::string starttls_only =
    "<stream:features><starttls xmlns='{tls}'><required/></starttls></stream:features>";
inline const std::string secured_features =
    "<stream:features><sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"
    "<channel-binding type='tls-exporter'/><channel-binding type='tls-server-end-point'/>"
    "</sasl-channel-binding><mechanisms xmlns='{sasl}'>"
    "<mechanism>SCRAM-SHA-256-PLUS</mechanism><mechanism>SCRAM-SHA-256</mechanism>"
    "<mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-1</mechanism>"
    "<mechanism>PLAIN</mechanism></mechanisms><authentication xmlns='{sasl2}'>"
    "<mechanism>SCRAM-SHA-256-PLUS</mechanism><mechanism>SCRAM-SHA-256</mechanism>"
    "<mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-1</mechanism>"
    "<mechanism>PLAIN</mechanism>{sasl2-inline}</authentication>{early-limits}</stream:features>";
inline const std::string clear_features =
    "<stream:features><mechanisms xmlns='{sasl}'><mechanism>SCRAM-SHA-256</mechanism>"
    "<mechanism>SCRAM-SHA-1</mechanism></mechanisms>{early-limits}</stream:features>";
inline const std::string unix_features =
    "<stream:features><mechanisms xmlns='{sasl}'><mechanism>EXTERNAL</mechanism>"
    "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>"
    "<authentication xmlns='{sasl2}'><mechanism>EXTERNAL</mechanism>"
    "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism>{sasl2-inline}"
    "</authentication>{early-limits}</stream:features>";

// Script pieces that lead to a certain point.
inline const std::string to_secured =
    "C: {c-open}\n"
    "S: {s-open}" +
    starttls_only +
    "\n"
    "C: <starttls xmlns='{tls}'/>\n"
    "S: <proceed xmlns='{tls}'/>\n"
    "is: start_tls\n"
    "do: secured\n"
    "C: {c-open}\n"
    "S: {s-open}" +
    secured_features + "\n";
inline const std::string to_unix =
    "C: {c-open}\n"
    "S: {s-open}" +
    unix_features + "\n";
inline const std::string to_login = to_unix +
                                    "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>\n"
                                    "is: authenticated alice EXTERNAL\n"
                                    "S: <success xmlns='{sasl}'/>\n"
                                    "C: {c-open}\n"
                                    "S: {s-open}{late-features}\n";
inline const std::string to_established =
    to_login +
    "C: <iq type='set' id='b1'><bind xmlns='{bind}'/></iq>\n"
    "is: bind \n"
    "S: <iq type='result' id='b1'><bind xmlns='{bind}'><jid>alice@example.org/chosen</jid></bind>"
    "</iq>\n";

inline std::string auth(const std::string& mechanism, const std::string& data) {
  return "C: <auth xmlns='{sasl}' mechanism='" + mechanism + "'>" + crypto::base64_encode(data) +
         "</auth>\n";
}
inline std::string failure(const std::string& condition) {
  return "S: <failure xmlns='{sasl}'><" + condition + "/></failure>\n";
}

}  // namespace xbus::xmpp::testing
