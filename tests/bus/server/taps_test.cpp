// Plays about monitors: who is shown what, what nobody is shown, and what a slow one costs others.
#include "bus/server/taps.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>

#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"
#include "bus/limits_monitors.hpp"
#include "bus/xmpp/disco.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view start = "<start xmlns='urn:xbus:monitor:0'/>";

struct TapsTest : testing::Test {
  static Options options() {
    Options options;
    options.admins = {"boss"};
    return options;
  }
  // The answer to an iq of type set to the server.
  static xml::Element ask(Actor& actor, std::string_view payload, std::string_view type = "set") {
    actor.forget();
    actor.send("<iq type='" + std::string(type) + "' id='t' to='localhost'>" +
               std::string(payload) + "</iq>");
    auto got = actor.stanzas();
    EXPECT_EQ(got.size(), 1u) << payload;
    return got.empty() ? xml::Element() : got[0];
  }
  // Starts a tap that shall be given; the scope.
  static std::string watch(Actor& actor, std::string_view payload = start) {
    const auto answer = ask(actor, payload);
    EXPECT_EQ(answer.attr_or("type", ""), "result") << xml::write(answer);
    const xml::Element* started = answer.first("started", ns_monitor);
    return started == nullptr ? "" : std::string(started->attr_or("scope", ""));
  }
  // The stanzas that a monitor was shown since the last time, written out.
  static std::vector<std::string> shown(Actor& monitor) {
    std::vector<std::string> all;
    for (const xml::Element& stanza : monitor.stanzas()) {
      EXPECT_EQ(stanza.attr_or("from", ""), "localhost");
      const auto tapped = tapped_from(stanza);
      if (!tapped) continue;
      EXPECT_EQ(stanza.attr_or("to", ""), monitor.jid());
      missed_ += tapped->missed;
      if (!tapped->forwarded) continue;
      EXPECT_TRUE(tapped->forwarded->delay);
      all.push_back(xml::write(tapped->forwarded->stanza, xml::ns_client));
    }
    return all;
  }
  static uint64_t missed() { return std::exchange(missed_, 0); }

  Bus bus{options()};
  static inline uint64_t missed_ = 0;
};

TEST_F(TapsTest, DISCO_01_the_server_says_that_it_has_monitors) {
  Actor ann(bus, "ann");
  ann.login("a");
  const auto answer = ask(ann, "<query xmlns='http://jabber.org/protocol/disco#info'/>", "get");
  const auto info = xmpp::disco_info_from(*answer.first_element());
  ASSERT_TRUE(info.ok());
  EXPECT_TRUE(info->has_feature(ns_monitor));
}

TEST_F(TapsTest, an_account_sees_its_own_stanzas_and_no_others) {
  Actor ann(bus, "ann"), other(bus, "ann"), bob(bus, "bob"), carl(bus, "carl");
  ann.login("m");
  other.login("o");
  bob.login("b");
  carl.login("c");
  EXPECT_EQ(watch(ann), "own");
  // Of another resource: request and answer, each once.
  other.send("<iq type='get' id='1' to='bob@localhost/b'><q xmlns='urn:q'/></iq>");
  bob.send("<iq type='result' id='1' to='ann@localhost/o'/>");
  EXPECT_THAT(
      shown(ann),
      ElementsAre("<iq from='ann@localhost/o' type='get' id='1' to='bob@localhost/b'><q "
                  "xmlns='urn:q'/></iq>",
                  "<iq from='bob@localhost/b' type='result' id='1' to='ann@localhost/o'/>"));
  bob.send("<iq type='get' id='2' to='carl@localhost/c'><q xmlns='urn:q'/></iq>");
  carl.send("<iq type='result' id='2' to='bob@localhost/b'/>");
  bob.send("<message to='carl@localhost/c'><body>ann@localhost</body></message>");
  EXPECT_THAT(shown(ann), IsEmpty());
  // Without an address it is the account's own; errors of the server belong to it.
  other.send("<iq type='get' id='3'><q xmlns='urn:q'/></iq>");
  other.send("<iq type='get' id='4' to='nobody@nowhere.example'><q xmlns='urn:q'/></iq>");
  const auto got = shown(ann);
  ASSERT_EQ(got.size(), 4u);
  EXPECT_THAT(got[1], HasSubstr("service-unavailable"));
  EXPECT_THAT(got[3], HasSubstr("remote-server-not-found"));
}

TEST_F(TapsTest, an_admin_sees_all_and_that_is_logged) {
  Actor boss(bus, "boss"), bob(bus, "bob"), carl(bus, "carl");
  boss.login("m");
  bob.login("b");
  carl.login("c");
  EXPECT_EQ(watch(boss), "all");
  ASSERT_FALSE(bus.log.empty());
  EXPECT_EQ(bus.log.back().event, "monitor_started");
  EXPECT_EQ(bus.log.back().fields[0].second, "boss@localhost/m");
  EXPECT_EQ(bus.log.back().fields[1].second, "all");
  bob.send("<message to='carl@localhost/c' xml:lang='de'><body>hallo</body></message>");
  EXPECT_THAT(shown(boss), ElementsAre("<message from='bob@localhost/b' to='carl@localhost/c' "
                                       "xml:lang='de'><body>hallo</body></message>"));
  // What the receiver is given is what it is given without a monitor.
  EXPECT_THAT(carl.texts(), ElementsAre("<message from='bob@localhost/b' to='carl@localhost/c' "
                                        "xml:lang='de'><body>hallo</body></message>"));
  // An admin may ask for less.
  EXPECT_EQ(watch(boss, "<start xmlns='urn:xbus:monitor:0' scope='own'/>"), "own");
  bob.send("<message to='carl@localhost/c'/>");
  EXPECT_THAT(shown(boss), IsEmpty());
}

TEST_F(TapsTest, who_is_no_admin_any_more_sees_his_own) {
  Actor boss(bus, "boss"), bob(bus, "bob");
  boss.login("m");
  bob.login("b");
  EXPECT_EQ(watch(boss), "all");
  bus.server.configure(Options{});
  bob.send("<iq type='get' id='1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
  EXPECT_THAT(shown(boss), IsEmpty());
}

TEST_F(TapsTest, the_server_filters) {
  Actor boss(bus, "boss"), bob(bus, "bob"), carl(bus, "carl");
  boss.login("m");
  bob.login("b");
  carl.login("c");
  const auto traffic = [&] {
    bob.send("<message to='carl@localhost/c' id='m'><body>x</body></message>");
    bob.send("<iq type='get' id='q' to='carl@localhost/c'><q xmlns='urn:q'/></iq>");
    carl.send(
        "<iq type='error' id='q' to='bob@localhost/b'><error type='cancel'><gone "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    bob.send("<presence to='carl@localhost/c' id='p'/>");
    std::string ids;
    for (const std::string& text : shown(boss)) {
      const auto stanza = xml::parse(text, xml::ns_client);
      ids += std::string(stanza->attr_or("id", "?")) + std::string(stanza->attr_or("type", "-"));
      ids += ' ';
    }
    return ids;
  };
  const auto with = [&](std::string_view attributes, std::string_view inside = "") {
    watch(boss, "<start xmlns='urn:xbus:monitor:0' " + std::string(attributes) + ">" +
                    std::string(inside) + "</start>");
    return traffic();
  };
  EXPECT_EQ(with(""), "m- qget qerror p- ");
  EXPECT_EQ(with("kinds='message presence'"), "m- p- ");
  EXPECT_EQ(with("payload='urn:q'"), "qget ");
  EXPECT_EQ(with("errors='true'"), "qerror ");
  EXPECT_EQ(with("from='carl@localhost'"), "qerror ");
  EXPECT_EQ(with("to='bob@localhost/b'"), "qerror ");
  EXPECT_EQ(with("from='services.localhost'"), "");
  EXPECT_EQ(with("kinds='iq'", "<with>carl@localhost</with>"), "qget qerror ");
  EXPECT_EQ(with("", "<with>nobody@localhost</with>"), "");
}

TEST_F(TapsTest, with_an_address_come_those_who_told_it_of_their_presence) {
  ListeningEntity registry;
  bus.server.attach("services.localhost", registry);
  Actor boss(bus, "boss"), bob(bus, "bob"), carl(bus, "carl");
  boss.login("m");
  bob.login("b");
  carl.login("c");
  watch(
      boss,
      "<start xmlns='urn:xbus:monitor:0' kinds='iq'><with>calc@services.localhost</with></start>");
  bob.send("<iq type='get' id='1' to='carl@localhost/c'><q xmlns='urn:q'/></iq>");
  EXPECT_THAT(shown(boss), IsEmpty());
  carl.send("<presence to='calc@services.localhost'/>");
  bob.send("<iq type='get' id='2' to='carl@localhost/c'><q xmlns='urn:q'/></iq>");
  bob.send("<iq type='get' id='3' to='calc@services.localhost'><q xmlns='urn:q'/></iq>");
  EXPECT_EQ(shown(boss).size(), 2u);
  carl.send("<presence to='calc@services.localhost' type='unavailable'/>");
  bob.send("<iq type='get' id='4' to='carl@localhost/c'><q xmlns='urn:q'/></iq>");
  EXPECT_THAT(shown(boss), IsEmpty());
  bus.server.detach("services.localhost");
}

TEST_F(TapsTest, passwords_are_shown_to_nobody) {
  Actor boss(bus, "boss"), bob(bus, "bob"), carl(bus, "carl");
  boss.login("m");
  bob.login("b");
  carl.login("c",
             "<stream:stream xmlns='jabber:client' "
             "xmlns:stream='http://etherx.jabber.org/streams' xmlns:a='urn:xbus:admin:0' "
             "to='localhost' version='1.0'>");
  watch(boss);
  const auto says = [&](Actor& who, std::string_view text) {
    who.send(text);
    std::string all;
    for (const std::string& line : shown(boss)) all += line + "\n";
    EXPECT_THAT(all, Not(HasSubstr("geheim"))) << text;
    return all;
  };
  const std::string omitted =
      says(bob,
           "<iq type='set' id='1' to='localhost'><passwd xmlns='urn:xbus:admin:0' "
           "name='bob'><password>geheim</password></passwd></iq>");
  EXPECT_THAT(omitted, HasSubstr("<iq type='set' id='1' to='localhost' from='bob@localhost/b'>"
                                 "<omitted xmlns='urn:xbus:monitor:0' reason='secret' "
                                 "ns='urn:xbus:admin:0' name='passwd'/></iq>"));
  for (const char* text :
       {// The namespace as a prefix of the stream's header, or spelled with a reference.
        "<iq type='set' id='2' to='localhost'><a:passwd name='carl'><a:password>geheim</a:password>"
        "</a:passwd></iq>",
        "<iq type='set' id='3' to='localhost'><passwd xmlns='urn:xbus:admin&#58;0' "
        "n='geheim'/></iq>",
        "<iq type='set' id='4' to='localhost'><query "
        "xmlns='jabber:iq:register'><x>geheim</x></query>"
        "</iq>",
        "<iq type='set' id='5' to='bob@localhost/b'><query xmlns='jabber:iq:auth'><digest>geheim"
        "</digest></query></iq>",
        "<iq type='set' id='6' to='bob@localhost/b'><command "
        "xmlns='http://jabber.org/protocol/commands' "
        "node='http://jabber.org/protocol/admin#add-user'><x xmlns='jabber:x:data'><field "
        "var='password'><value>geheim</value></field></x></command></iq>",
        "<iq type='error' id='7' to='bob@localhost/b'><error type='cancel'/><query "
        "xmlns='jabber:iq:register'>geheim</query></iq>",
        "<presence to='bob@localhost/b'><x xmlns='http://jabber.org/protocol/muc'><password>geheim"
        "</password></x></presence>",
        "<message to='bob@localhost/b'><q:x xmlns:q='u'><q:password a='geheim'/></q:x></message>",
        // Where it cannot be delivered.
        "<iq type='set' id='8' to='x@nowhere.example'><query xmlns='jabber:iq:register'>geheim"
        "</query></iq>"}) {
    EXPECT_THAT(says(carl, text), HasSubstr("reason='secret'")) << text;
  }
  // Who only speaks of passwords is heard.
  carl.send("<message to='bob@localhost/b'><body>&lt;password> is a:password</body></message>");
  EXPECT_THAT(shown(boss), Contains(HasSubstr("is a:password")));
}

TEST_F(TapsTest, what_would_break_the_monitors_stream_is_left_out) {
  Actor boss(bus, "boss"), bob(bus, "bob"), carl(bus, "carl");
  boss.login("m");
  bob.login("b");
  carl.login("c");
  watch(boss);
  std::string deep = "<message to='carl@localhost/c' id='deep'>", close;
  for (size_t i = 1; i < limits::xml_depth_max; ++i) {
    deep += "<d xmlns='urn:d'>";
    close += "</d>";
  }
  bob.send(deep + close + "</message>");
  EXPECT_THAT(shown(boss), ElementsAre(HasSubstr("reason='too-large' ns='urn:d' name='d'")));
  const std::string head = "<message to='carl@localhost/c' id='large'><body>",
                    tail = "</body></message>";
  bob.send(head + std::string(limits::stanza_bytes_max - head.size() - tail.size(), 'x') + tail);
  const auto got = shown(boss);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_GT(got[0].size(), limits::stanza_bytes_max);
  EXPECT_EQ(carl.stanzas().size(), 2u);
}

TEST_F(TapsTest, monitors_do_not_see_each_other) {
  Actor boss(bus, "boss"), second(bus, "boss"), bob(bus, "bob");
  boss.login("m");
  second.login("s");
  bob.login("b");
  watch(boss);
  watch(second);
  EXPECT_THAT(shown(boss), IsEmpty());
  EXPECT_EQ(condition_of(ask(bob, "<start xmlns='urn:xbus:monitor:0' scope='all'/>")), "forbidden");
  EXPECT_THAT(shown(boss), IsEmpty());
  bob.send("<message to='nobody@localhost'/>");
  EXPECT_EQ(shown(boss).size(), 2u);  // and its error
  EXPECT_EQ(shown(second).size(), 2u);
  // A client that answers what it is shown with errors is not shown those.
  boss.send("<message type='error' to='localhost'><error type='cancel'/></message>");
  EXPECT_THAT(shown(boss), IsEmpty());
  EXPECT_THAT(shown(second), IsEmpty());
}

TEST_F(TapsTest, nobody_hides_behind_the_namespace_of_monitors) {
  Actor boss(bus, "boss"), bob(bus, "bob"), carl(bus, "carl");
  boss.login("m");
  bob.login("b");
  carl.login("c");
  watch(boss);
  bob.send("<message to='carl@localhost/c'><tapped xmlns='urn:xbus:monitor:0'/></message>");
  bob.send("<iq type='set' id='1' to='carl@localhost/c'><start xmlns='urn:xbus:monitor:0'/></iq>");
  EXPECT_EQ(shown(boss).size(), 2u);
}

TEST_F(TapsTest, refusals) {
  Actor ann(bus, "ann");
  ann.login("a");
  EXPECT_EQ(condition_of(ask(ann, "<start xmlns='urn:xbus:monitor:0' scope='all'/>")), "forbidden");
  EXPECT_EQ(condition_of(ask(ann, "<start xmlns='urn:xbus:monitor:0' kinds='x'/>")), "bad-request");
  EXPECT_EQ(condition_of(ask(ann, "<other xmlns='urn:xbus:monitor:0'/>")), "bad-request");
  EXPECT_EQ(condition_of(ask(ann, start, "get")), "bad-request");
  EXPECT_EQ(condition_of(ask(ann, "<stop xmlns='urn:xbus:monitor:0'/>")), "item-not-found");
  // An entity is no session.
  ListeningEntity registry;
  bus.server.attach("services.localhost", registry);
  xml::Element iq("iq", xml::ns_client);
  iq.set("type", "set").set("id", "1").set("to", "localhost").set("from", "services.localhost");
  iq.add(*xml::parse(start));
  registry.port->send(iq);
  bus.settle();
  ASSERT_EQ(registry.got.size(), 1u);
  EXPECT_EQ(condition_of(registry.got[0]), "forbidden");
  bus.server.detach("services.localhost");
}

TEST_F(TapsTest, a_tap_ends_when_it_is_stopped_and_with_its_session) {
  Actor ann(bus, "ann"), other(bus, "ann");
  ann.login("m");
  other.login("o");
  watch(ann);
  const auto ping = "<iq type='get' id='1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>";
  other.send(ping);
  EXPECT_EQ(shown(ann).size(), 2u);
  const auto stopped = ask(ann, "<stop xmlns='urn:xbus:monitor:0'/>");
  ASSERT_NE(stopped.first("stopped", ns_monitor), nullptr);
  EXPECT_EQ(stopped.first("stopped", ns_monitor)->attr_or("shown", ""), "2");
  EXPECT_EQ(stopped.first("stopped", ns_monitor)->attr_or("missed", ""), "0");
  other.send(ping);
  EXPECT_THAT(shown(ann), IsEmpty());
  watch(ann);
  ann.hang_up();
  bus.settle();
  bool ended = false;
  for (const LogLine& line : bus.log) ended |= line.event == "monitor_ended";
  EXPECT_TRUE(ended);
  other.forget();
  other.send(ping);
  EXPECT_EQ(other.stanzas().size(), 1u);
}

TEST_F(TapsTest, D10_so_many_of_an_account_and_of_the_server) {
  std::vector<std::unique_ptr<Actor>> all;
  const auto login = [&](const std::string& local, size_t number) -> Actor& {
    all.push_back(std::make_unique<Actor>(bus, local));
    all.back()->login("r" + std::to_string(number));
    return *all.back();
  };
  size_t taken = 0;
  for (size_t account = 0; taken + limits::monitors_per_account_max <= limits::monitors_max - limits::monitors_for_admins;
       ++account) {
    const std::string local = "user" + std::to_string(account);
    for (size_t i = 0; i < limits::monitors_per_account_max; ++i, ++taken) watch(login(local, i));
    if (account > 0) continue;
    EXPECT_EQ(condition_of(ask(login(local, 99), start)), "resource-constraint");
    watch(*all.front());  // another filter takes no other place
  }
  ASSERT_EQ(taken, limits::monitors_max - limits::monitors_for_admins);
  Actor& late = login("late", 0);
  EXPECT_EQ(condition_of(ask(late, start)), "resource-constraint");
  watch(login("boss", 0));  // there is room for admins
  all.front()->hang_up();
  bus.settle();
  EXPECT_EQ(condition_of(ask(late, start)), "resource-constraint");  // the admin has it
  all[1]->hang_up();
  bus.settle();
  watch(late);
}

TEST_F(TapsTest, a_slow_monitor_misses_and_others_do_not) {
  Actor boss(bus, "boss"), bob(bus, "bob"), carl(bus, "carl");
  boss.login("m");
  bob.login("b");
  carl.login("c");
  watch(boss);
  boss.stop_reading();
  const std::string body(100'000, 'x');
  constexpr size_t sent = 60;
  for (size_t i = 0; i < sent; ++i) {
    bob.send("<message to='carl@localhost/c' id='" + std::to_string(i) + "'><body>" + body +
             "</body></message>");
    ASSERT_EQ(carl.stanzas().size(), 1u) << i;
  }
  boss.read_again();
  const size_t first = shown(boss).size();
  EXPECT_LT(first, sent);
  EXPECT_GT(first, 10u);
  EXPECT_EQ(missed(), 0u);
  // The next one tells.
  bob.send("<message to='carl@localhost/c' id='last'/>");
  EXPECT_THAT(shown(boss), ElementsAre(HasSubstr("id='last'")));
  EXPECT_EQ(missed(), sent - first);
  const auto stopped = ask(boss, "<stop xmlns='urn:xbus:monitor:0'/>");
  EXPECT_EQ(stopped.first("stopped", ns_monitor)->attr_or("missed", ""),
            std::to_string(sent - first));
}

TEST_F(TapsTest, who_has_missed_and_is_shown_nothing_more_hears_of_it) {
  Actor boss(bus, "boss"), bob(bus, "bob"), carl(bus, "carl");
  boss.login("m");
  bob.login("b");
  carl.login("c");
  watch(boss);
  boss.stop_reading();
  for (size_t i = 0; i < 60; ++i)
    bob.send("<message to='carl@localhost/c'><body>" + std::string(100'000, 'x') +
             "</body></message>");
  boss.read_again();
  const size_t first = shown(boss).size();
  bus.loop.advance(limits::write_stall_time_max / 2);
  EXPECT_THAT(shown(boss), IsEmpty());
  EXPECT_EQ(missed(), 60 - first);
}

TEST_F(TapsTest, SM_10_a_tap_goes_with_its_session_to_another_connection) {
  auto boss = std::make_unique<Actor>(bus, "boss");
  Actor bob(bus, "bob");
  boss->login("m");
  bob.login("b");
  boss->bytes();
  boss->send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  const std::string enabled = boss->bytes();
  const size_t at = enabled.find(" id='") + 5;
  const std::string id = enabled.substr(at, enabled.find('\'', at) - at);
  boss->send("<iq type='set' id='t' to='localhost'>" + std::string(start) + "</iq>");
  boss->hang_up();
  bus.settle();
  // Meanwhile there is nobody to be shown anything, and nothing is kept for it.
  bob.send("<message to='bob@localhost/b' id='unseen'/>");
  Actor again(bus, "boss");
  again.send(Actor::default_header);
  again.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
  again.bytes();
  again.send(Actor::default_header);
  again.stanzas();
  again.send("<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='0'/>");
  again.bytes();
  bob.send("<message to='bob@localhost/b' id='seen'/>");
  const std::string text = again.bytes();
  EXPECT_THAT(text, HasSubstr("id='seen'"));
  EXPECT_THAT(text, HasSubstr("missed='1'"));
  EXPECT_THAT(text, Not(HasSubstr("unseen")));
}

TEST_F(TapsTest, COMP_01_what_components_say_is_seen_in_the_namespace_of_clients) {
  bus.server.allow_component("echo.localhost", "secret");
  Actor echo(bus, ListenerKind::component), boss(bus, "boss");
  echo.send(
      "<stream:stream xmlns='jabber:component:accept' "
      "xmlns:stream='http://etherx.jabber.org/streams' to='echo.localhost'>");
  const size_t at = echo.all().find(" id='") + 5;
  const std::string id = echo.all().substr(at, echo.all().find('\'', at) - at);
  echo.send("<handshake>" + crypto::hex_encode(crypto::digest(crypto::Hash::sha1, id + "secret")) +
            "</handshake>");
  boss.login("m");
  watch(boss);
  echo.send(
      "<iq type='get' from='a@echo.localhost' to='boss@localhost/x' id='1'><q "
      "xmlns='urn:q'/></iq>");
  EXPECT_THAT(shown(boss), ElementsAre("<iq type='get' from='a@echo.localhost' "
                                       "to='boss@localhost/x' id='1'><q xmlns='urn:q'/></iq>",
                                       HasSubstr("type='error'")));
}

}  // namespace
}  // namespace xbus::server
