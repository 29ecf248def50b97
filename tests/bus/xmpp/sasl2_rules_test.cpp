// SASL2 (XEP-0388): where it may be used, how often, and by whom.
#include <gtest/gtest.h>

#include "bus/xmpp/sasl2.hpp"
#include "tests/bus/xmpp/server_scripts.hpp"

namespace xbus::xmpp::testing {
namespace {

const std::string who = "<success xmlns='{sasl2}'><authorization-identifier>alice@example.org";
const std::string end = "</authorization-identifier>";
const std::string external =
    "C: <authenticate xmlns='{sasl2}' mechanism='EXTERNAL'><initial-response/>";
const std::string plain =
    "C: <authenticate xmlns='{sasl2}' mechanism='PLAIN'><initial-response>" +
    crypto::base64_encode(std::string("\0alice\0secret", 13)) + "</initial-response></authenticate>\n";
const std::string refused = "S: {error unsupported-stanza-type}\nis: close\n";

TEST(Sasl2Rules, CORE_30_behind_starttls_and_not_before_it) {
  play_server(tls_first(), "C: {c-open}\nS: {s-open}" + starttls_only + "\n" + plain + refused);
  play_server(tls_first(), to_secured + plain +
                               "is: check_password alice secret\n"
                               "do: password yes\n"
                               "is: authenticated alice PLAIN\nS: " +
                               who + end + "</success>{late-features}\n");
}

TEST(Sasl2Rules, CORE_30_a_login_after_success_ends_the_stream) {
  const std::string unbound = to_unix + external + "</authenticate>\nis: authenticated alice EXTERNAL\nS: " + who +
                              end + "</success>{late-features}\n";
  play_server(unix_socket(), unbound + external + "</authenticate>\n" + refused);
  const std::string bound = to_unix + external +
                            "<bind xmlns='urn:xmpp:bind:0'/></authenticate>\n"
                            "is: authenticated alice EXTERNAL\nis: bind \nS: " +
                            who + "/chosen" + end + "<bound xmlns='urn:xmpp:bind:0'/></success>{bound-features}\n";
  play_server(unix_socket(), bound + external + "</authenticate>\n" + refused);
}

TEST(Sasl2Rules, CORE_30_the_header_may_name_the_account_that_logs_in_and_no_other) {
  auto open = [](const std::string& name) {
    return "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' "
           "xmlns:stream='http://etherx.jabber.org/streams' from='" +
           name +
           "@example.org' to='example.org' version='1.0'>\n"
           "S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' "
           "xmlns:stream='http://etherx.jabber.org/streams' from='example.org' to='" +
           name + "@example.org' id='*' version='1.0' xml:lang='en'>" + unix_features + "\n";
  };
  play_server(unix_socket(), open("alice") + external + "</authenticate>\nis: authenticated alice EXTERNAL\nS: " + who +
                                 end + "</success>{late-features}\n");
  // What came inline with it, a resource, is not done.
  play_server(unix_socket(), open("mallory") + external +
                                 "<bind xmlns='urn:xmpp:bind:0'/></authenticate>\nis: login_failed alice EXTERNAL\n"
                                 "S: <failure xmlns='{sasl2}'><invalid-authzid xmlns='{sasl}'/></failure>\n");
}

// The id of a device is for tokens and for showing; neither is done with it, so a wrong one harms nobody.
TEST(Sasl2Rules, CORE_30_what_a_user_agent_says_of_itself_changes_nothing) {
  for (const char* agent : {"<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>x</software></user-agent>",
                            "<user-agent id='no uuid'><device>y</device></user-agent>", "<user-agent/>"})
    play_server(unix_socket(), to_unix + external + agent + "</authenticate>\nis: authenticated alice EXTERNAL\nS: " +
                                   who + end + "</success>{late-features}\n");
}

}  // namespace
}  // namespace xbus::xmpp::testing
