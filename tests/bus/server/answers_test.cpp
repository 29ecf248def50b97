// Sessions that ask and do not read: RFC 6120 section 8.2.3 owes each request an answer while the stream goes on.
#include <gmock/gmock.h>

#include <map>

#include "bus/limits_answers.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr std::string_view big_body_head = "<message type='headline' to='ann@localhost/a'><body>";

std::string ping(size_t id, const std::string& to = "localhost") {
  return "<iq type='get' id='p" + std::to_string(id) + "' to='" + to + "'><ping xmlns='urn:xmpp:ping'/></iq>";
}

// A bus whose queues are small, so that they are full soon: Ann does not read, and Eve fills her queue.
class Answers : public testing::Test {
 protected:
  static Options small() {
    Options options;
    options.stanza_bytes_max = 256 * 1024;
    options.queue_bytes_per_account_max = 512 * 1024;
    return options;
  }
  Answers() {
    bus.server.attach("services.localhost", entity);
    ann.login("a");
    eve.login("e");
  }
  void fill() {
    ann.stop_reading();
    const std::string body(50'000, 'x');
    for (int i = 0; i < 100; ++i) eve.put(std::string(big_body_head) + body + "</body></message>");
    eve.forget();
    // What is left of it, and of the socket, is too small for anything.
    bool full = false;
    for (int i = 0; i < 10'000 && !full; ++i) {
      eve.send("<message type='headline' to='ann@localhost/a'/>");
      full = !eve.stanzas().empty();
    }
    EXPECT_TRUE(full);
  }
  // Type of the answer to each id, or the condition of its error; all of them once.
  std::map<std::string, std::string> answers(Actor& actor) {
    std::map<std::string, std::string> all;
    for (const xml::Element& stanza : actor.stanzas()) {
      if (stanza.name() != "iq") continue;
      const std::string type(stanza.attr_or("type", ""));
      EXPECT_TRUE(all.emplace(stanza.attr_or("id", ""), type == "error" ? condition_of(stanza) : type).second)
          << xml::write(stanza);
    }
    return all;
  }

  ListeningEntity entity;
  Bus bus{small()};
  Actor ann{bus, "ann"}, eve{bus, "eve"};
};

TEST_F(Answers, CORE_34_every_request_is_answered_though_the_queue_is_full) {
  fill();
  const size_t count = 2000;
  for (size_t i = 0; i < count; ++i) ann.put(ping(i));
  ann.put("<iq type='get' id='none' to='localhost'><none xmlns='urn:none'/></iq>");
  bus.settle();
  EXPECT_FALSE(ann.closed());
  ann.read_again();
  auto got = answers(ann);
  EXPECT_EQ(got.size(), count + 1);
  EXPECT_EQ(got["none"], "service-unavailable");
  got.erase("none");
  for (const auto& [id, type] : got) EXPECT_EQ(type, "result") << id;
  // It is read as before.
  ann.send(ping(count));
  EXPECT_EQ(answers(ann).size(), 1u);
}

// What it asks meanwhile waits in its own socket: no memory of the bus.
TEST_F(Answers, who_asks_and_does_not_read_is_not_read_either) {
  fill();
  const std::string info = "<iq type='get' id='1' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
  const auto asked = [&] { return ann.unsent(); };
  for (int i = 0; i < 20'000; ++i) ann.put(info);
  bus.settle();
  EXPECT_GT(asked(), 0u);
  EXPECT_FALSE(ann.closed());
  ann.read_again();
  EXPECT_EQ(asked(), 0u);
  EXPECT_EQ(ann.stanzas().empty(), false);
  ann.send(ping(1));
  EXPECT_EQ(answers(ann).size(), 1u);
}

// Answers of what is attached to the server come later and are owed as well.
TEST_F(Answers, CORE_34_an_entitys_answer_finds_room_until_the_bound_and_then_the_stream_ends) {
  fill();
  const size_t each = 20'000, room = limits::answers_beyond_bytes_max / each;
  const auto answer = [&](size_t i) {
    xml::Element result("iq", xml::ns_client);
    result.set("type", "result").set("id", "e" + std::to_string(i)).set("from", "services.localhost");
    result.set("to", "ann@localhost/a").add("x").add_text(std::string(each, 'y'));
    entity.port->send(result);
    bus.settle();
  };
  for (size_t i = 0; i <= room; ++i) answer(i);
  EXPECT_FALSE(ann.closed());
  ann.read_again();
  auto got = answers(ann);
  EXPECT_EQ(got.size(), room + 1);
  for (size_t i = 0; i <= room; ++i)
    EXPECT_EQ(got["e" + std::to_string(i)], i < room ? "result" : "resource-constraint") << i;
  // So many that not even the errors have room.
  fill();
  for (size_t i = 0; i < 5000; ++i) answer(i);
  ann.read_again();
  EXPECT_THAT(ann.all(), HasSubstr("<resource-constraint"));
  EXPECT_THAT(ann.all(), EndsWith("</stream:stream>"));
}

// A peer may say that it answers what nobody has asked: its word takes nothing beyond the bound.
TEST_F(Answers, what_peers_send_as_answers_has_no_room_beyond_the_bound) {
  fill();
  for (int i = 0; i < 5000; ++i) eve.put("<iq type='result' id='forged" + std::to_string(i) + "' to='ann@localhost/a'/>");
  bus.settle();
  ann.put(ping(1));
  bus.settle();
  EXPECT_FALSE(ann.closed());
  ann.read_again();
  auto got = answers(ann);
  EXPECT_EQ(got["p1"], "result");
  EXPECT_LT(got.size(), 50u);
}

// More connections buy little more: what is owed beyond the bound is an account's.
TEST_F(Answers, answers_beyond_bytes_per_account_max) {
  std::vector<std::unique_ptr<Actor>> others;
  for (int i = 0; i < 40; ++i) {
    others.push_back(std::make_unique<Actor>(bus, "ann"));
    others.back()->login("o" + std::to_string(i));
    others.back()->stop_reading();
  }
  fill();
  const size_t each = 20'000, count = 10;
  static_assert(each * count < limits::answers_beyond_bytes_max);
  for (const auto& other : others) {
    for (size_t n = 0; n < count; ++n) {
      xml::Element result("iq", xml::ns_client);
      result.set("type", "result").set("id", std::to_string(n)).set("from", "services.localhost").set("to", other->jid());
      result.add("x").add_text(std::string(each, 'y'));
      entity.port->send(result);
    }
  }
  bus.settle();
  // Each is answered, in whole or with an error, or ended: nobody waits for ever, and 8 MB are not held.
  size_t whole = 0;
  for (const auto& other : others) {
    other->read_again();
    auto got = answers(*other);
    if (got.size() < count) {
      EXPECT_THAT(other->all(), HasSubstr("<resource-constraint"));
      EXPECT_THAT(other->all(), EndsWith("</stream:stream>"));
    }
    for (const auto& [id, type] : got) whole += type == "result";
  }
  EXPECT_GT(whole * each, limits::answers_beyond_bytes_per_account_max / 2);
  EXPECT_LT(whole * each, 3 * limits::answers_beyond_bytes_per_account_max / 2);
}

// With stream management the answers are kept until they are acknowledged, and acknowledgements are read.
TEST_F(Answers, CORE_34_every_request_is_answered_with_stream_management) {
  ann.send("<enable xmlns='urn:xmpp:sm:3'/>");
  ann.forget();
  fill();
  for (size_t i = 0; i < 200; ++i) ann.put(ping(i));
  bus.settle();
  EXPECT_FALSE(ann.closed());
  ann.read_again();
  size_t answered = 0, handled = 0;
  for (const xml::Element& stanza : ann.stanzas()) {
    if (stanza.ns() == "urn:xmpp:sm:3") continue;
    ++handled;
    answered += stanza.name() == "iq" && stanza.attr_or("type", "") == "result";
  }
  EXPECT_EQ(answered, 200u);
  ann.send("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(handled) + "'/>" + ping(200));
  EXPECT_EQ(answers(ann).size(), 1u);
  EXPECT_FALSE(ann.closed());
}

// What waits for it then is charged to no account: one could fill a queue after the other.
TEST(Stalled, who_ends_stream_after_stream_and_does_not_read_leaves_little_waiting) {
  Bus bus;
  Actor eve(bus, "eve");
  eve.login("e");
  std::vector<std::unique_ptr<Actor>> anns;
  const std::string body(100'000, 'x');
  for (const std::string resource : {"a", "b", "c"}) {
    anns.push_back(std::make_unique<Actor>(bus, "ann"));
    Actor& ann = *anns.back();
    ann.login(resource);
    ann.stop_reading();
    for (int i = 0; i < 170; ++i) {
      eve.put("<iq type='set' id='" + std::to_string(i) + "' to='ann@localhost/" + resource + "'><x xmlns='u'>" + body + "</x></iq>");
    }
    eve.forget();
    ann.send("</stream:stream>");
    bus.settle();
    // Each request is answered once: with the session's end, unless it may still be read.
    const size_t answered = eve.stanzas().size();
    if (resource == "a") {
      EXPECT_EQ(answered, 0u);
    } else {
      EXPECT_GT(answered, 100u);
    }
  }
}

}  // namespace
}  // namespace xbus::server
