#include "bus/xmpp/sm.hpp"

#include <gtest/gtest.h>

#include "bus/xmpp/stream_text.hpp"
#include "tests/bus/xmpp/server_scripts.hpp"

namespace xbus::xmpp::testing {
namespace {

// ---- The counters ----

TEST(StreamManagement, SM_05_counts_go_round_at_two_to_the_32) {
  StreamManagement sm;
  // As many as nobody sends in a test: what is acknowledged is let go, so only the counter grows.
  const auto pass = [&](uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      sm.sent("<m/>", 0);
      sm.handled();
    }
  };
  pass(3);
  EXPECT_TRUE(sm.acknowledged(3));
  EXPECT_FALSE(sm.acknowledged(4));
  EXPECT_FALSE(sm.acknowledged(2)) << "a count goes back by going nearly round";
  // The arithmetic at the turn: sent 1, acknowledged 2^32-1, is two open.
  StreamManagement at_turn({.start = UINT32_MAX - 1});
  at_turn.sent("<a/>", 0);
  at_turn.sent("<b/>", 0);
  at_turn.sent("<c/>", 0);
  EXPECT_EQ(at_turn.sent_count(), 1u);
  EXPECT_FALSE(at_turn.acknowledged(2));
  EXPECT_TRUE(at_turn.acknowledged(UINT32_MAX));
  EXPECT_EQ(at_turn.unacked().size(), 2u);
  EXPECT_TRUE(at_turn.acknowledged(0));
  EXPECT_EQ(at_turn.unacked().front().bytes, "<c/>");
  EXPECT_TRUE(at_turn.acknowledged(1));
  EXPECT_TRUE(at_turn.unacked().empty());
  at_turn.handled();
  at_turn.handled();
  EXPECT_EQ(at_turn.answer(), "<a xmlns='urn:xmpp:sm:3' h='0'/>");
}

TEST(StreamManagement, SM_09_more_than_were_sent_changes_nothing) {
  StreamManagement sm;
  sm.sent("<a/>", 7);
  EXPECT_FALSE(sm.acknowledged(2));
  EXPECT_EQ(sm.unacked().size(), 1u);
  uint64_t mark = 0;
  EXPECT_TRUE(sm.acknowledged(1, [&](const auto& kept) { mark = kept.mark; }));
  EXPECT_EQ(mark, 7u);
  EXPECT_TRUE(sm.acknowledged(1)) << "the same again";
  const auto text = stream_error_text(sm_count_too_high(2, 1));
  EXPECT_NE(text.find("<undefined-condition"), std::string::npos) << text;
  EXPECT_NE(text.find("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='2' send-count='1'/>"),
            std::string::npos)
      << text;
}

TEST(StreamManagement, SM_11_what_is_kept_is_bounded_in_stanzas_and_in_bytes) {
  StreamManagement few({.stanzas_max = 3, .bytes_max = 100});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(few.has_room(10));
    few.sent("0123456789", 0);
  }
  EXPECT_FALSE(few.has_room(1));
  StreamManagement small({.stanzas_max = 100, .bytes_max = 25});
  small.sent("0123456789", 0);
  EXPECT_TRUE(small.has_room(15));
  EXPECT_FALSE(small.has_room(16));
  EXPECT_TRUE(small.acknowledged(1));
  EXPECT_EQ(small.unacked_bytes(), 0u);
  EXPECT_TRUE(small.has_room(25));
}

TEST(StreamManagement, SM_06_asks_by_count_and_well_before_the_bound) {
  StreamManagement sm({.stanzas_max = 100, .bytes_max = 100, .ask_every = 3});
  EXPECT_FALSE(sm.waits_unasked());
  sm.sent("<a/>", 0);
  sm.sent("<a/>", 0);
  EXPECT_FALSE(sm.ask_due());
  EXPECT_TRUE(sm.waits_unasked());
  sm.sent("<a/>", 0);
  EXPECT_TRUE(sm.ask_due());
  EXPECT_EQ(sm.request(), "<r xmlns='urn:xmpp:sm:3'/>");
  EXPECT_FALSE(sm.ask_due()) << "once until it is answered";
  EXPECT_FALSE(sm.waits_unasked());
  EXPECT_TRUE(sm.acknowledged(3));
  sm.sent(std::string(50, 'x'), 0);
  EXPECT_TRUE(sm.ask_due()) << "half of the bytes";
  StreamManagement teller({.answer_every = 2});
  teller.handled();
  EXPECT_FALSE(teller.tell_due());
  teller.handled();
  EXPECT_TRUE(teller.tell_due());
  EXPECT_EQ(teller.answer(), "<a xmlns='urn:xmpp:sm:3' h='2'/>");
  EXPECT_FALSE(teller.tell_due());
}

TEST(StreamManagement, SM_03_the_elements) {
  const auto read = [](const std::string& text) { return *xml::parse(text, xml::ns_client); };
  const auto enable = sm_enable_from(read("<enable xmlns='urn:xmpp:sm:3' resume='1' max='60'/>"));
  EXPECT_TRUE(enable.resume);
  EXPECT_EQ(enable.max_seconds, 60u);
  EXPECT_FALSE(sm_enable_from(read("<enable xmlns='urn:xmpp:sm:3' resume='yes' max='-1'/>")).resume);
  // Without resume='true' an id is none, and one above 4,000 bytes is none either (SM-18).
  EXPECT_EQ(sm_enabled_from(read("<enabled xmlns='urn:xmpp:sm:3' id='x'/>")).id, "");
  EXPECT_EQ(sm_enabled_from(read("<enabled xmlns='urn:xmpp:sm:3' resume='true' id='x'/>")).id, "x");
  EXPECT_EQ(sm_enabled_from(read("<enabled xmlns='urn:xmpp:sm:3' resume='true' id='" +
                                 std::string(limits::sm_id_bytes_max + 1, 'x') + "'/>"))
                .id,
            "");
  for (const char* bad : {"<resume xmlns='urn:xmpp:sm:3' h='1'/>", "<resume xmlns='urn:xmpp:sm:3' previd='x'/>",
                          "<resume xmlns='urn:xmpp:sm:3' previd='x' h='4294967296'/>",
                          "<resume xmlns='urn:xmpp:sm:3' previd='x' h='-1'/>",
                          "<resume xmlns='urn:xmpp:sm:3' previd='x' h='1 '/>"})
    EXPECT_FALSE(sm_resume_from(read(bad))) << bad;
  EXPECT_EQ(sm_resume_from(read("<resume xmlns='urn:xmpp:sm:3' previd='x' h='4294967295'/>"))->count, UINT32_MAX);
}

// ---- The server's stream ----

const std::string failed = "S: <failed xmlns='urn:xmpp:sm:3'><";
const std::string failed_end = " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>\n";
const std::string to_managed = to_established +
                               "C: <enable xmlns='urn:xmpp:sm:3'/>\n"
                               "S: <enabled xmlns='urn:xmpp:sm:3'/>\n";

TEST(ServerStream, SM_01_enable_is_for_after_the_binding) {
  play_server(unix_socket(), to_unix + "C: <enable xmlns='urn:xmpp:sm:3'/>\n" + failed + "unexpected-request" +
                                 failed_end);
  play_server(unix_socket(), to_login + "C: <enable xmlns='urn:xmpp:sm:3'/>\n" + failed + "unexpected-request" +
                                 failed_end +
                                 // And the stream goes on.
                                 "C: <iq type='set' id='b1'><bind xmlns='{bind}'/></iq>\n"
                                 "is: bind \n"
                                 "S: <iq type='result' id='b1'><bind xmlns='{bind}'>"
                                 "<jid>alice@example.org/chosen</jid></bind></iq>\n"
                                 "C: <enable xmlns='urn:xmpp:sm:3'/>\n"
                                 "S: <enabled xmlns='urn:xmpp:sm:3'/>\n");
}

TEST(ServerStream, SM_02_a_second_enable_ends_the_stream) {
  play_server(unix_socket(), to_managed +
                                 "C: <enable xmlns='urn:xmpp:sm:3'/>\n"
                                 "S: {error policy-violation|stream management is on already}\n"
                                 "is: close\n");
}

TEST(ServerStream, SM_04_only_stanzas_count) {
  play_server(unix_socket(), to_managed +
                                 "C: <r xmlns='urn:xmpp:sm:3'/>\n"
                                 "S: <a xmlns='urn:xmpp:sm:3' h='0'/>\n"
                                 "C: <presence/>\n"
                                 "is: deliver <presence/>\n"
                                 "C: <message to='bob@example.org'/>\n"
                                 "is: deliver <message to='bob@example.org'/>\n"
                                 "C: <r xmlns='urn:xmpp:sm:3'/>\n"
                                 "S: <a xmlns='urn:xmpp:sm:3' h='2'/>\n"
                                 "C: <a xmlns='urn:xmpp:sm:3' h='0'/>\n"
                                 "C: <iq type='get' id='1'><q xmlns='urn:q'/></iq>\n"
                                 "is: deliver <iq type='get' id='1'><q xmlns='urn:q'/></iq>\n"
                                 "C: <r xmlns='urn:xmpp:sm:3'/>\n"
                                 "S: <a xmlns='urn:xmpp:sm:3' h='3'/>\n");
}

TEST(ServerStream, SM_07_what_came_before_enable_does_not_count) {
  play_server(unix_socket(), to_established +
                                 "C: <presence/>\n"
                                 "is: deliver <presence/>\n"
                                 "C: <enable xmlns='urn:xmpp:sm:3'/><r xmlns='urn:xmpp:sm:3'/>\n"
                                 "S: <enabled xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='0'/>\n",
              Split::whole_lines_only);
}

TEST(ServerStream, SM_09_an_acknowledgement_of_more_than_was_sent) {
  play_server(unix_socket(),
              to_managed +
                  "C: <a xmlns='urn:xmpp:sm:3' h='1'/>\n"
                  "S: <stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                  "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='1' send-count='0'/></stream:error>"
                  "</stream:stream>\n"
                  "is: close\n");
  play_server(unix_socket(), to_managed +
                                 "C: <a xmlns='urn:xmpp:sm:3'/>\n"
                                 "S: {error bad-format|an acknowledgement without its count}\nis: close\n");
}

TEST(ServerStream, SM_12_resume_needs_a_login_and_comes_instead_of_the_binding) {
  const std::string resume = "C: <resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>\n";
  play_server(unix_socket(), to_unix + resume + failed + "unexpected-request" + failed_end);
  play_server(unix_socket(), to_established + resume + failed + "unexpected-request" + failed_end);
  play_server(unix_socket(), to_login + "C: <resume xmlns='urn:xmpp:sm:3' h='0'/>\n" + failed + "bad-request" +
                                 failed_end);
}

TEST(ServerStream, SM_14_who_resumes_nothing_says_so_and_lets_bind) {
  play_server(unix_socket(), to_login +
                                 "C: <resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>\n" + failed +
                                 "feature-not-implemented" + failed_end +
                                 "C: <iq type='set' id='b1'><bind xmlns='{bind}'/></iq>\n"
                                 "is: bind \n"
                                 "S: <iq type='result' id='b1'><bind xmlns='{bind}'>"
                                 "<jid>alice@example.org/chosen</jid></bind></iq>\n");
}

TEST(ServerStream, SM_18_ids_are_not_for_guessing) {
  std::string tries;
  for (size_t i = 0; i < limits::bind_attempts_max; ++i)
    tries += "C: <resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>\n" + failed + "feature-not-implemented" + failed_end;
  tries.pop_back();
  play_server(unix_socket(),
              to_login + tries + "{error policy-violation|too many attempts}\nis: close\n");
}

TEST(ServerStream, SM_20_acknowledgements_belong_to_one_stream_and_need_to_be_on) {
  for (const char* text : {"<r xmlns='urn:xmpp:sm:3'/>", "<a xmlns='urn:xmpp:sm:3' h='0'/>"})
    play_server(unix_socket(), to_established + "C: " + text +
                                   "\nS: {error unsupported-stanza-type}\nis: close\n");
  // Where it is not offered, the elements are unknown ones.
  std::string without = to_unix;
  const std::string both = "{sasl2-inline}";
  without.replace(without.find(both), both.size(), "<inline><bind xmlns='urn:xmpp:bind:0'/></inline>");
  play_server(server({.tls = Tls::done, .external_by_uid = true, .stream_management = false}),
              without +
                  "C: <enable xmlns='urn:xmpp:sm:3'/>\n"
                  "S: {error unsupported-stanza-type}\nis: close\n");
}

// ---- The client's ----

struct ManagedClient : ClientSubject {
  explicit ManagedClient(std::shared_ptr<SmSession> s)
      : ClientSubject({.domain = "example.org",
                       .tls = ClientStreamOptions::Tls::never,
                       .external = true,
                       .sm = s}),
        sm(std::move(s)) {}
  void happen(const std::string& what) override {
    // As who sends does: the stanza, and what is kept of it.
    if (what.starts_with("send ")) {
      sm->counts.sent(std::string_view(what).substr(5), 0);
      return send(std::string_view(what).substr(5));
    }
    ClientSubject::happen(what);
  }
  void resumed() override { is("resumed"); }
  void not_resumed(Handled handled) override {
    is(handled == Handled::known ? "not_resumed, handled known" : "not_resumed");
  }
  void acknowledged(const StreamManagement::Kept& kept) override { is("acknowledged " + kept.bytes); }
  std::shared_ptr<SmSession> sm;
};

// One that lost its connection with two stanzas open and five handled.
MakeSubject former() {
  return [] {
    auto sm = std::make_shared<SmSession>();
    sm->on = sm->counting = true;
    sm->terms.id = "some-id";
    sm->jid = *Jid::parse("alice@example.org/desk");
    for (int i = 0; i < 5; ++i) sm->counts.handled();
    sm->counts.sent("<message id='1'/>", 1);
    sm->counts.sent("<message id='2'/>", 2);
    return std::make_unique<ManagedClient>(std::move(sm));
  };
}

const std::string client_to_login =
    "do: start\n"
    "C: {c-open}\n"
    "S: {s-open}<stream:features><mechanisms xmlns='{sasl}'><mechanism>EXTERNAL</mechanism>"
    "</mechanisms></stream:features>\n"
    "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>\n"
    "S: <success xmlns='{sasl}'/>\n"
    "C: {c-open}\n";
const std::string to_resume = client_to_login +
                              "S: {s-open}{late-features}\n"
                              "C: <resume xmlns='urn:xmpp:sm:3' previd='some-id' h='5'/>\n";

TEST(ClientStream, SM_13_both_resend_what_is_above_the_count_in_order_and_first) {
  play(former(), 'S',
       to_resume +
           "S: <resumed xmlns='urn:xmpp:sm:3' previd='some-id' h='1'/>\n"
           "is: acknowledged <message id='1'/>\n"
           "C: <message id='2'/><r xmlns='urn:xmpp:sm:3'/>\n"
           "is: resumed\n"
           "S: <presence/>\n"
           "is: deliver <presence/>\n"
           "S: <r xmlns='urn:xmpp:sm:3'/>\n"
           "C: <a xmlns='urn:xmpp:sm:3' h='6'/>\n"
           "S: <a xmlns='urn:xmpp:sm:3' h='2'/>\n"
           "is: acknowledged <message id='2'/>\n");
}

TEST(ClientStream, SM_14_a_session_that_is_gone_is_followed_by_a_binding) {
  play(former(), 'S',
       to_resume +
           "S: <failed xmlns='urn:xmpp:sm:3' h='1'><item-not-found xmlns='{stanzas}'/></failed>\n"
           "is: acknowledged <message id='1'/>\n"
           "is: not_resumed, handled known\n"
           "C: <iq type='set' id='*'><bind xmlns='{bind}'/></iq>\n");
  play(former(), 'S',
       to_resume +
           "S: <failed xmlns='urn:xmpp:sm:3'/>\n"
           "is: not_resumed\n"
           "C: <iq type='set' id='*'><bind xmlns='{bind}'/></iq>\n");
  // A server that offers no stream management any more was not asked.
  play(former(), 'S',
       client_to_login +
           "S: {s-open}<stream:features><bind xmlns='{bind}'/></stream:features>\n"
           "is: not_resumed\n"
           "C: <iq type='set' id='*'><bind xmlns='{bind}'/></iq>\n");
}

TEST(ClientStream, SM_09_a_server_that_acknowledges_too_much) {
  for (const char* name : {"resumed", "failed"})
    play(former(), 'S',
         to_resume + "S: <" + name +
             " xmlns='urn:xmpp:sm:3' previd='some-id' h='3'/>\n"
             "C: <stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
             "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='3' send-count='2'/></stream:error>"
             "</stream:stream>\n"
             "is: failed protocol [undefined-condition] undefined-condition\n"
             "is: close\n");
  play(former(), 'S',
       to_resume +
           "S: <resumed xmlns='urn:xmpp:sm:3' previd='another' h='0'/>\n"
           "C: {error bad-format|not the session asked for}\n"
           "is: failed protocol [bad-format] not the session asked for\nis: close\n");
}

// The bound client's request has a random id, so the dialogue goes on by hand.
struct Bound {
  Bound() : sm(std::make_shared<SmSession>()), client(sm) {
    client.happen("start");
    hear("{s-open}<stream:features><mechanisms xmlns='{sasl}'><mechanism>EXTERNAL</mechanism></mechanisms>"
         "</stream:features>");
    hear("<success xmlns='{sasl}'/>");
    client.take();
    hear("{s-open}{late-features}");
    const std::string request = client.take().at(0);
    const size_t begin = request.find(" id='") + 5;
    const std::string id = request.substr(begin, request.find('\'', begin) - begin);
    hear("<iq type='result' id='" + id +
         "'><bind xmlns='{bind}'><jid>alice@example.org/desk</jid></bind></iq>");
  }
  void hear(const std::string& text) { client.on_bytes(expanded(text)); }
  std::vector<std::string> done() { return client.take(); }
  std::shared_ptr<SmSession> sm;
  ManagedClient client;
};
using Done = std::vector<std::string>;

TEST(ClientStream, SM_03_enable_follows_the_binding) {
  Bound bound;
  EXPECT_EQ(bound.done(), (Done{"say <enable xmlns='urn:xmpp:sm:3' resume='true'/>",
                                "is established alice@example.org/desk"}));
  EXPECT_FALSE(bound.sm->resumable());
  bound.hear("<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true' max='60'/>");
  EXPECT_TRUE(bound.sm->resumable());
  EXPECT_EQ(bound.sm->terms.max_seconds, 60u);
  // Without resumption there are still acknowledgements.
  Bound only;
  only.hear("<enabled xmlns='urn:xmpp:sm:3'/>");
  EXPECT_TRUE(only.sm->on);
  EXPECT_FALSE(only.sm->resumable());
  Bound refused;
  refused.hear("<failed xmlns='urn:xmpp:sm:3'/>");
  EXPECT_FALSE(refused.sm->on);
}

TEST(ClientStream, SM_04_each_side_counts_from_its_own_element_on) {
  Bound bound;
  bound.done();
  // Sent between <enable/> and <enabled/>: counted; received there: not.
  bound.client.happen("send <presence/>");
  bound.hear("<message/><enabled xmlns='urn:xmpp:sm:3'/><message/><r xmlns='urn:xmpp:sm:3'/>");
  bound.hear("<a xmlns='urn:xmpp:sm:3' h='1'/>");
  EXPECT_EQ(bound.done(), (Done{"say <presence/>", "is deliver <message/>", "is deliver <message/>",
                                "say <a xmlns='urn:xmpp:sm:3' h='1'/>", "is acknowledged <presence/>"}));
}

TEST(ClientStream, SM_08_goodbye_says_what_was_handled) {
  Bound bound;
  bound.hear("<enabled xmlns='urn:xmpp:sm:3'/><message/>");
  bound.done();
  bound.client.happen("end");
  EXPECT_EQ(bound.done(), (Done{"say <a xmlns='urn:xmpp:sm:3' h='1'/></stream:stream>"}));
}

}  // namespace
}  // namespace xbus::xmpp::testing
