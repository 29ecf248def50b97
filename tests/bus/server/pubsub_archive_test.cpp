// Plays about the archive of a topic: who was away asks for what it missed, by id, by time and by pages.
#include "bus/limits_topics.hpp"
#include "bus/xmpp/delay.hpp"
#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/rsm.hpp"
#include "tests/bus/server/topics.hpp"

namespace xbus::server {
namespace {

constexpr std::string_view ns_mam = "urn:xmpp:mam:2";

std::string field(const std::string& var, const std::string& value) {
  return "<field var='" + var + "'><value>" + value + "</value></field>";
}
std::string rsm(const std::string& inside) {
  return "<set xmlns='http://jabber.org/protocol/rsm'>" + inside + "</set>";
}
std::string query(const std::string& fields, const std::string& more = {}, const std::string& node = "news") {
  return "<query xmlns='urn:xmpp:mam:2' queryid='q' node='" + node + "'><x xmlns='jabber:x:data' type='submit'>" +
         field("FORM_TYPE", "urn:xmpp:mam:2") + fields + "</x>" + more + "</query>";
}

// What a query brought: "a b c | first last 3 complete".
struct Got {
  std::string ids, end;
  std::vector<xml::Element> results;
};

class ArchiveTest : public Topics {
 protected:
  explicit ArchiveTest(Options options = {}) : Topics(std::move(options)), ann(bus, "ann"), bob(bus, "bob") {
    ann.login("1");
    bob.login("2");
  }
  static void take(Got& got, const std::vector<xml::Element>& stanzas) {
    for (const xml::Element& stanza : stanzas) {
      if (const xml::Element* result = stanza.first("result", ns_mam)) {
        EXPECT_EQ(stanza.attr_or("from", ""), "events.localhost");
        EXPECT_TRUE(got.end.empty()) << "a result behind the end";
        got.ids += std::string(result->attr_or("id", "")) + ' ';
        got.results.push_back(stanza);
      } else if (stanza.name() == "iq") {
        got.end = outcome(stanza);
        const xml::Element* fin = stanza.first("fin", ns_mam);
        if (fin == nullptr) continue;
        auto page = xmpp::page_from(*fin);
        ASSERT_TRUE(page);
        got.end = page->first.value_or("-") + ' ' + page->last.value_or("-") + ' ' +
                  (page->first_index ? std::to_string(*page->first_index) : "-") + ' ' +
                  std::to_string(page->count.value_or(9999)) +
                  (fin->attr_or("complete", "") == "true" ? " complete" : "");
      }
    }
  }
  Got ask_archive(Actor& who, const std::string& text) {
    Got got;
    who.send("<iq to='events.localhost' type='set' id='m'>" + text + "</iq>");
    take(got, who.stanzas());
    return got;
  }
  std::string archive(Actor& who, const std::string& text) {
    Got got = ask_archive(who, text);
    return got.ids + "| " + got.end;
  }
  // Items a to e of ann, ten seconds after each other; the first at 00:00:10.
  void five() {
    create(ann, "news");
    for (char id = 'a'; id <= 'e'; ++id) {
      bus.loop.advance(std::chrono::seconds(10));
      ASSERT_EQ(publish(ann, "news", item(std::string(1, id), "text")), "result");
    }
  }
  Actor ann, bob;
};

TEST_F(ArchiveTest, each_item_is_forwarded_as_the_event_was) {
  create(ann, "news");
  subscribe(bob, "news");
  bob.forget();
  bus.loop.advance(std::chrono::seconds(10));
  publish(ann, "news", item("a", "text"));
  auto heard = bob.stanzas();
  ASSERT_EQ(heard.size(), 1u);
  bus.loop.advance(std::chrono::seconds(60));
  Got got = ask_archive(bob, query(""));
  EXPECT_EQ(got.end, "a a 0 1 complete");
  ASSERT_EQ(got.results.size(), 1u);
  const xml::Element* result = got.results[0].first("result", ns_mam);
  EXPECT_EQ(result->attr_or("queryid", ""), "q");
  const xml::Element* forwarded = result->first("forwarded", "urn:xmpp:forward:0");
  ASSERT_NE(forwarded, nullptr);
  const xml::Element* delay = forwarded->first("delay", "urn:xmpp:delay");
  ASSERT_NE(delay, nullptr);
  EXPECT_EQ(delay->attr_or("stamp", ""), "2026-01-01T00:00:10Z");
  const xml::Element* message = forwarded->first("message", xml::ns_client);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->attr_or("type", ""), "headline");
  EXPECT_EQ(*message->first("event", ns_ps_event), *heard[0].first("event", ns_ps_event));
}

TEST_F(ArchiveTest, by_id_by_time_and_by_publisher) {
  five();
  EXPECT_EQ(archive(bob, query("")), "a b c d e | a e 0 5 complete");
  EXPECT_EQ(archive(bob, query(field("after-id", "c"))), "d e | d e 0 2 complete");
  EXPECT_EQ(archive(bob, query(field("before-id", "c"))), "a b | a b 0 2 complete");
  EXPECT_EQ(archive(bob, query(field("after-id", "e"))), "| - - - 0 complete");
  EXPECT_EQ(archive(bob, query(field("start", "2026-01-01T00:00:30Z"))), "c d e | c e 0 3 complete");
  EXPECT_EQ(archive(bob, query(field("end", "2026-01-01T00:00:30Z"))), "a b c | a c 0 3 complete");
  EXPECT_EQ(archive(bob, query(field("start", "2026-01-01T00:00:15Z") + field("end", "2026-01-01T00:00:25Z"))),
            "b | b b 0 1 complete");
  EXPECT_EQ(archive(bob, query(field("with", "ann@localhost"))), "a b c d e | a e 0 5 complete");
  EXPECT_EQ(archive(bob, query(field("with", "bob@localhost"))), "| - - - 0 complete");
  EXPECT_EQ(archive(bob, query("<field var='ids'><value>d</value><value>b</value></field>")), "b d | b d 0 2 complete");
}

TEST_F(ArchiveTest, pages_forwards_backwards_flipped_and_empty) {
  five();
  EXPECT_EQ(archive(bob, query("", rsm("<max>2</max>"))), "a b | a b 0 5");
  EXPECT_EQ(archive(bob, query("", rsm("<max>2</max><after>b</after>"))), "c d | c d 2 5");
  EXPECT_EQ(archive(bob, query("", rsm("<max>2</max><after>d</after>"))), "e | e e 4 5 complete");
  EXPECT_EQ(archive(bob, query("", rsm("<max>2</max><before/>"))), "d e | d e 3 5");
  EXPECT_EQ(archive(bob, query("", rsm("<max>2</max><before>d</before>"))), "b c | b c 1 5");
  EXPECT_EQ(archive(bob, query("", rsm("<max>2</max><before>b</before>"))), "a | a a 0 5 complete");
  EXPECT_EQ(archive(bob, query("", rsm("<max>2</max><index>3</index>"))), "d e | d e 3 5 complete");
  EXPECT_EQ(archive(bob, query("", rsm("<max>0</max>"))), "| - - - 5");
  // Section 4.3.4: what a page is does not change, only the way it comes.
  EXPECT_EQ(archive(bob, query("", rsm("<max>2</max>") + "<flip-page/>")), "b a | a b 0 5");
  EXPECT_EQ(archive(bob, query(field("after-id", "a"), rsm("<max>2</max><after>c</after>"))), "d e | d e 2 4 complete");
}

TEST_F(ArchiveTest, a_page_has_an_end_of_its_own) {
  create(ann, "news", {{"max_items", "max"}});
  std::string many;
  for (size_t i = 0; i <= limits::archive_page_entries_max; ++i) many += item("i" + std::to_string(i));
  ASSERT_EQ(publish(ann, "news", many), "result");
  Got got = ask_archive(bob, query(""));
  EXPECT_EQ(got.results.size(), limits::archive_page_entries_max);
  const std::string last = "i" + std::to_string(limits::archive_page_entries_max);
  EXPECT_EQ(archive(bob, query("", rsm("<after>i" + std::to_string(limits::archive_page_entries_max - 1) + "</after>"))),
            last + " | " + last + ' ' + last + " 250 251 complete");
}

TEST_F(ArchiveTest, refusals) {
  five();
  EXPECT_EQ(archive(bob, "<query xmlns='urn:xmpp:mam:2'/>"), "| bad-request+nodeid-required");
  EXPECT_EQ(archive(bob, query("", "", "none")), "| item-not-found");
  for (const char* var : {"after-id", "before-id", "ids"})
    EXPECT_EQ(archive(bob, query(field(var, "gone"))), "| item-not-found") << var;
  EXPECT_EQ(archive(bob, query("", rsm("<after>gone</after>"))), "| item-not-found");
  EXPECT_EQ(archive(bob, query(field("start", "noon"))), "| bad-request");
  EXPECT_EQ(archive(bob, query(field("odd", "1"))), "| feature-not-implemented");
}

// PS-19: as for a retrieval.
TEST_F(ArchiveTest, PS_19_access_is_that_of_retrievals) {
  create(ann, "closed", {{"access_model", "whitelist"}});
  create(ann, "asked", {{"access_model", "authorize"}});
  publish(ann, "closed", item("a"));
  EXPECT_EQ(archive(bob, query("", "", "closed")), "| not-allowed+closed-node");
  EXPECT_EQ(archive(bob, query("", "", "asked")), "| not-authorized+not-subscribed");
  EXPECT_EQ(archive(ann, query("", "", "closed")), "a | a a 0 1 complete");
  const std::string metadata = "<metadata xmlns='urn:xmpp:mam:2' node='closed'/>";
  EXPECT_EQ(outcome(ask(bob, "get", metadata)), "not-allowed+closed-node");
  own(ann, "set", "<affiliations node='closed'><affiliation jid='bob@localhost' affiliation='member'/></affiliations>");
  bob.forget();
  EXPECT_EQ(archive(bob, query("", "", "closed")), "a | a a 0 1 complete");
  own(ann, "set", "<affiliations node='closed'><affiliation jid='bob@localhost' affiliation='publish-only'/></affiliations>");
  bob.forget();
  EXPECT_EQ(archive(bob, query("", "", "closed")), "| forbidden");
}

TEST_F(ArchiveTest, its_form_and_its_ends) {
  xml::Element form = ask(bob, "get", "<query xmlns='urn:xmpp:mam:2' node='news'/>");
  ASSERT_EQ(outcome(form), "result");
  auto fields = xmpp::form_from(*form.first("query", ns_mam)->first("x", xmpp::ns_data));
  ASSERT_TRUE(fields.ok());
  for (const char* var : {"with", "start", "end", "before-id", "after-id", "ids"})
    EXPECT_NE(fields->field(var), nullptr) << var;
  const std::string metadata = "<metadata xmlns='urn:xmpp:mam:2' node='news'/>";
  EXPECT_EQ(outcome(ask(bob, "get", metadata)), "item-not-found");
  create(ann, "news");
  EXPECT_EQ(ask(bob, "get", metadata).first("metadata", ns_mam)->element_count(), 0u);
  own(ann, "set", "<delete node='news'/>");
  five();
  xml::Element ends = *ask(bob, "get", metadata).first("metadata", ns_mam);
  EXPECT_EQ(ends.first("start", ns_mam)->attr_or("id", ""), "a");
  EXPECT_EQ(ends.first("start", ns_mam)->attr_or("timestamp", ""), "2026-01-01T00:00:10Z");
  EXPECT_EQ(ends.first("end", ns_mam)->attr_or("id", ""), "e");
}

TEST_F(ArchiveTest, PS_04_the_archive_is_announced) {
  create(ann, "news");
  for (const char* node : {"", " node='news'"}) {
    auto info = xmpp::disco_info_from(*ask(bob, "get", "<query xmlns='http://jabber.org/protocol/disco#info'" + std::string(node) + "/>").first_element());
    ASSERT_TRUE(info.ok());
    EXPECT_TRUE(info->has_feature("urn:xmpp:mam:2"));
    EXPECT_TRUE(info->has_feature("urn:xmpp:mam:2#extended"));
  }
}

TEST_F(ArchiveTest, what_has_had_its_time_or_was_taken_back_is_not_there) {
  create(ann, "news", {{"item_expire", "60"}});
  publish(ann, "news", item("a") + item("b"));
  bus.loop.advance(std::chrono::seconds(30));
  publish(ann, "news", item("c"));
  pubsub(ann, "set", "<retract node='news'><item id='b'/></retract>");
  EXPECT_EQ(archive(bob, query("")), "a c | a c 0 2 complete");
  bus.loop.advance(std::chrono::seconds(31));
  EXPECT_EQ(archive(bob, query("")), "c | c c 0 1 complete");
}

TEST_F(ArchiveTest, a_topic_without_payloads_forwards_none) {
  create(ann, "bell", {{"deliver_payloads", "0"}});
  publish(ann, "bell", item("a", "secret"));
  Got got = ask_archive(bob, query("", "", "bell"));
  EXPECT_EQ(got.ids, "a ");
  EXPECT_THAT(xml::write(got.results.at(0)), testing::Not(testing::HasSubstr("secret")));
}

class SlowArchiveTest : public ArchiveTest {
 protected:
  static Options small() {
    Options options;
    options.queue_bytes_per_account_max = 300'000;
    return options;
  }
  SlowArchiveTest() : ArchiveTest(small()) {}
};

// Nothing of a page is lost where the queue is full: it waits, in order, and the end comes last.
TEST_F(SlowArchiveTest, a_page_waits_for_room) {
  create(ann, "news");
  const std::string big(20'000, 'x');
  std::string expected;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(publish(ann, "news", item(std::to_string(i), big)), "result");
    expected += std::to_string(i) + ' ';
  }
  bob.stop_reading();
  constexpr int pages = 4;
  for (int i = 0; i < pages; ++i) bob.put("<iq to='events.localhost' type='set' id='m'>" + query("") + "</iq>");
  bus.settle();
  bus.loop.advance(std::chrono::seconds(2));
  bob.read_again();
  std::string got;
  int ends = 0;
  for (int round = 0; round < 40; ++round) {
    bus.loop.advance(std::chrono::milliseconds(100));
    for (const xml::Element& stanza : bob.stanzas()) {
      if (const xml::Element* result = stanza.first("result", ns_mam)) got += std::string(result->attr_or("id", "")) + ' ';
      ends += stanza.first("fin", ns_mam) != nullptr ? 1 : 0;
    }
  }
  EXPECT_EQ(ends, pages);
  EXPECT_EQ(got.size(), expected.size() * pages);
  for (char id = '0'; id <= '9'; ++id) EXPECT_EQ(std::count(got.begin(), got.end(), id), pages) << id;
}

// Beyond that the asker is told to wait itself.
TEST_F(SlowArchiveTest, archive_pages_per_account_max) {
  create(ann, "news");
  for (int i = 0; i < 10; ++i) publish(ann, "news", item(std::to_string(i), std::string(20'000, 'x')));
  bob.stop_reading();
  constexpr size_t asked = limits::archive_pages_per_account_max + 10;
  for (size_t i = 0; i < asked; ++i) bob.put("<iq to='events.localhost' type='set' id='m'>" + query("") + "</iq>");
  bus.settle();
  bob.read_again();
  size_t ends = 0, refused = 0;
  for (int round = 0; round < 100; ++round) {
    bus.loop.advance(std::chrono::milliseconds(100));
    for (const xml::Element& stanza : bob.stanzas()) {
      ends += stanza.first("fin", ns_mam) != nullptr ? 1u : 0u;
      if (stanza.attr_or("type", "") != "error") continue;
      ++refused;
      EXPECT_EQ(condition_of(stanza), "resource-constraint");
    }
  }
  EXPECT_EQ(ends + refused, asked);
  EXPECT_GE(ends, limits::archive_pages_per_account_max);
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(archive(bob, query(field("after-id", "8"))), "9 | 9 9 0 1 complete");
}

// Who goes meanwhile leaves nothing behind: what was charged is there for others again.
TEST_F(SlowArchiveTest, an_asker_that_goes) {
  create(ann, "news");
  for (int i = 0; i < 10; ++i) publish(ann, "news", item(std::to_string(i), std::string(20'000, 'x')));
  {
    Actor carl(bus, "carl");
    carl.login("3");
    carl.stop_reading();
    for (int i = 0; i < 5; ++i) carl.put("<iq to='events.localhost' type='set' id='m'>" + query("") + "</iq>");
    bus.settle();
    carl.hang_up();
    bus.settle();
  }
  bus.loop.advance(std::chrono::seconds(2));
  Got got = ask_archive(bob, query(""));
  for (int round = 0; round < 10; ++round) {
    bus.loop.advance(std::chrono::milliseconds(100));
    take(got, bob.stanzas());
  }
  EXPECT_EQ(got.ids, "0 1 2 3 4 5 6 7 8 9 ");
  EXPECT_EQ(got.end, "0 9 0 10 complete");
}

}  // namespace
}  // namespace xbus::server
