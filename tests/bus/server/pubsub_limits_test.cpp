// What the pubsub service answers is bounded, and walked page by page.
#include "bus/limits_topics.hpp"
#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/rsm.hpp"
#include "tests/bus/server/topics.hpp"

namespace xbus::server {
namespace {

class PubsubLimits : public Topics {
 protected:
  PubsubLimits() : ann(bus, "ann") { ann.login("1"); }
  Actor ann;
};

TEST_F(PubsubLimits, topic_answer_bytes_max) {
  create(ann, "news");
  std::string big(limits::item_bytes_default - 100, 'x');
  size_t fit = limits::topic_answer_bytes_max / big.size();
  for (size_t i = 0; i <= fit; ++i) EXPECT_EQ(publish(ann, "news", item(std::to_string(i), big)), "result");
  xml::Element answer = pubsub(ann, "get", "<items node='news'/>");
  EXPECT_EQ(answer.first_element()->first_element()->elements("item", ns_ps).size(), fit);
  auto page = xmpp::page_from(*answer.first_element());  // PS-21
  ASSERT_TRUE(page);
  EXPECT_EQ(page->first, "1");
  EXPECT_EQ(page->first_index, 1u);
  EXPECT_EQ(page->count, fit + 1);
}

TEST_F(PubsubLimits, item_bytes_default_and_item_bytes_max) {
  EXPECT_EQ(create(ann, "news", {{"max_payload_size", std::to_string(limits::item_bytes_max)}}), "result");
  EXPECT_EQ(create(ann, "over", {{"max_payload_size", std::to_string(limits::item_bytes_max + 1)}}), "not-acceptable");
  EXPECT_EQ(create(ann, "plain"), "result");
  const std::string empty = "<p xmlns=\"u\"></p>";  // as it is kept
  std::string text(limits::item_bytes_max - empty.size(), 'x');
  EXPECT_EQ(publish(ann, "news", item("a", text)), "result");
  EXPECT_EQ(publish(ann, "news", item("b", text + 'x')), "not-acceptable+payload-too-big");
  text.resize(limits::item_bytes_default - empty.size());
  EXPECT_EQ(publish(ann, "plain", item("a", text)), "result");
  EXPECT_EQ(publish(ann, "plain", item("b", text + 'x')), "not-acceptable+payload-too-big");
}

TEST_F(PubsubLimits, topic_page_entries_max) {
  for (size_t i = 0; i <= limits::topic_page_entries_max; ++i) create(ann, "n" + std::to_string(10'000 + i));
  auto list = [&](const std::string& more) {
    auto items = xmpp::disco_items_from(
        *ask(ann, "get", "<query xmlns='http://jabber.org/protocol/disco#items'>" + more + "</query>").first_element());
    EXPECT_TRUE(items.ok());
    return *items;
  };
  auto first = list("");
  EXPECT_EQ(first.items.size(), limits::topic_page_entries_max);
  ASSERT_TRUE(first.page);
  auto rest = list("<set xmlns='http://jabber.org/protocol/rsm'><after>" + *first.page->last + "</after></set>");
  EXPECT_EQ(rest.items.size(), 1u);
  std::string many;
  for (size_t i = 0; i < limits::items_per_request_max; ++i) many += item(std::to_string(i));
  EXPECT_EQ(publish(ann, "n10000", many), "result");
}

}  // namespace
}  // namespace xbus::server
