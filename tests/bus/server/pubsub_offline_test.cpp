// Plays about items that last as long as their publisher is there, and about publishing after a comparison.
#include "bus/server/pubsub_records.hpp"
#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/rsm.hpp"
#include "tests/bus/server/topics.hpp"

namespace xbus::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OfflineItems : public Topics {
 protected:
  OfflineItems() : ann(bus, "ann"), bob(bus, "bob") {
    ann.login("1");
    bob.login("2");
  }
  Actor ann, bob;
};

TEST_F(OfflineItems, what_a_publisher_said_goes_with_its_last_session) {
  create(ann, "here", {{"purge_offline", "1"}, {"publish_model", "open"}, {"notify_retract", "1"}});
  publish(ann, "here", item("ann"));
  subscribe(bob, "here");
  {
    Actor first(bus, "carl"), second(bus, "carl");
    first.login("3");
    second.login("4");
    EXPECT_EQ(publish(first, "here", item("c3")), "result");
    EXPECT_EQ(publish(second, "here", item("c4")), "result");
    first.send("</stream:stream>");
    bus.settle();
    EXPECT_EQ(items(bob, "here"), "ann c3 c4 ");
    bob.forget();
    second.send("</stream:stream>");
    bus.settle();
  }
  EXPECT_THAT(events(bob), ElementsAre("items here: -c3 -c4 "));
  EXPECT_EQ(items(bob, "here"), "ann ");
  std::vector<std::string> kept;
  bus.store->each_item([&](store::TopicItem one, size_t) { kept.push_back(one.id); });
  EXPECT_THAT(kept, ElementsAre("ann"));
}

TEST_F(OfflineItems, unavailable_is_gone_too_and_other_topics_keep_theirs) {
  create(ann, "here", {{"purge_offline", "1"}});
  create(ann, "stays");
  publish(ann, "here", item("a"));
  publish(ann, "stays", item("a"));
  ann.send("<presence/>");
  ann.send("<presence type='unavailable'/>");
  EXPECT_EQ(items(bob, "here"), "");
  EXPECT_EQ(items(bob, "stays"), "a ");
}

TEST_F(OfflineItems, one_that_was_made_by_publishing) {
  const std::string options = "<publish-options>" + form("publish-options", {{"purge_offline", "1"}}) + "</publish-options>";
  {
    Actor carl(bus, "carl");
    carl.login("3");
    EXPECT_EQ(outcome(pubsub(carl, "set", "<publish node='made'>" + item("a") + "</publish>" + options)), "result");
    EXPECT_EQ(items(bob, "made"), "a ");
    carl.hang_up();
    bus.settle();
  }
  EXPECT_EQ(items(bob, "made"), "");
}

// Every session has ended when the server begins.
class AfterRestart : public Topics {
 protected:
  static std::unique_ptr<store::Store> seeded() {
    auto kept = store::make_memory_store();
    int64_t key = 0;
    for (const char* name : {"here", "stays"}) {
      router::pubsub::Node node;
      node.key = ++key;
      node.name = name;
      node.creator = *xmpp::Jid::parse("ann@localhost");
      node.config.purge_offline = node.name == "here";
      kept->put_entry(pubsub_nodes, node.name, record_of(node), {});
      kept->change_items({{key, key, "a", "ann@localhost", Timestamp{}, "<p xmlns='u'/>"}}, {}, {});
    }
    return kept;
  }
  AfterRestart() : Topics({}, seeded()) {}
};

TEST_F(AfterRestart, who_has_published_is_gone) {
  Actor bob(bus, "bob");
  bob.login("2");
  EXPECT_EQ(items(bob, "here"), "");
  EXPECT_EQ(items(bob, "stays"), "a ");
  std::vector<int64_t> kept;
  bus.store->each_item([&](store::TopicItem one, size_t) { kept.push_back(one.node); });
  EXPECT_THAT(kept, ElementsAre(2));
}

class Comparing : public OfflineItems {
 protected:
  std::string publish_after(Actor& who, const std::string& value, const std::string& what) {
    last = pubsub(who, "set", "<publish node='state'>" + what + "</publish><publish-options>" +
                                  form("publish-options", {{"prev_item_cap_value", value}}) + "</publish-options>");
    return outcome(last);
  }
  std::string value_of(Actor& who, const std::string& id) {
    xml::Element answer = pubsub(who, "get", "<items node='state'/>");
    const xml::Element* map = answer.first_element()->first_element()->first("cap-v-map", "urn:xmpp:pubsub:cap:0");
    if (map == nullptr) return {};
    for (const xml::Element* one : map->elements()) {
      if (one->attr_or("item-id", "") == id) return std::string(one->attr_or("cap-value", ""));
    }
    return {};
  }
  xml::Element last;
};

TEST_F(Comparing, PS_47_one_of_two_who_have_read_the_same) {
  create(ann, "state", {{"publish_model", "open"}});
  EXPECT_EQ(publish_after(ann, "", item("s", "1")), "result");
  const std::string read = value_of(ann, "s");
  ASSERT_FALSE(read.empty());
  EXPECT_EQ(value_of(bob, "s"), read);
  EXPECT_EQ(publish_after(ann, read, item("s", "2")), "result");
  EXPECT_EQ(publish_after(bob, read, item("s", "3")), "conflict+precondition-not-met");
  const xml::Element* error = last.first("error", xml::ns_client);
  EXPECT_EQ(error->attr_or("type", ""), "modify");
  const xml::Element* failed = error->first("compare-and-publish-failed", "urn:xmpp:pubsub:cap:0");
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->attr_or("cap-id", ""), value_of(bob, "s"));
  EXPECT_EQ(publish_after(bob, std::string(failed->attr_or("cap-id", "")), item("s", "3")), "result");
}

TEST_F(Comparing, PS_47_it_is_announced) {
  auto info = xmpp::disco_info_from(*ask(bob, "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>").first_element());
  ASSERT_TRUE(info.ok());
  EXPECT_TRUE(info->has_feature("urn:xmpp:pubsub:cap:0"));
}

TEST_F(OfflineItems, PS_21_retrievals_are_paged_from_either_end_and_by_index) {
  create(ann, "news");
  for (char id = 'a'; id <= 'e'; ++id) publish(ann, "news", item(std::string(1, id)));
  auto page = [&](const std::string& inside) {
    xml::Element answer = pubsub(bob, "get", "<items node='news'/><set xmlns='http://jabber.org/protocol/rsm'>" + inside + "</set>");
    std::string text;
    for (const xml::Element* one : answer.first_element()->first("items", ns_ps)->elements("item", ns_ps))
      text += std::string(one->attr_or("id", "")) + ' ';
    auto tells = xmpp::page_from(*answer.first_element());
    if (!tells) return text + "unpaged";
    return text + "| " + (tells->first_index ? std::to_string(*tells->first_index) : "-") + " of " +
           std::to_string(tells->count.value_or(99));
  };
  EXPECT_EQ(page("<max>2</max>"), "a b | 0 of 5");
  EXPECT_EQ(page("<max>2</max><after>b</after>"), "c d | 2 of 5");
  EXPECT_EQ(page("<max>2</max><after>d</after>"), "e | 4 of 5");
  EXPECT_EQ(page("<max>2</max><after>e</after>"), "| - of 5");
  EXPECT_EQ(page("<max>2</max><before/>"), "d e | 3 of 5");
  EXPECT_EQ(page("<max>2</max><before>d</before>"), "b c | 1 of 5");
  EXPECT_EQ(page("<max>2</max><index>3</index>"), "d e | 3 of 5");
  EXPECT_EQ(page("<max>0</max>"), "| - of 5");
  // Nobody who does not page is told of pages (PS-20).
  EXPECT_EQ(items(bob, "news"), "a b c d e ");
}

}  // namespace
}  // namespace xbus::server
