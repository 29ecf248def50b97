// SASL2 and Bind 2 (XEP-0388, XEP-0386) as the client's stream speaks them.
#include <gtest/gtest.h>

#include "bus/xmpp/client_stream.hpp"
#include "tests/bus/xmpp/server_scripts.hpp"

namespace xbus::xmpp::testing {
namespace {

using ClientTls = ClientStreamOptions::Tls;

// Reports what becomes of a former session.
struct Managed : ClientSubject {
  explicit Managed(ClientStreamOptions options) : ClientSubject(options), sm(options.sm) {}
  void resumed() override {
    is("resumed, server takes " + std::to_string(machine.stanza_bytes_max()));
  }
  void not_resumed(Handled handled) override {
    is(handled == Handled::known ? "not_resumed, handled known" : "not_resumed");
  }
  void acknowledged(const StreamManagement::Kept& kept) override { is("acknowledged " + kept.bytes); }
  std::shared_ptr<SmSession> sm;
};

ClientStreamOptions local_options() {
  return {.domain = "example.org", .tls = ClientTls::never, .external = true};
}
MakeSubject local() {
  return [] { return std::make_unique<Managed>(local_options()); };
}
// Wants stream management with the login.
MakeSubject managed() {
  return [] {
    auto options = local_options();
    options.sm = std::make_shared<SmSession>();
    return std::make_unique<Managed>(options);
  };
}
// Lost its connection with two stanzas open and five handled.
MakeSubject former(std::string resource = "") {
  return [resource] {
    auto options = local_options();
    options.resource = resource;
    options.sm = std::make_shared<SmSession>();
    auto& sm = *options.sm;
    sm.on = sm.counting = true;
    sm.terms.id = "some-id";
    sm.jid = *Jid::parse("alice@example.org/desk");
    sm.stanza_bytes_max = 123'456;
    for (int i = 0; i < 5; ++i) sm.counts.handled();
    sm.counts.sent("<message id='1'/>", 1);
    sm.counts.sent("<message id='2'/>", 2);
    return std::make_unique<Managed>(options);
  };
}

const std::string to_features = "do: start\nC: {c-open}\nS: {s-open}" + unix_features + "\n";
const std::string begin =
    "C: <authenticate xmlns='{sasl2}' mechanism='EXTERNAL'><initial-response/>"
    "<user-agent><software>xbus</software></user-agent>";
const std::string who = "S: <success xmlns='{sasl2}'><authorization-identifier>";
const std::string enable = "<bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>";

TEST(Sasl2Client, SM_19_it_is_established_after_one_turn) {
  play(local(), 'S',
       to_features + begin + "<bind xmlns='urn:xmpp:bind:0'/></authenticate>\n" + who +
           "alice@example.org/chosen</authorization-identifier><bound xmlns='urn:xmpp:bind:0'/></success>\n"
           "S: {bound-features}\n"
           "is: established alice@example.org/chosen\n"
           "S: <presence/>\n"
           "is: deliver <presence/>\n");
  // A server may be quicker with a stanza than with its features.
  play(local(), 'S',
       to_features + begin + "<bind xmlns='urn:xmpp:bind:0'/></authenticate>\n" + who +
           "alice@example.org/chosen</authorization-identifier><bound xmlns='urn:xmpp:bind:0'/></success>\n"
           "S: <presence/>\n"
           "is: established alice@example.org/chosen\n"
           "is: deliver <presence/>\n"
           "S: {bound-features}<message/>\n"
           "is: deliver <message/>\n");
}

TEST(Sasl2Client, SM_19_stream_management_comes_with_it) {
  const std::string to_answer = to_features + begin + enable + "</authenticate>\n" + who +
                                "alice@example.org/chosen</authorization-identifier><bound xmlns='urn:xmpp:bind:0'>";
  play(managed(), 'S',
       to_answer +
           "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/></bound></success>{managed-features}\n"
           "is: established alice@example.org/chosen\n"
           "S: <presence/>\n"
           "is: deliver <presence/>\n"
           "S: <r xmlns='urn:xmpp:sm:3'/>\n"
           "C: <a xmlns='urn:xmpp:sm:3' h='1'/>\n");
  // Refused, or not answered: it is not asked for again.
  for (const char* answer : {"<failed xmlns='urn:xmpp:sm:3'/></bound></success>", "</bound></success>"})
    play(managed(), 'S',
         to_answer + answer +
             "{bound-features}\n"
             "is: established alice@example.org/chosen\n"
             "S: <presence/>\n"
             "is: deliver <presence/>\n"
             "S: <r xmlns='urn:xmpp:sm:3'/>\n");
}

TEST(Sasl2Client, SM_19_a_server_without_bind2_binds_as_ever) {
  const std::string login =
      "do: start\nC: {c-open}\n"
      "S: {s-open}<stream:features><authentication xmlns='{sasl2}'><mechanism>EXTERNAL</mechanism></authentication>"
      "</stream:features>\n" +
      begin + "</authenticate>\n" + who +
      "alice@example.org</authorization-identifier></success>{late-features}\n";
  play(local(), 'S', login + "C: <iq type='set' id='*'><bind xmlns='{bind}'/></iq>\n");
  play(former(), 'S', login + "C: <resume xmlns='urn:xmpp:sm:3' previd='some-id' h='5'/>\n");
  // One that offers it and did not do it does as well.
  play(local(), 'S',
       to_features + begin + "<bind xmlns='urn:xmpp:bind:0'/></authenticate>\n" + who +
           "alice@example.org</authorization-identifier></success>{late-features}\n"
           "C: <iq type='set' id='*'><bind xmlns='{bind}'/></iq>\n");
}

TEST(Sasl2Client, SM_13_the_former_session_goes_on_at_once) {
  // What the server takes was said when the session began: no features follow.
  play(former(), 'S',
       to_features + begin + "<resume xmlns='urn:xmpp:sm:3' previd='some-id' h='5'/>" + enable + "</authenticate>\n" +
           who +
           "alice@example.org/desk</authorization-identifier>"
           "<resumed xmlns='urn:xmpp:sm:3' previd='some-id' h='1'/></success>\n"
           "is: acknowledged <message id='1'/>\n"
           "C: <message id='2'/><r xmlns='urn:xmpp:sm:3'/>\n"
           "is: resumed, server takes 123456\n"
           "S: <presence/>\n"
           "is: deliver <presence/>\n"
           "S: <r xmlns='urn:xmpp:sm:3'/>\n"
           "C: <a xmlns='urn:xmpp:sm:3' h='6'/>\n");
}

TEST(Sasl2Client, SM_14_a_session_that_has_ended_is_followed_by_a_new_one) {
  const std::string asked =
      to_features + begin + "<resume xmlns='urn:xmpp:sm:3' previd='some-id' h='5'/>" + enable + "</authenticate>\n" + who +
      "alice@example.org/new</authorization-identifier>";
  const std::string bound =
      "<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='y' resume='true'/></bound></success>";
  play(former(), 'S',
       asked + "<failed xmlns='urn:xmpp:sm:3' h='1'><item-not-found xmlns='{stanzas}'/></failed>" + bound +
           "\n"
           "is: acknowledged <message id='1'/>\n"
           "is: not_resumed, handled known\n"
           "S: {managed-features}\n"
           "is: established alice@example.org/new\n"
           "S: <r xmlns='urn:xmpp:sm:3'/>\n"
           "C: <a xmlns='urn:xmpp:sm:3' h='0'/>\n");
  // Not a word of it is as good as a refusal.
  play(former(), 'S',
       asked + bound +
           "\n"
           "is: not_resumed\n"
           "S: {managed-features}\n"
           "is: established alice@example.org/new\n");
  // Who wants a resource of its own asks for it as ever.
  play(former("desk"), 'S',
       to_features + begin + "<resume xmlns='urn:xmpp:sm:3' previd='some-id' h='5'/></authenticate>\n" + who +
           "alice@example.org</authorization-identifier>"
           "<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='{stanzas}'/></failed></success>\n"
           "is: not_resumed\n"
           "S: {late-features}\n"
           "C: <iq type='set' id='*'><bind xmlns='{bind}'><resource>desk</resource></bind></iq>\n");
}

TEST(Sasl2Client, SM_09_a_server_that_has_handled_more_than_was_sent) {
  for (const char* name : {"resumed", "failed"})
    play(former(), 'S',
         to_features + begin + "<resume xmlns='urn:xmpp:sm:3' previd='some-id' h='5'/>" + enable + "</authenticate>\n" +
             who + "alice@example.org/desk</authorization-identifier><" + name +
             " xmlns='urn:xmpp:sm:3' previd='some-id' h='3'/></success>\n"
             "C: <stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
             "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='3' send-count='2'/></stream:error></stream:stream>\n"
             "is: failed protocol [undefined-condition] undefined-condition\n"
             "is: close\n");
}

TEST(Sasl2Client, SM_19_a_success_must_say_whose_it_is) {
  const std::string to_answer = to_features + begin + "<bind xmlns='urn:xmpp:bind:0'/></authenticate>\n";
  const std::string untold =
      "C: {error bad-format|a success that does not say whose}\n"
      "is: failed protocol [bad-format] a success that does not say whose\nis: close\n";
  play(local(), 'S', to_answer + "S: <success xmlns='{sasl2}'/>\n" + untold);
  play(local(), 'S', to_answer + who + "a@b@c</authorization-identifier></success>\n" + untold);
  play(local(), 'S',
       to_answer + who +
           "alice@example.org</authorization-identifier><bound xmlns='urn:xmpp:bind:0'/></success>\n"
           "C: {close}\nis: failed protocol [bad-format] the server bound no full JID\nis: close\n");
}

TEST(Sasl2Client, CORE_26_a_success_without_proof_is_none) {
  const auto alice = [] {
    return std::make_unique<ClientSubject>(ClientStreamOptions{
        .domain = "example.org", .account = "alice", .password = "secret", .tls = ClientTls::never});
  };
  play(alice, 'S',
       "do: start\nC: {c-open}\n"
       "S: {s-open}<stream:features><authentication xmlns='{sasl2}'><mechanism>SCRAM-SHA-256</mechanism>"
       "{sasl2-inline}</authentication></stream:features>\n"
       "C: <authenticate xmlns='{sasl2}' mechanism='SCRAM-SHA-256'><initial-response>*</initial-response>"
       "<user-agent><software>xbus</software></user-agent><bind xmlns='urn:xmpp:bind:0'/></authenticate>\n" +
           who +
           "alice@example.org/x</authorization-identifier><bound xmlns='urn:xmpp:bind:0'/></success>\n"
           "C: {close}\nis: failed downgrade the server does not know the password\nis: close\n");
}

TEST(Sasl2Client, SM_19_another_account_is_not_ours) {
  const auto bob = [] {
    return std::make_unique<ClientSubject>(
        ClientStreamOptions{.domain = "example.org", .account = "bob", .tls = ClientTls::never, .external = true});
  };
  play(bob, 'S',
       to_features +
           "C: <authenticate xmlns='{sasl2}' mechanism='EXTERNAL'><initial-response>Ym9iQGV4YW1wbGUub3Jn"
           "</initial-response><user-agent><software>xbus</software></user-agent><bind xmlns='urn:xmpp:bind:0'/>"
           "</authenticate>\n" +
           who +
           "alice@example.org/x</authorization-identifier><bound xmlns='urn:xmpp:bind:0'/></success>\n"
           "C: {close}\nis: failed protocol [bad-format] logged in as another account\nis: close\n");
}

TEST(Sasl2Client, SM_19_what_it_cannot_do_ends_the_login) {
  const std::string to_answer = to_features + begin + "<bind xmlns='urn:xmpp:bind:0'/></authenticate>\n";
  play(local(), 'S',
       to_answer +
           "S: <continue xmlns='{sasl2}'><tasks><task>TOTP</task></tasks></continue>\n"
           "C: {close}\nis: failed no_common_mechanism the server wants more than a password\nis: close\n");
  play(local(), 'S',
       to_answer +
           "S: <success xmlns='{sasl}'/>\n"
           "C: {error unsupported-stanza-type|unexpected success}\n"
           "is: failed protocol [unsupported-stanza-type] unexpected success\nis: close\n");
  play(local(), 'S',
       to_answer + "S: <failure xmlns='{sasl2}'><not-authorized xmlns='{sasl}'/></failure>\n"
                   "C: {close}\nis: failed wrong_credentials not-authorized\nis: close\n");
}

// Whoever can change one list could leave the other: the better of both is taken.
TEST(Sasl2Client, CORE_26_the_better_list_wins) {
  const auto alice = [] {
    return std::make_unique<ClientSubject>(ClientStreamOptions{
        .domain = "example.org", .account = "alice", .password = "secret", .tls = ClientTls::done});
  };
  play(alice, 'S',
       "do: secured\ndo: start\nC: {c-open-from}\n"
       "S: {s-open-to}<stream:features><mechanisms xmlns='{sasl}'><mechanism>SCRAM-SHA-256</mechanism></mechanisms>"
       "<authentication xmlns='{sasl2}'><mechanism>PLAIN</mechanism>{sasl2-inline}</authentication></stream:features>\n"
       "C: <auth xmlns='{sasl}' mechanism='SCRAM-SHA-256'>*</auth>\n");
}

}  // namespace
}  // namespace xbus::xmpp::testing
