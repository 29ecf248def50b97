// SASL2 and Bind 2 (XEP-0388, XEP-0386): elements, the server's dialogues and the client's.
#include "bus/xmpp/sasl2.hpp"

#include <gtest/gtest.h>

#include "bus/crypto/base64.hpp"
#include "tests/bus/xmpp/parse.hpp"
#include "tests/bus/xmpp/server_scripts.hpp"

namespace xbus::xmpp::testing {
namespace {

// ---- Elements ----

TEST(Sasl2, SM_19_elements_are_read_as_they_are_written) {
  const Sasl2Feature feature{.mechanisms = {"A", "B"}, .resume = true, .bind = true, .manage = true};
  xml::Element features("features", std::string(xml::ns_stream));
  EXPECT_FALSE(sasl2_feature_from(features));
  features.add(to_element(feature));
  const auto read = sasl2_feature_from(features);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->mechanisms, feature.mechanisms);
  EXPECT_TRUE(read->resume && read->bind && read->manage);

  Sasl2Request request{.mechanism = "A", .initial = "", .software = "xbus"};
  request.wishes.resume = sm_resume("resume", {.id = "x", .count = 3});
  request.wishes.bind = Bind2{.tag = "t", .enable = SmEnable{.resume = true}};
  const auto asked = sasl2_request_from(to_element(request));
  EXPECT_EQ(asked.mechanism, "A");
  EXPECT_EQ(asked.initial, "");
  EXPECT_EQ(asked.software, "xbus");
  EXPECT_EQ(sm_resume_from(*asked.wishes.resume)->count, 3u);
  EXPECT_EQ(asked.wishes.bind->tag, "t");
  EXPECT_TRUE(asked.wishes.bind->enable->resume);
  const auto bare = sasl2_request_from(to_element(Sasl2Request{.mechanism = "A"}));
  EXPECT_FALSE(bare.initial || bare.wishes.resume || bare.wishes.bind);

  Sasl2Success success{.data = "v=x", .jid = *Jid::parse("alice@example.org/x"), .bound = true};
  success.session = sm_failed(Condition::item_not_found, 5);
  success.managed = to_element(SmEnabled{.id = "new"});
  const auto told = sasl2_success_from(to_element(success));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->data, "v=x");
  EXPECT_EQ(told->jid, success.jid);
  EXPECT_EQ(sm_count(*told->session), 5u);
  EXPECT_EQ(sm_enabled_from(*told->managed).id, "new");
  xml::Element nobody("success", std::string(ns_sasl2));
  EXPECT_FALSE(sasl2_success_from(nobody));
}

// ---- The server's stream ----

const std::string authenticate = "C: <authenticate xmlns='{sasl2}' mechanism='EXTERNAL'><initial-response/>";
const std::string in = "is: authenticated alice EXTERNAL\n";
const std::string who = "<success xmlns='{sasl2}'><authorization-identifier>";

TEST(Sasl2, SM_19_login_and_resource_take_one_turn) {
  play_server(unix_socket(), to_unix + authenticate + "<bind xmlns='urn:xmpp:bind:0'/></authenticate>\n" + in +
                                 "is: bind \n"
                                 "S: " +
                                 who +
                                 "alice@example.org/chosen</authorization-identifier>"
                                 "<bound xmlns='urn:xmpp:bind:0'/></success>{bound-features}\n"
                                 "C: <presence/>\n"
                                 "is: deliver <presence/>\n");
}

TEST(Sasl2, SM_19_stream_management_with_the_resource) {
  play_server(unix_socket(),
              to_unix + authenticate +
                  "<user-agent><software>x</software></user-agent><bind xmlns='urn:xmpp:bind:0'>"
                  "<enable xmlns='urn:xmpp:sm:3'/><inactive xmlns='urn:xmpp:csi:0'/></bind></authenticate>\n" +
                  in + "is: bind \nS: " + who +
                  "alice@example.org/chosen</authorization-identifier><bound xmlns='urn:xmpp:bind:0'>"
                  "<enabled xmlns='urn:xmpp:sm:3'/></bound></success>{managed-features}\n"
                  "C: <presence/>\n"
                  "is: deliver <presence/>\n"
                  "C: <r xmlns='urn:xmpp:sm:3'/>\n"
                  "S: <a xmlns='urn:xmpp:sm:3' h='1'/>\n"
                  "C: <enable xmlns='urn:xmpp:sm:3'/>\n"
                  "S: {error policy-violation|stream management is on already}\n"
                  "is: close\n");
  // Where it is not to be had, that is said and the resource is bound.
  play_server(server({.tls = Tls::done, .external_by_uid = true, .mechanisms = {"EXTERNAL"}, .stream_management = false}),
              "C: {c-open}\n"
              "S: {s-open}<stream:features><mechanisms xmlns='{sasl}'><mechanism>EXTERNAL</mechanism></mechanisms>"
              "<authentication xmlns='{sasl2}'><mechanism>EXTERNAL</mechanism><inline>"
              "<bind xmlns='urn:xmpp:bind:0'/></inline></authentication>{early-limits}</stream:features>\n" +
                  authenticate +
                  "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>"
                  "<bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3'/></bind></authenticate>\n" +
                  in + "is: bind \nS: " + who +
                  "alice@example.org/chosen</authorization-identifier><failed xmlns='urn:xmpp:sm:3'>"
                  "<feature-not-implemented xmlns='{stanzas}'/></failed><bound xmlns='urn:xmpp:bind:0'>"
                  "<failed xmlns='urn:xmpp:sm:3'><feature-not-implemented xmlns='{stanzas}'/></failed></bound>"
                  "</success>{managed-features}\n");
}

TEST(Sasl2, SM_19_without_a_binding_the_features_follow_on_the_same_stream) {
  play_server(unix_socket(), to_unix + authenticate + "</authenticate>\n" + in + "S: " + who +
                                 "alice@example.org</authorization-identifier></success>{late-features}\n"
                                 "C: <iq type='set' id='b1'><bind xmlns='{bind}'/></iq>\n"
                                 "is: bind \n"
                                 "S: <iq type='result' id='b1'><bind xmlns='{bind}'>"
                                 "<jid>alice@example.org/chosen</jid></bind></iq>\n");
}

TEST(Sasl2, SM_19_the_tag_begins_the_resource) {
  play_server(unix_socket(), to_unix + authenticate +
                                 "<bind xmlns='urn:xmpp:bind:0'><tag>My App</tag></bind></authenticate>\n" + in +
                                 "is: bind My App/*\nS: " + who +
                                 "alice@example.org/My App/*</authorization-identifier>"
                                 "<bound xmlns='urn:xmpp:bind:0'/></success>{bound-features}\n");
  // One that can be part of no resource is left out.
  for (const std::string& tag : {std::string("a&#x9;b"), std::string(1100, 'x')})
    play_server(unix_socket(), to_unix + authenticate + "<bind xmlns='urn:xmpp:bind:0'><tag>" + tag +
                                   "</tag></bind></authenticate>\n" + in + "is: bind \nS: " + who +
                                   "alice@example.org/chosen</authorization-identifier>"
                                   "<bound xmlns='urn:xmpp:bind:0'/></success>{bound-features}\n");
}

TEST(Sasl2, CORE_22_data_of_no_length_is_an_empty_element) {
  // No initial response: it is asked for.
  play_server(unix_socket(), to_unix +
                                 "C: <authenticate xmlns='{sasl2}' mechanism='EXTERNAL'/>\n"
                                 "S: <challenge xmlns='{sasl2}'/>\n"
                                 "C: <response xmlns='{sasl2}'/>\n" +
                                 in + "S: " + who +
                                 "alice@example.org</authorization-identifier></success>{late-features}\n");
  for (const char* bad : {"=", "YQ", "***", " YQ== "})
    play_server(unix_socket(), to_unix + "C: <authenticate xmlns='{sasl2}' mechanism='EXTERNAL'><initial-response>" + bad +
                                   "</initial-response></authenticate>\n"
                                   "is: login_failed  EXTERNAL\n"
                                   "S: <failure xmlns='{sasl2}'><incorrect-encoding xmlns='{sasl}'/></failure>\n");
}

TEST(Sasl2, CORE_24_failures_leave_the_stream_as_it_was_until_there_are_too_many) {
  const std::string wrong =
      "C: <authenticate xmlns='{sasl2}' mechanism='DIGEST-MD5'><bind xmlns='urn:xmpp:bind:0'/></authenticate>\n"
      "is: login_failed  \n"
      "S: <failure xmlns='{sasl2}'><invalid-mechanism xmlns='{sasl}'/></failure>";
  play_server(unix_socket(), to_unix + wrong + "\n" + authenticate + "</authenticate>\n" + in + "S: " + who +
                                 "alice@example.org</authorization-identifier></success>{late-features}\n");
  std::string script = to_unix;
  for (size_t i = 0; i < limits::sasl_attempts_max; ++i) script += wrong + "\n";
  script.insert(script.size() - 1, "{error policy-violation|too many failed logins}");
  play_server(unix_socket(), script + "is: close\n");
  play_server(unix_socket(), to_unix +
                                 "C: <authenticate xmlns='{sasl2}' mechanism='EXTERNAL'/>\n"
                                 "S: <challenge xmlns='{sasl2}'/>\n"
                                 "C: <abort xmlns='{sasl2}'><text>no</text></abort>\n"
                                 "S: <failure xmlns='{sasl2}'><aborted xmlns='{sasl}'/></failure>\n");
}

TEST(Sasl2, SM_19_nothing_else_may_be_said_under_way) {
  for (const char* text :
       {"<authenticate xmlns='{sasl2}' mechanism='EXTERNAL'/>", "<auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>",
        "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>", "<starttls xmlns='{tls}'/>", "<x xmlns='urn:x'/>"})
    play_server(unix_socket(), to_unix +
                                   "C: <authenticate xmlns='{sasl2}' mechanism='EXTERNAL'/>\n"
                                   "S: <challenge xmlns='{sasl2}'/>\n"
                                   "C: " +
                                   text + "\nS: {error policy-violation|a login is under way}\nis: close\n");
  play_server(unix_socket(), to_unix +
                                 "C: <authenticate xmlns='{sasl2}' mechanism='EXTERNAL'/>\n"
                                 "S: <challenge xmlns='{sasl2}'/>\n"
                                 "C: <message/>\nS: {error not-authorized}\nis: close\n");
  // A login of the older kind under way is no place for a new one either.
  play_server(unix_socket(), to_unix +
                                 "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'/>\n"
                                 "S: <challenge xmlns='{sasl}'/>\n" +
                                 authenticate +
                                 "</authenticate>\nS: {error policy-violation|a login is under way}\nis: close\n");
}

TEST(Sasl2, SM_19_it_is_for_protected_streams_before_login_only) {
  play_server(tls_off(), "C: {c-open}\nS: {s-open}" + clear_features + "\n" + authenticate +
                             "</authenticate>\nS: {error unsupported-stanza-type}\nis: close\n");
  play_server(tls_first(), "C: {c-open}\nS: {s-open}" + starttls_only + "\n" + authenticate +
                               "</authenticate>\nS: {error unsupported-stanza-type}\nis: close\n");
  play_server(unix_socket(), to_login + authenticate +
                                 "</authenticate>\nS: {error unsupported-stanza-type}\nis: close\n");
  play_server(unix_socket(), to_established + authenticate +
                                 "</authenticate>\nS: {error unsupported-stanza-type}\nis: close\n");
  play_server(unix_socket(), to_unix + "C: <success xmlns='{sasl2}'/>\nS: {error unsupported-stanza-type}\nis: close\n");
}

TEST(Sasl2, CORE_23_the_header_and_the_login_name_one_account) {
  const std::string open =
      "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
      "from='bob@example.org' to='example.org' version='1.0'>\n"
      "S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
      "from='example.org' to='bob@example.org' id='*' version='1.0' xml:lang='en'>";
  play_server(unix_socket(), open + unix_features + "\n" + authenticate +
                                 "<bind xmlns='urn:xmpp:bind:0'/></authenticate>\n"
                                 "is: login_failed alice EXTERNAL\n"
                                 "S: <failure xmlns='{sasl2}'><invalid-authzid xmlns='{sasl}'/></failure>\n");
}

TEST(Sasl2, SM_19_a_password_check_may_take_its_time) {
  play_server(direct_tls(),
              "do: secured\nC: {c-open}\nS: {s-open}" + secured_features +
                  "\nC: <authenticate xmlns='{sasl2}' mechanism='PLAIN'><initial-response>" +
                  crypto::base64_encode(std::string("\0alice\0secret", 13)) +
                  "</initial-response><bind xmlns='urn:xmpp:bind:0'/></authenticate>\n"
                  "is: check_password alice secret\n"
                  "do: password yes\n"
                  "is: authenticated alice PLAIN\n"
                  "is: bind \nS: " +
                  who +
                  "alice@example.org/chosen</authorization-identifier>"
                  "<bound xmlns='urn:xmpp:bind:0'/></success>{bound-features}\n");
}

// XEP-0388 sections 2 to 4.
TEST(Sasl2, CORE_30_one_login_on_a_protected_stream) {
  // Not offered, and refused, in clear.
  play_server(tls_off(), "C: {c-open}\nS: {s-open}" + clear_features + "\n" + authenticate +
                             "</authenticate>\nS: {error unsupported-stanza-type}\nis: close\n");
  EXPECT_EQ(clear_features.find("{sasl2}"), std::string::npos);
  // Once is enough.
  for (const std::string inside : {"", "<bind xmlns='urn:xmpp:bind:0'/>"}) {
    const std::string bound = inside.empty() ? "alice@example.org</authorization-identifier></success>{late-features}\n"
                                             : "alice@example.org/chosen</authorization-identifier>"
                                               "<bound xmlns='urn:xmpp:bind:0'/></success>{bound-features}\n";
    play_server(unix_socket(), to_unix + authenticate + inside + "</authenticate>\n" + in +
                                   (inside.empty() ? "" : "is: bind \n") + "S: " + who + bound + authenticate +
                                   "</authenticate>\nS: {error unsupported-stanza-type}\nis: close\n");
  }
}

TEST(Sasl2, CORE_30_a_user_agent_has_no_id_of_ours_and_is_taken_whatever_its_is) {
  // The id would have to be a UUID that stays, by which a server tells our installations apart: none is said.
  const xml::Element ours = to_element(Sasl2Request{.mechanism = "A", .software = "xbus"});
  EXPECT_EQ(ours.first("user-agent", ns_sasl2)->attr("id"), nullptr);
  for (const char* id : {"", " id='d4565fa7-4d72-4749-b3d3-740edbf87770'", " id='none'"})
    play_server(unix_socket(), to_unix + authenticate + "<user-agent" + id + "><software>x</software></user-agent></authenticate>\n" +
                                   in + "S: " + who + "alice@example.org</authorization-identifier></success>{late-features}\n");
}

// XEP-0484 is not spoken: no token is offered, given or taken, so none can be stolen or said twice.
TEST(Sasl2, CORE_31_no_token_is_given_or_taken) {
  EXPECT_EQ(unix_features.find("fast"), std::string::npos);
  play_server(unix_socket(), to_unix + authenticate +
                                 "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/></authenticate>\n" + in +
                                 "S: " + who + "alice@example.org</authorization-identifier></success>{late-features}\n");
  play_server(unix_socket(), to_unix +
                                 "C: <authenticate xmlns='{sasl2}' mechanism='HT-SHA-256-NONE'><initial-response>YWxpY2UAeA=="
                                 "</initial-response><fast xmlns='urn:xmpp:fast:0' count='1'/></authenticate>\n"
                                 "is: login_failed  \n"
                                 "S: <failure xmlns='{sasl2}'><invalid-mechanism xmlns='{sasl}'/></failure>\n");
}

// ---- Resumption inside the login ----

// Holds one former session, of alice, with a stanza that was not acknowledged.
class Keeper : public ServerSubject {
 public:
  using ServerSubject::ServerSubject;
  Result<Former, xml::Element> sm_resume(const SmResume& wanted) override {
    is("sm_resume " + wanted.id);
    if (wanted.id != "kept") return Err{sm_failed(Condition::item_not_found, 7)};
    Former former{.jid = *Jid::parse("alice@example.org/desk"), .sm = std::make_unique<StreamManagement>()};
    former.sm->handled();
    former.sm->sent("<message id='1'/>", 1);
    former.sm->sent("<message id='2'/>", 2);
    return former;
  }
  void sm_resumed() override { is("sm_resumed"); }
};

MakeSubject keeper() {
  return [] {
    return std::make_unique<Keeper>(
        ServerStreamOptions{.domain = "example.org", .tls = Tls::done, .external_by_uid = true});
  };
}

const std::string bind_too = "<bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3'/></bind></authenticate>\n";

TEST(Sasl2, SM_19_a_session_that_is_resumed_needs_no_binding_and_no_features) {
  play_server(keeper(), to_unix + authenticate + "<resume xmlns='urn:xmpp:sm:3' previd='kept' h='1'/>" + bind_too + in +
                            "is: sm_resume kept\nS: " + who +
                            "alice@example.org/desk</authorization-identifier>"
                            "<resumed xmlns='urn:xmpp:sm:3' previd='kept' h='1'/></success>"
                            "<message id='2'/><r xmlns='urn:xmpp:sm:3'/>\n"
                            "is: sm_resumed\n"
                            "C: <presence/>\n"
                            "is: deliver <presence/>\n"
                            "C: <r xmlns='urn:xmpp:sm:3'/>\n"
                            "S: <a xmlns='urn:xmpp:sm:3' h='2'/>\n");
}

TEST(Sasl2, SM_19_a_session_that_has_ended_is_told_and_the_binding_goes_on) {
  play_server(keeper(), to_unix + authenticate + "<resume xmlns='urn:xmpp:sm:3' previd='gone' h='1'/>" + bind_too + in +
                            "is: sm_resume gone\n"
                            "is: bind \nS: " +
                            who +
                            "alice@example.org/chosen</authorization-identifier>"
                            "<failed xmlns='urn:xmpp:sm:3' h='7'><item-not-found xmlns='{stanzas}'/></failed>"
                            "<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3'/></bound></success>"
                            "{managed-features}\n");
  // Without a number to resume from.
  play_server(keeper(), to_unix + authenticate + "<resume xmlns='urn:xmpp:sm:3' previd='kept'/></authenticate>\n" + in +
                            "S: " + who +
                            "alice@example.org</authorization-identifier>"
                            "<failed xmlns='urn:xmpp:sm:3'><bad-request xmlns='{stanzas}'/></failed></success>"
                            "{late-features}\n");
}

TEST(Sasl2, SM_09_a_count_too_high_ends_the_stream_inside_the_login_too) {
  play_server(keeper(), to_unix + authenticate + "<resume xmlns='urn:xmpp:sm:3' previd='kept' h='3'/></authenticate>\n" + in +
                            "is: sm_resume kept\n"
                            "S: <stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                            "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='3' send-count='2'/></stream:error>"
                            "</stream:stream>\n"
                            "is: close\n");
}

TEST(Sasl2, SM_19_nothing_inline_is_done_for_a_login_that_fails) {
  play_server(keeper(), to_unix +
                            "C: <authenticate xmlns='{sasl2}' mechanism='SCRAM-SHA-1'><initial-response>bm9uc2Vuc2U="
                            "</initial-response><resume xmlns='urn:xmpp:sm:3' previd='kept' h='1'/>" +
                            bind_too +
                            "is: login_failed  SCRAM-SHA-1\n"
                            "S: <failure xmlns='{sasl2}'><malformed-request xmlns='{sasl}'/></failure>\n" +
                            // And nothing of it is left for the next.
                            authenticate + "</authenticate>\n" + in + "S: " + who +
                            "alice@example.org</authorization-identifier></success>{late-features}\n");
}

}  // namespace
}  // namespace xbus::xmpp::testing
