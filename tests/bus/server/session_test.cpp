// Plays about sessions: binding, quotas, time limits, the end.
#include <gmock/gmock.h>

#include "bus/net/timer.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Session, CORE_29_the_newer_session_takes_the_resource) {
  Bus bus;
  Actor old(bus, "ann"), newer(bus, "ann"), bob(bus, "bob");
  old.appear("a");
  EXPECT_EQ(newer.login("a"), "ann@localhost/a");
  EXPECT_THAT(old.bytes(), HasSubstr("<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));
  EXPECT_TRUE(old.closed());
  bob.login("b");
  bob.send("<message to='ann@localhost/a' id='1'/>");
  EXPECT_EQ(newer.stanzas().size(), 1u);
}

TEST(Session, CORE_29_bind_gen_a_random_resource_where_none_is_asked_for) {
  Bus bus;
  Actor one(bus, "ann"), two(bus, "ann");
  std::string a = one.login(""), b = two.login("");
  EXPECT_THAT(a, testing::StartsWith("ann@localhost/"));
  EXPECT_GT(a.size(), 20u);
  EXPECT_NE(a, b);
}

TEST(Session, connections_of_an_account_are_bounded) {
  Options options;
  options.connections_per_account_max = 2;
  Bus bus(options);
  Actor one(bus, "ann"), two(bus, "ann"), three(bus, "ann"), bob(bus, "bob");
  one.login("1");
  two.login("2");
  three.send(Actor::default_header);
  three.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
  three.send(std::string(Actor::default_header) +
             "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  EXPECT_THAT(three.all(), HasSubstr("<resource-constraint"));
  bob.login("b");
}

TEST(Session, login_takes_at_most_its_time) {
  Bus bus;
  Actor idle(bus, "ann");
  idle.send(Actor::default_header);
  bus.loop.advance(limits::login_time_max - 1s);
  EXPECT_FALSE(idle.closed());
  bus.loop.advance(2s);
  EXPECT_THAT(idle.all(), HasSubstr("<connection-timeout"));
  EXPECT_TRUE(idle.closed());
  // Who is logged in stays.
  Actor ann(bus, "ann");
  ann.login("a");
  bus.loop.advance(limits::login_time_max * 2);
  EXPECT_FALSE(ann.closed());
}

TEST(Session, a_receiver_that_does_not_read_costs_a_bounded_queue) {
  Options options;
  options.queue_bytes_per_account_max = 400'000;
  Bus bus(options);
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  bob.stop_reading();
  std::string payload(9000, 'x');
  size_t refused = 0;
  for (int i = 0; i < 60; ++i) {
    ann.send("<iq type='set' id='" + std::to_string(i) + "' to='bob@localhost/b'><q xmlns='u'>" +
             payload + "</q></iq>");
    for (const xml::Element& stanza : ann.stanzas()) {
      EXPECT_EQ(condition_of(stanza), "resource-constraint");
      EXPECT_EQ(stanza.first("error", xml::ns_client)->attr_or("type", ""), "wait");
      ++refused;
    }
  }
  EXPECT_GT(refused, 10u);
  EXPECT_LT(refused, 50u);
  // What was taken arrives when he reads again, and the queue is free.
  bob.read_again();
  EXPECT_EQ(bob.stanzas().size(), 60 - refused);
  ann.send("<iq type='set' id='last' to='bob@localhost/b'><q xmlns='u'/></iq>");
  EXPECT_EQ(bob.stanzas().size(), 1u);
}

TEST(Session, a_receiver_that_never_reads_is_ended) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  bob.stop_reading();
  for (int i = 0; i < 20; ++i) {
    ann.send("<iq type='set' id='" + std::to_string(i) + "' to='bob@localhost/b'><q xmlns='u'>" +
             std::string(9000, 'x') + "</q></iq>");
  }
  bus.loop.advance(limits::write_stall_time_max * 2);
  ann.forget();
  ann.send("<iq type='set' id='x' to='bob@localhost/b'><q xmlns='u'/></iq>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
}

TEST(Session, CORE_44_a_stanza_above_the_limit_ends_the_stream) {
  Options options;
  options.stanza_bytes_max = 20'000;
  Bus bus(options);
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  std::string head = "<message to='bob@localhost/b'><body>", tail = "</body></message>";
  ann.send(head + std::string(20'000 - head.size() - tail.size(), 'x') + tail);
  EXPECT_EQ(bob.stanzas().size(), 1u);
  ann.send(head + std::string(20'001 - head.size() - tail.size(), 'x') + tail);
  EXPECT_THAT(bob.stanzas(), IsEmpty());
  EXPECT_THAT(ann.all(), HasSubstr("<policy-violation"));
  EXPECT_TRUE(ann.closed());
}

TEST(Session, CORE_08_a_closed_stream_is_answered) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  ann.send(
      "<iq type='get' id='1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq></stream:stream>");
  std::string got = ann.bytes();
  EXPECT_THAT(got, HasSubstr("id='1'"));
  EXPECT_THAT(got, testing::EndsWith("</stream:stream>"));
  EXPECT_TRUE(ann.closed());
}

TEST(Session, connections_without_login_are_bounded) {
  Bus bus;
  std::vector<std::unique_ptr<Actor>> waiting;
  for (size_t i = 0; i < limits::connections_prelogin_max; ++i) {
    waiting.push_back(std::make_unique<Actor>(bus, "ann"));
  }
  bus.settle();
  EXPECT_FALSE(waiting.back()->closed());
  Actor over(bus, "ann");
  bus.settle();
  EXPECT_TRUE(over.closed());
  waiting.pop_back();
  bus.settle();
  Actor next(bus, "ann");
  next.login("a");
}

TEST(Session, plain_listeners_are_for_loopback) {
  Bus bus;
  net::PipeEnds ends = net::make_pipe(bus.loop, {.first_sees = {"192.0.2.1:4711", false, {}, {}}});
  bus.server.accept(std::move(ends.first), ListenerKind::plain_loopback, bus.loop);
  struct Watch : net::Transport::Handler {
    void on_data(std::string_view bytes) override { read += bytes; }
    void on_writable() override {}
    void on_secured(const net::TlsFacts&) override {}
    void on_closed(net::CloseReason, std::string_view) override { closed = true; }
    std::string read;
    bool closed = false;
  } watch;
  ends.second->start(watch);
  bus.settle();
  EXPECT_TRUE(watch.closed);
  EXPECT_THAT(watch.read, HasSubstr("<policy-violation"));
  EXPECT_THAT(watch.read, testing::Not(HasSubstr("<mechanism")));
}

TEST(Session, drain_ends_every_stream_properly) {
  ListeningEntity registry;
  Bus bus;
  bus.server.attach("services.localhost", registry);
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.appear("a");
  bob.login("b");
  bob.send("<presence to='s@services.localhost'/>");
  bool done = false;
  bus.server.drain(10s, [&] { done = true; });
  bus.settle();
  EXPECT_TRUE(done);
  for (Actor* actor : {&ann, &bob}) {
    EXPECT_THAT(actor->all(), HasSubstr("<system-shutdown"));
    EXPECT_THAT(actor->all(), testing::EndsWith("</stream:stream>"));
    EXPECT_TRUE(actor->closed());
  }
  ASSERT_EQ(registry.got.size(), 2u);
  EXPECT_EQ(registry.got[1].attr_or("type", ""), "unavailable");
  Actor late(bus, "ann");
  bus.settle();
  EXPECT_TRUE(late.closed());
}

TEST(Session, drain_does_not_wait_for_ever) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  bob.stop_reading();
  for (int i = 0; i < 20; ++i)
    ann.send("<message to='bob@localhost/b'><body>" + std::string(9000, 'x') + "</body></message>");
  bool done = false;
  bus.server.drain(10s, [&] { done = true; });
  bus.settle();
  EXPECT_FALSE(done);
  bus.loop.advance(11s);
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace xbus::server
