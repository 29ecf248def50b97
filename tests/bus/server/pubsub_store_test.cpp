// The pubsub service on a store that takes its time or fails: nothing is answered or told before it is kept.
#include <gmock/gmock.h>

#include "bus/limits_topics.hpp"
#include "bus/server/parcel.hpp"
#include "bus/server/pubsub_records.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A store in memory whose writes of items wait until they are let go, or fail.
class SlowStore final : public store::Store {
 public:
  std::vector<store::Account> accounts() override { return kept_->accounts(); }
  void put_account(store::Account account, Done done) override { kept_->put_account(std::move(account), std::move(done)); }
  void remove_account(std::string_view local, Done done) override { kept_->remove_account(local, std::move(done)); }
  store::Roster roster(std::string_view local) override { return kept_->roster(local); }
  void put_roster_item(std::string_view local, store::RosterItem item, uint64_t version, Done done) override {
    kept_->put_roster_item(local, std::move(item), version, std::move(done));
  }
  void remove_roster_item(std::string_view local, std::string_view jid, uint64_t version, Done done) override {
    kept_->remove_roster_item(local, jid, version, std::move(done));
  }
  void add_offline(std::string_view local, Timestamp stamp, std::string stanza, Done done) override {
    kept_->add_offline(local, stamp, std::move(stanza), std::move(done));
  }
  void read_offline(std::string_view local, std::function<void(std::vector<store::OfflineMessage>)> take) override {
    kept_->read_offline(local, std::move(take));
  }
  void remove_offline(std::string_view local, int64_t through_id, Done done) override {
    kept_->remove_offline(local, through_id, std::move(done));
  }
  OfflineUse offline_use(std::string_view local) override { return kept_->offline_use(local); }
  std::vector<store::Entry> entries(std::string_view table) override { return kept_->entries(table); }
  void put_entry(std::string_view table, std::string_view key, std::string_view value, Done done) override {
    kept_->put_entry(table, key, value, std::move(done));
  }
  void remove_entry(std::string_view table, std::string_view key, Done done) override {
    kept_->remove_entry(table, key, std::move(done));
  }
  void change_items(std::vector<store::TopicItem> added, std::vector<int64_t> gone, Done done) override {
    waiting_.push_back([this, added = std::move(added), gone = std::move(gone), done = std::move(done)](bool ok) {
      if (ok) return kept_->change_items(added, gone, done);
      if (done) done(false);
    });
    if (!slow) let_go(true);
  }
  void each_item(const std::function<void(store::TopicItem, size_t)>& visit) override { kept_->each_item(visit); }
  void read_payloads(std::vector<int64_t> seqs,
                     std::function<void(std::vector<std::pair<int64_t, std::string>>)> take) override {
    kept_->read_payloads(std::move(seqs), std::move(take));
  }

  void let_go(bool ok) {
    for (auto& write : std::exchange(waiting_, {})) write(ok);
  }
  bool slow = true;

 private:
  std::unique_ptr<store::Store> kept_ = store::make_memory_store();
  std::vector<std::function<void(bool)>> waiting_;
};

// The node `n`, on which two domains of their own publish, one of them subscribed.
class OnSlowStore : public testing::Test {
 protected:
  OnSlowStore() {
    router::pubsub::Node node;
    node.key = 1;
    node.name = "n";
    node.creator = *xmpp::Jid::parse("ann@localhost");
    node.config.max_payload_bytes = limits::item_bytes_max;
    node.config.max_items = limits::topic_items_max;
    for (const char* domain : {"one.localhost", "two.localhost"})
      node.affiliations.set(*xmpp::Jid::parse(domain), xmpp::Affiliation::publisher);
    store.put_entry(pubsub_nodes, "n", record_of(node), {});
    router::pubsub::Subscription subscription{*xmpp::Jid::parse("two.localhost"), xmpp::SubscriptionState::subscribed, {}, 0};
    store.put_entry(pubsub_subscriptions, subscription_key(1, subscription.jid), record_of(subscription), {});
    server = std::make_unique<Server>(Options{}, std::vector<net::Loop*>{&loop}, store, Log());
    server->attach("one.localhost", one);
    server->attach("two.localhost", two);
    server->serve_topics("events.localhost", {});
    loop.run_until_idle();
  }

  void publish(ListeningEntity& who, std::string_view from, const std::string& id, size_t bytes = 10) {
    auto stanza = xml::parse("<iq type='set' id='" + id + "' from='" + std::string(from) + "' to='events.localhost'>"
                             "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'><item id='" + id +
                                 "'><p xmlns='u'>" + std::string(bytes, 'x') + "</p></item></publish></pubsub></iq>",
                             xml::ns_client, written_limits());
    ASSERT_TRUE(stanza.ok());
    who.port->send(*stanza);
    loop.run_until_idle();
  }
  // "a: result", "a: resource-constraint", "event a".
  static std::vector<std::string> heard(ListeningEntity& who) {
    std::vector<std::string> lines;
    for (const xml::Element& stanza : std::exchange(who.got, {})) {
      std::string id(stanza.attr_or("id", ""));
      if (stanza.name() == "message") {
        lines.push_back("event " + std::string(stanza.first_element()->first_element()->first_element()->attr_or("id", "")));
      } else {
        lines.push_back(id + ": " + (stanza.attr_or("type", "") == "result" ? "result" : condition_of(stanza)));
      }
    }
    return lines;
  }

  net::VirtualLoop loop;
  SlowStore store;
  ListeningEntity one, two;
  std::unique_ptr<Server> server;
};

TEST_F(OnSlowStore, PS_22_nothing_is_answered_or_told_before_it_is_kept) {
  publish(one, "one.localhost", "a");
  publish(one, "one.localhost", "b");
  EXPECT_THAT(heard(one), IsEmpty());
  EXPECT_THAT(heard(two), IsEmpty());
  store.let_go(true);
  loop.run_until_idle();
  EXPECT_THAT(heard(one), ElementsAre("a: result", "b: result"));
  EXPECT_THAT(heard(two), ElementsAre("event a", "event b"));
}

TEST_F(OnSlowStore, what_cannot_be_kept_is_refused_and_told_to_nobody) {
  publish(one, "one.localhost", "a");
  store.let_go(false);
  loop.run_until_idle();
  EXPECT_THAT(heard(one), ElementsAre("a: internal-server-error"));
  EXPECT_THAT(heard(two), IsEmpty());
  store.slow = false;
  publish(one, "one.localhost", "b");
  EXPECT_THAT(heard(one), ElementsAre("b: result"));
  size_t items = 0;
  store.each_item([&](const store::TopicItem& item, size_t) {
    EXPECT_EQ(item.id, "b");
    ++items;
  });
  EXPECT_EQ(items, 1u);
}

TEST_F(OnSlowStore, topic_changes_bytes_per_account_max) {
  constexpr size_t each = 150'000;
  size_t fit = 0;
  for (;; ++fit) {
    ASSERT_LT(fit * each, limits::topic_changes_bytes_max);
    publish(one, "one.localhost", std::to_string(fit), each);
    auto lines = heard(one);
    if (lines.empty()) continue;
    EXPECT_THAT(lines, ElementsAre(std::to_string(fit) + ": resource-constraint"));
    break;
  }
  EXPECT_LE(fit * each, limits::topic_changes_bytes_per_account_max);
  EXPECT_GT((fit + 1) * (each + 1024), limits::topic_changes_bytes_per_account_max);
  // Others have room.
  publish(two, "two.localhost", "other", each);
  EXPECT_THAT(heard(two), IsEmpty());
  store.let_go(true);
  loop.run_until_idle();
  EXPECT_EQ(heard(one).size(), fit);
  publish(one, "one.localhost", "again", each);
  EXPECT_THAT(heard(one), IsEmpty());
}

}  // namespace
}  // namespace xbus::server
