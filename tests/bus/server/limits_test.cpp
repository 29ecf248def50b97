// Each limit that the server enforces, at its edge and one beyond: what is told, and that the session
// goes on.
#include "bus/limits.hpp"
#include "bus/limits_login.hpp"
#include "bus/limits_presence.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Asks the server something and waits for the answer: the session lives.
void expect_alive(Actor& actor) {
  actor.forget();
  actor.send("<iq type='get' id='alive' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
  auto got = actor.stanzas();
  ASSERT_EQ(got.size(), 1u) << actor.all().substr(0, 500);
  EXPECT_EQ(got[0].attr_or("type", ""), "result");
}

// The one stanza read since the last time, as its error's condition.
std::string refusal(Actor& actor) {
  auto got = actor.stanzas();
  if (got.size() != 1) return std::to_string(got.size()) + " stanzas";
  return condition_of(got[0]);
}

// `before`, so many x that the whole has that size, `after`.
std::string filled(size_t size, std::string_view before, std::string_view after) {
  std::string text(before);
  text.append(size - before.size() - after.size(), 'x');
  return text + std::string(after);
}

std::string bind_request(std::string_view resource) {
  return "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" +
         std::string(resource) + "</resource></bind></iq>";
}

constexpr std::string_view external =
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>";
constexpr std::string_view no_mechanism =
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='NONE'/>";

void know(Bus& bus, const char* name) { Actor(bus, name).login("once"); }

// ---- Login ----

TEST(Limits, CORE_24_sasl_attempts_max) {
  static_assert(limits::sasl_attempts_max == 5);
  Bus bus;
  Actor ann(bus, "ann"), eve(bus, "eve");
  ann.send(Actor::default_header);
  for (size_t i = 1; i < limits::sasl_attempts_max; ++i) ann.send(no_mechanism);
  EXPECT_THAT(ann.all(), HasSubstr("<invalid-mechanism"));
  ann.send(external);
  EXPECT_THAT(ann.all(), HasSubstr("<success"));
  eve.send(Actor::default_header);
  for (size_t i = 0; i < limits::sasl_attempts_max; ++i) eve.send(no_mechanism);
  EXPECT_THAT(eve.all(), HasSubstr("<policy-violation"));
  EXPECT_TRUE(eve.closed());
}

TEST(Limits, bind_attempts_max) {
  for (bool beyond : {false, true}) {
    Options options;
    options.connections_per_account_max = 1;
    Bus bus(options);
    Actor first(bus, "ann"), second(bus, "ann");
    first.login("1");
    second.send(Actor::default_header);
    second.send(external);
    second.send(Actor::default_header);
    for (size_t i = 1; i < limits::bind_attempts_max; ++i) second.send(bind_request("2"));
    EXPECT_THAT(second.all(), HasSubstr("<resource-constraint"));
    EXPECT_FALSE(second.closed());
    if (!beyond) first.hang_up();
    second.send(bind_request("2"));
    EXPECT_EQ(second.closed(), beyond);
    EXPECT_THAT(second.all(), HasSubstr(beyond ? "<policy-violation" : "ann@localhost/2"));
  }
}

TEST(Limits, connections_per_account_max) {
  Options options;
  options.connections_per_account_max = 3;
  Bus bus(options);
  std::vector<std::unique_ptr<Actor>> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(std::make_unique<Actor>(bus, "ann"));
    all.back()->login(std::to_string(i));
  }
  Actor over(bus, "ann"), bob(bus, "bob");
  over.send(Actor::default_header);
  over.send(external);
  over.send(std::string(Actor::default_header) + bind_request("3"));
  EXPECT_THAT(over.all(), HasSubstr("<resource-constraint"));
  bob.login("b");
  for (auto& actor : all) expect_alive(*actor);
}

TEST(Limits, connections_prelogin_max) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  std::vector<std::unique_ptr<Actor>> waiting;
  for (size_t i = 0; i < limits::connections_prelogin_max; ++i)
    waiting.push_back(std::make_unique<Actor>(bus, "eve"));
  bus.settle();
  EXPECT_FALSE(waiting.back()->closed());
  Actor over(bus, "bob");
  bus.settle();
  EXPECT_THAT(over.all(), HasSubstr("<resource-constraint"));
  EXPECT_THAT(over.all(), testing::EndsWith("</stream:stream>"));
  EXPECT_TRUE(over.closed());
  expect_alive(ann);
  waiting.pop_back();
  bus.settle();
  Actor next(bus, "bob");
  next.login("b");
}

TEST(Limits, connections_prelogin_local_and_admin) {
  Bus bus;
  std::vector<std::unique_ptr<Actor>> waiting;
  const auto come = [&](ListenerKind kind, net::PeerAddress from) -> Actor& {
    waiting.push_back(std::make_unique<Actor>(bus, kind, from));
    return *waiting.back();
  };
  const auto stranger = [&](size_t i) -> Actor& {
    return come(ListenerKind::starttls, {"192.0.2." + std::to_string(1 + i / limits::connections_prelogin_per_address_max) + ":4711", false, {}, {}});
  };
  const net::PeerAddress user{"unix", true, 4'000'000'000, {}}, admin{"unix", true, geteuid(), {}};
  const size_t network = limits::connections_prelogin_max - limits::connections_prelogin_local;
  for (size_t i = 0; i < network; ++i) stranger(i);
  bus.settle();
  EXPECT_FALSE(waiting.back()->closed());
  Actor& over = stranger(network);
  bus.settle();
  EXPECT_THAT(over.all(), HasSubstr("<resource-constraint"));
  const size_t others = limits::connections_prelogin_local - limits::connections_prelogin_admin;
  for (size_t i = 0; i < others; ++i) come(ListenerKind::unix_socket, user);
  bus.settle();
  EXPECT_FALSE(waiting.back()->closed());
  Actor& local = come(ListenerKind::unix_socket, user);
  bus.settle();
  EXPECT_THAT(local.all(), HasSubstr("<resource-constraint"));
  Actor& root = come(ListenerKind::unix_socket, admin);
  bus.settle();
  EXPECT_FALSE(root.closed());
}

// ---- Offline messages ----

TEST(Limits, offline_messages_max) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  know(bus, "bob");
  std::string one = "<message type='chat' to='bob@localhost'><body>x</body></message>";
  for (size_t i = 0; i < limits::offline_messages_max; ++i) ann.put(one);
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  EXPECT_EQ(bus.store->offline_use("bob").messages, limits::offline_messages_max);
  ann.send(one);
  EXPECT_EQ(refusal(ann), "service-unavailable");
  expect_alive(ann);
}

TEST(Limits, offline_bytes_max) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  know(bus, "bob");
  std::string head = "<message type='chat' to='bob@localhost'><body>", tail = "</body></message>";
  ann.send(filled(limits::stanza_bytes_max, head, tail));
  size_t stamped = bus.store->offline_use("bob").bytes - limits::stanza_bytes_max;
  auto room = [&] { return limits::offline_bytes_max - bus.store->offline_use("bob").bytes; };
  while (room() > 2 * limits::stanza_bytes_max)
    ann.send(filled(limits::stanza_bytes_max, head, tail));
  ann.send(filled(limits::stanza_bytes_max, head, tail));
  std::string last = filled(room() - stamped, head, tail);
  ann.send(filled(last.size() + 1, head, tail));
  EXPECT_EQ(refusal(ann), "service-unavailable");
  ann.send(last);
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  EXPECT_EQ(room(), 0u);
  expect_alive(ann);
}

// ---- Rosters and presence ----

std::string roster_set(std::string_view item) {
  return "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>" + std::string(item) +
         "</query></iq>";
}

TEST(Limits, roster_groups_max) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  std::string groups;
  for (size_t i = 0; i < limits::roster_groups_max; ++i)
    groups += "<group>" + std::to_string(i) + "</group>";
  ann.send(roster_set("<item jid='bob@localhost'>" + groups + "</item>"));
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attr_or("type", ""), "result");
  ann.send(roster_set("<item jid='bob@localhost'>" + groups + "<group>more</group></item>"));
  EXPECT_EQ(refusal(ann), "not-acceptable");
  EXPECT_EQ(bus.store->roster("ann").items.at(0).groups.size(), limits::roster_groups_max);
  expect_alive(ann);
}

TEST(Limits, jid_part_bytes_max_of_a_name_and_a_group) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  std::string edge(limits::jid_part_bytes_max, 'n');
  ann.send(roster_set("<item jid='b@x' name='" + edge + "'><group>" + edge + "</group></item>"));
  EXPECT_EQ(ann.stanzas().at(0).attr_or("type", ""), "result");
  ann.send(roster_set("<item jid='b@x' name='" + edge + "n'/>"));
  EXPECT_EQ(refusal(ann), "not-acceptable");
  ann.send(roster_set("<item jid='b@x'><group>" + edge + "n</group></item>"));
  EXPECT_EQ(refusal(ann), "not-acceptable");
  expect_alive(ann);
}

TEST(Limits, roster_items_max) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  know(bus, "bob");
  for (size_t i = 0; i < limits::roster_items_max; ++i)
    ann.put(roster_set("<item jid='c" + std::to_string(i) + "@x'/>"));
  for (const xml::Element& stanza : ann.stanzas()) ASSERT_EQ(stanza.attr_or("type", ""), "result");
  ann.send(roster_set("<item jid='more@x'/>"));
  EXPECT_EQ(refusal(ann), "resource-constraint");
  // Asking for a subscription would make an item too.
  ann.send("<presence type='subscribe' to='bob@localhost'/>");
  EXPECT_EQ(refusal(ann), "resource-constraint");
  // An item that is there still changes.
  ann.send(roster_set("<item jid='c0@x' name='zero'/>"));
  EXPECT_EQ(ann.stanzas().at(0).attr_or("type", ""), "result");
  expect_alive(ann);
}

TEST(Limits, subscription_request_bytes_max) {
  Bus bus;
  know(bus, "bob");
  auto kept = [&](const char* who, size_t size) {
    Actor asks(bus, who);
    asks.login("r");
    asks.send(filled(size, "<presence type='subscribe' to='bob@localhost'><status>",
                     "</status></presence>"));
    for (const store::RosterItem& item : bus.store->roster("bob").items) {
      if (item.jid == std::string(who) + "@localhost") return item.request;
    }
    return std::string();
  };
  // What is kept is longer than what was sent by the address it was stamped with.
  size_t stamped = kept("ann", 200).size() - 200;
  std::string edge = kept("abe", limits::subscription_request_bytes_max - stamped);
  EXPECT_EQ(edge.size(), limits::subscription_request_bytes_max);
  EXPECT_THAT(edge, HasSubstr("<status>"));
  std::string beyond = kept("amy", limits::subscription_request_bytes_max - stamped + 1);
  EXPECT_EQ(beyond, "<presence type='subscribe' from='amy@localhost' to='bob@localhost'/>");
  Actor bob(bus, "bob");
  bob.login("b");
  bob.send("<presence/>");
  EXPECT_EQ(bob.stanzas().size(), 4u);  // his own presence and three who ask
}

TEST(Limits, directed_presence_max) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  auto to = [](size_t i) { return "<presence to='nobody" + std::to_string(i) + "@localhost'/>"; };
  for (size_t i = 0; i < limits::directed_presence_max; ++i) ann.put(to(i));
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  ann.send(to(limits::directed_presence_max));
  EXPECT_EQ(refusal(ann), "resource-constraint");
  // Who knows already may hear more; who hears that it is over makes room.
  ann.send(to(7));
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  ann.send("<presence type='unavailable' to='nobody7@localhost'/>" +
           to(limits::directed_presence_max));
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  expect_alive(ann);
}

TEST(Limits, directed_presence_bytes_max) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  const std::string resource(1000, 'r');
  auto to = [&](size_t i) {
    return "<presence to='nobody@localhost/" + resource + std::to_string(10'000 + i) + "'/>";
  };
  const size_t each = 4 * sizeof(void*) + sizeof(xmpp::Jid) + std::string("nobody@localhost/").size() + resource.size() + 5;
  const size_t most = limits::directed_presence_bytes_max / each;
  for (size_t i = 0; i < most; ++i) ann.put(to(i));
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  ann.send(to(most));
  EXPECT_EQ(refusal(ann), "resource-constraint");
  // What is taken back makes room, and so does the end of all of it.
  ann.send("<presence type='unavailable' to='nobody@localhost/" + resource + "10007'/>" + to(most));
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  ann.send(to(most + 1));
  EXPECT_EQ(refusal(ann), "resource-constraint");
  ann.send("<presence type='unavailable'/>" + to(most + 1));
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  expect_alive(ann);
}

TEST(Limits, presence_bytes_max) {
  Bus bus;
  Actor ann(bus, "ann"), phone(bus, "ann");
  ann.appear("a");
  phone.appear("phone");
  ann.forget();
  std::string head = "<presence><status>", tail = "</status></presence>";
  phone.send(filled(limits::presence_bytes_max, head, tail));
  EXPECT_EQ(ann.stanzas().size(), 1u);
  phone.forget();
  phone.send(filled(limits::presence_bytes_max + 1, head, tail));
  EXPECT_EQ(refusal(phone), "policy-violation");
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  phone.send(filled(limits::presence_bytes_max + 1, "<presence type='unavailable'><status>", tail));
  EXPECT_EQ(refusal(phone), "policy-violation");
  expect_alive(phone);
}

// ---- What the server works on ----

TEST(Limits, answered_bytes_max) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  std::string head = "<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'>",
              tail = "</ping></iq>";
  ann.send(filled(limits::answered_bytes_max, head, tail));
  EXPECT_EQ(ann.stanzas().at(0).attr_or("type", ""), "result");
  ann.send(filled(limits::answered_bytes_max + 1, head, tail));
  EXPECT_EQ(refusal(ann), "policy-violation");
  expect_alive(ann);
}

// A header without a default namespace: each stanza must be written anew for its receiver.
constexpr std::string_view prefixed_header =
    "<stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client' to='localhost' "
    "version='1.0'>";

TEST(Limits, rewritten_bytes_max) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a", prefixed_header);
  bob.login("b");
  std::string head = "<c:message to='bob@localhost/b'><c:body>", tail = "</c:body></c:message>";
  ann.send(filled(limits::rewritten_bytes_max, head, tail));
  EXPECT_EQ(bob.stanzas().size(), 1u);
  ann.send(filled(limits::rewritten_bytes_max + 1, head, tail));
  EXPECT_THAT(bob.stanzas(), IsEmpty());
  EXPECT_EQ(refusal(ann), "policy-violation");
  expect_alive(bob);
}

TEST(Limits, xml_attributes_max_and_xml_attributes_stamped_max) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a",
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
            "to='localhost' version='1.0' xml:lang='de'>");
  bob.login("b");
  std::string attributes;
  for (size_t i = 1; i < limits::xml_attributes_max; ++i)
    attributes += " a" + std::to_string(i) + "=''";
  ann.send("<message to='bob@localhost/b'" + attributes + "/>");
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attributes().size(), limits::xml_attributes_max + 2);  // from and xml:lang
  ann.send("<message to='bob@localhost/b' more=''" + attributes + "/>");
  EXPECT_THAT(ann.all(), HasSubstr("<policy-violation"));
  EXPECT_TRUE(ann.closed());
  expect_alive(bob);
}

// Each of these is within all limits on its sender's stream, and grows on the way.
TEST(Limits, stanza_bytes_stamped_max) {
  std::string name = "urn:" + std::string(limits::xml_namespace_bytes_max - 4, 'n');
  std::string repeated;
  for (int i = 0; i < 20'000; ++i) repeated += "<x p:a=''/>";
  std::string many;
  for (size_t i = 0; i < limits::xml_prefixes_max - 2; ++i)
    many += " p" + std::to_string(i) + ":a=''";
  std::string full = many;
  for (size_t i = limits::xml_prefixes_max - 2; i < limits::xml_attributes_max - 1; ++i)
    full += " a" + std::to_string(i) + "=''";
  std::string declared;
  for (size_t i = 0; i < limits::xml_prefixes_max - 2; ++i)
    declared += " xmlns:p" + std::to_string(i) + "='urn:" + std::to_string(i) + "'";
  struct Row {
    const char* what;
    std::string header, stanza;
  };
  std::string prefixed(prefixed_header), plain(Actor::default_header);
  auto with = [](std::string header, const std::string& more) {
    header.insert(header.size() - 1, " " + more);
    return header;
  };
  for (const Row& row :
       {Row{"a namespace on each of many elements", with(prefixed, "xmlns:p='" + name + "'"),
            "<c:message to='bob@localhost/b'><y xmlns='u'>" + repeated + "</y></c:message>"},
        Row{"more declarations than a start tag holds", with(plain, declared),
            "<message to='bob@localhost/b'" + full + "/>"}}) {
    SCOPED_TRACE(row.what);
    Bus bus;
    Actor eve(bus, "eve"), bob(bus, "bob");
    eve.login("e", row.header);
    bob.login("b");
    eve.send(row.stanza);
    EXPECT_THAT(bob.stanzas(), IsEmpty());
    EXPECT_EQ(refusal(eve), "policy-violation");
    expect_alive(bob);
    eve.send("<iq xmlns='jabber:client' type='get' id='q' to='localhost'><ping "
             "xmlns='urn:xmpp:ping'/></iq>");
    EXPECT_EQ(eve.stanzas().size(), 1u);
  }
}

// ---- Queues ----

TEST(Limits, a_stanza_half_sent_is_charged_to_its_account) {
  Options options;
  options.queue_bytes_per_account_max = 1'000'000;
  Bus bus(options);
  Actor bob(bus, "bob");
  bob.login("b");
  std::vector<std::unique_ptr<Actor>> all;
  size_t ended = 0;
  for (int i = 0; i < 20; ++i) {
    all.push_back(std::make_unique<Actor>(bus, "eve"));
    all.back()->login(std::to_string(i));
    all.back()->send("<message><body>" + std::string(60'000, 'x'));
    if (all.back()->closed()) {
      ++ended;
      EXPECT_THAT(all.back()->all(), HasSubstr("<resource-constraint"));
    }
  }
  // Half of the quota is for whoever comes first; the rest is shared by the others.
  EXPECT_EQ(ended, 20u - 500'000u / 60'016u);
  expect_alive(bob);
  all.front()->send("</body></message>");
  expect_alive(*all.front());
}

// RFC 6120 section 8.3.3.18: the sender is told that the receiver has no room, type wait, and what the
// receiver sends goes on, since the account that fills a queue is not the one whose queue it is.
TEST(Limits, CORE_49_a_queue_that_others_fill_ends_no_stream_of_its_account) {
  Options options;
  options.queue_bytes_per_account_max = 400'000;
  Bus bus(options);
  Actor eve(bus, "eve"), idle(bus, "bob"), busy(bus, "bob");
  eve.login("e");
  idle.login("idle");
  busy.login("busy");
  idle.stop_reading();
  busy.stop_reading();
  std::string headline = "<body>" + std::string(9'000, 'x') + "</body></message>";
  std::string refused;
  for (int i = 0; i < 200 && refused != "resource-constraint"; ++i) {
    for (const char* resource : {"idle", "busy"}) {
      eve.send("<message id='m' type='headline' to='bob@localhost/" + std::string(resource) + "'>" + headline);
      refused = refusal(eve);
    }
  }
  EXPECT_EQ(refused, "resource-constraint");
  // What bob sends comes in parts of any size, on the connection that is full too.
  for (Actor* of_bob : {&busy, &idle}) {
    of_bob->send("<message to='eve@localhost/e'><body>" + std::string(150'000, 'y'));
    EXPECT_FALSE(of_bob->closed());
    of_bob->send("</body></message>");
    EXPECT_EQ(eve.stanzas().size(), 1u);
  }
  idle.read_again();
  busy.read_again();
  expect_alive(busy);
  expect_alive(idle);
}

}  // namespace
}  // namespace xbus::server
