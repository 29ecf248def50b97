#include "bus/xmpp/sasl_server.hpp"

#include <gtest/gtest.h>

#include "tests/bus/xmpp/server_scripts.hpp"

namespace xbus::xmpp::testing {
namespace {

TEST(SaslServer, CORE_21_configured_mechanisms_in_their_order) {
  play_server(
      server({.tls = Tls::done, .mechanisms = {"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "X"}}),
      "C: {c-open}\n"
      "S: {s-open}<stream:features><mechanisms xmlns='{sasl}'><mechanism>SCRAM-SHA-1</mechanism>"
      "</mechanisms>{early-limits}</stream:features>\n");
}

TEST(SaslServer, CORE_21_plain_only_under_tls) {
  play_server(tls_off(), "C: {c-open}\nS: {s-open}" + clear_features + "\n" +
                             auth("PLAIN", std::string("\0alice\0secret", 13)) +
                             "is: login_failed  \n" + failure("encryption-required"));
}

TEST(SaslServer, CORE_22_absent_and_empty_initial_response) {
  // Absent: the server asks for it. "=": it is there and empty.
  play_server(unix_socket(), to_unix +
                                 "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'/>\n"
                                 "S: <challenge xmlns='{sasl}'/>\n"
                                 "C: <response xmlns='{sasl}'>=</response>\n"
                                 "is: authenticated alice EXTERNAL\n"
                                 "S: <success xmlns='{sasl}'/>\n");
  play_server(unix_socket(), to_unix +
                                 "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'/>\n"
                                 "S: <challenge xmlns='{sasl}'/>\n"
                                 "C: <response xmlns='{sasl}'/>\n"
                                 "is: authenticated alice EXTERNAL\n"
                                 "S: <success xmlns='{sasl}'/>\n");
  play_server(unix_socket(), to_unix +
                                 "C: <auth xmlns='{sasl}' mechanism='SCRAM-SHA-1'>=</auth>\n"
                                 "is: login_failed  SCRAM-SHA-1\n" +
                                 failure("malformed-request"));
}

TEST(SaslServer, sasl_errors) {
  const auto fails = [](const std::string& input, const std::string& who,
                        const std::string& condition) {
    SCOPED_TRACE(input);
    play_server(unix_socket(),
                to_unix + input + "is: login_failed " + who + "\n" + failure(condition));
  };
  fails(auth("DIGEST-MD5", "x"), " ", "invalid-mechanism");
  fails("C: <auth xmlns='{sasl}'/>\n", " ", "invalid-mechanism");
  fails("C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>****</auth>\n", " EXTERNAL",
        "incorrect-encoding");
  fails("C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>YQ</auth>\n", " EXTERNAL",
        "incorrect-encoding");
  fails("C: <auth xmlns='{sasl}' mechanism='EXTERNAL'> = </auth>\n", " EXTERNAL",
        "incorrect-encoding");
  fails("C: <response xmlns='{sasl}'>YQ==</response>\n", " ", "malformed-request");
  fails(auth("SCRAM-SHA-1", "nonsense"), " SCRAM-SHA-1", "malformed-request");
  fails(auth("SCRAM-SHA-1", "y,,n=alice,r=abc,m=x"), " SCRAM-SHA-1", "malformed-request");
  fails(auth("SCRAM-SHA-1", "p=tls-exporter,,n=alice,r=abc"), " SCRAM-SHA-1", "not-authorized");
  fails(auth("EXTERNAL", "nobody@example.org"), " EXTERNAL", "not-authorized");
  fails(auth("EXTERNAL", std::string(limits::sasl_message_bytes_max + 3, 'a')), " EXTERNAL",
        "malformed-request");
}

TEST(SaslServer, CORE_23_authorization_identities) {
  const auto fails = [](const std::string& data) {
    play_server(unix_socket(), to_unix + auth("EXTERNAL", data) + "is: login_failed * EXTERNAL\n" +
                                   failure("invalid-authzid"));
  };
  fails("bob@example.org");  // somebody else
  fails("alice@example.com");
  fails("alice@example.org/desk");
  fails("example.org");
  fails("@");
  play_server(direct_tls(), "do: secured\nC: {c-open}\nS: {s-open}" + secured_features + "\n" +
                                auth("PLAIN", std::string("bob@example.org\0alice\0secret", 28)) +
                                "is: check_password alice secret\n"
                                "do: password yes\n"
                                "is: login_failed alice PLAIN\n" +
                                failure("invalid-authzid"));
}

TEST(SaslServer, security_mti_both_plain_bad_messages) {
  const std::string secured = "do: secured\nC: {c-open}\nS: {s-open}" + secured_features + "\n";
  for (const std::string& data :
       {std::string("alice"), std::string("\0alice", 6), std::string("\0alice\0", 7),
        std::string("\0\0secret", 8), std::string("\0alice\0sec\0ret", 14)})
    play_server(direct_tls(), secured + auth("PLAIN", data) + "is: login_failed  PLAIN\n" +
                                  failure("malformed-request"));
  play_server(direct_tls(), secured + auth("PLAIN", std::string("\0al ice\0secret", 14)) +
                                "is: login_failed  PLAIN\n" + failure("not-authorized"));
}

// What slixmpp 1.8 tries in turn on TLS 1.3, where tls-unique does not exist (RFC 9266 section 1), and how it ends: a
// binding that binds nothing is refused, "y" in sight of -PLUS too (RFC 5802 section 6), and the password under TLS is
// right.
TEST(SaslServer, CORE_26_tls_unique_on_tls_1_3_is_refused_and_so_is_the_way_around_it) {
  std::string script = "do: secured\nC: {c-open}\nS: {s-open}" + secured_features + "\n";
  for (const char* hash : {"SCRAM-SHA-256", "SCRAM-SHA-1"}) {
    script += auth(hash + std::string("-PLUS"), "p=tls-unique,,n=alice,r=abc") + "is: login_failed  " + hash +
              "-PLUS\n" + failure("not-authorized");
    script += auth(hash, "y,,n=alice,r=abc") + "is: login_failed  " + hash + "\n" + failure("not-authorized");
  }
  play_server(direct_tls(), script + auth("PLAIN", std::string("\0alice\0secret", 13)) +
                                "is: check_password alice secret\n"
                                "do: password yes\n"
                                "is: authenticated alice PLAIN\n"
                                "S: <success xmlns='{sasl}'/>\n");
}

TEST(SaslServer, CORE_27_an_unknown_user_gets_a_challenge_too) {
  for (const char* user : {"alice", "nobody", "al ice"})
    play_server(tls_off(), "C: {c-open}\nS: {s-open}" + clear_features + "\n" +
                               auth("SCRAM-SHA-256", std::string("n,,n=") + user + ",r=abc") +
                               "S: <challenge xmlns='{sasl}'>*</challenge>\n"
                               "C: <response xmlns='{sasl}'>" +
                               crypto::base64_encode(
                                   "c=biws,r=abc,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=") +
                               "</response>\n"
                               "is: login_failed * SCRAM-SHA-256\n" +
                               failure("not-authorized"));
}

TEST(SaslServer, CORE_24_abort_and_a_second_auth) {
  play_server(unix_socket(), to_unix +
                                 "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'/>\n"
                                 "S: <challenge xmlns='{sasl}'/>\n"
                                 "C: <abort xmlns='{sasl}'/>\n" +
                                 failure("aborted") + auth("SCRAM-SHA-1", "n,,n=alice,r=abc") +
                                 "S: <challenge xmlns='{sasl}'>*</challenge>\n"
                                 "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>\n"
                                 "is: authenticated alice EXTERNAL\n"
                                 "S: <success xmlns='{sasl}'/>\n");
}

TEST(SaslServer, CORE_24_attempts_have_a_limit) {
  std::string script = to_unix;
  for (size_t i = 0; i < limits::sasl_attempts_max; ++i)
    script += auth("X", "x") + "is: login_failed  \n" + failure("invalid-mechanism");
  play_server(unix_socket(),
              script + "S: {error policy-violation|too many failed logins}\nis: close\n");
  // Aborts count, and STARTTLS does not begin anew.
  std::string clear = "C: {c-open}\nS: {s-open}" + starttls_only + "\n";
  for (size_t i = 0; i + 1 < limits::sasl_attempts_max; ++i)
    clear += auth("X", "x") + "is: login_failed  \n" + failure("encryption-required");
  play_server(tls_first(), clear + to_secured.substr(to_secured.find("C: <starttls")) +
                               "C: <abort xmlns='{sasl}'/>\n" + failure("aborted") +
                               "S: {error policy-violation|too many failed logins}\nis: close\n");
}

TEST(SaslServer, sasl_support_what_comes_during_a_password_check_waits) {
  play_server(direct_tls(), "do: secured\nC: {c-open}\nS: {s-open}" + secured_features + "\n" +
                                "C: <auth xmlns='{sasl}' mechanism='PLAIN'>" +
                                crypto::base64_encode(std::string("\0alice\0secret", 13)) +
                                "</auth>{c-open}\n"
                                "is: check_password alice secret\n"
                                "do: password yes\n"
                                "is: authenticated alice PLAIN\n"
                                "S: <success xmlns='{sasl}'/>{s-open}{late-features}\n"
                                "do: password no\n");
}

}  // namespace
}  // namespace xbus::xmpp::testing
