// Plays on a server whose store cannot write, as on a full disk: who asked is told, nothing is true
// that is not kept, and everything else goes on.
#include <gmock/gmock.h>

#include "bus/server/roster.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A store in memory whose disk may be full, or slow.
class FullStore final : public store::Store {
 public:
  bool full = false, slow = false;
  void catch_up() {
    slow = false;
    for (const Done& done : std::exchange(late_, {})) done(true);
  }

  std::vector<store::Account> accounts() override { return kept_->accounts(); }
  void put_account(store::Account account, Done done) override {
    full ? done(false) : kept_->put_account(std::move(account), std::move(done));
  }
  void remove_account(std::string_view local, Done done) override {
    full ? done(false) : kept_->remove_account(local, std::move(done));
  }
  store::Roster roster(std::string_view local) override { return kept_->roster(local); }
  void put_roster_item(std::string_view local, store::RosterItem item, uint64_t version,
                       Done done) override {
    if (full) return done(false);
    if (slow) late_.push_back(std::exchange(done, {}));
    kept_->put_roster_item(local, std::move(item), version, std::move(done));
  }
  void remove_roster_item(std::string_view local, std::string_view jid, uint64_t version,
                          Done done) override {
    full ? done(false) : kept_->remove_roster_item(local, jid, version, std::move(done));
  }
  void add_offline(std::string_view local, Timestamp stamp, std::string stanza,
                   Done done) override {
    full ? done(false) : kept_->add_offline(local, stamp, std::move(stanza), std::move(done));
  }
  void read_offline(std::string_view local,
                    std::function<void(std::vector<store::OfflineMessage>)> take) override {
    kept_->read_offline(local, std::move(take));
  }
  void remove_offline(std::string_view local, int64_t through_id, Done done) override {
    if (!full) kept_->remove_offline(local, through_id, std::move(done));
  }
  OfflineUse offline_use(std::string_view local) override { return kept_->offline_use(local); }
  std::vector<store::Entry> entries(std::string_view table) override {
    return kept_->entries(table);
  }
  void put_entry(std::string_view table, std::string_view key, std::string_view value,
                 Done done) override {
    kept_->put_entry(table, key, value, std::move(done));
  }
  void remove_entry(std::string_view table, std::string_view key, Done done) override {
    kept_->remove_entry(table, key, std::move(done));
  }
  void change_items(std::vector<store::TopicItem> added, std::vector<int64_t> gone,
                    Done done) override {
    full ? done(false) : kept_->change_items(std::move(added), std::move(gone), std::move(done));
  }
  void each_item(const std::function<void(store::TopicItem, size_t)>& visit) override {
    kept_->each_item(visit);
  }
  void read_payloads(
      std::vector<int64_t> seqs,
      std::function<void(std::vector<std::pair<int64_t, std::string>>)> take) override {
    kept_->read_payloads(std::move(seqs), std::move(take));
  }

 private:
  std::unique_ptr<store::Store> kept_ = store::make_memory_store();
  std::vector<Done> late_;
};

struct Full : testing::Test {
  Full() : bus({}, std::make_unique<FullStore>()), ann(bus, "ann") {
    ann.login("a");
    ann.send("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>");
    ann.forget();
  }
  FullStore& store() { return static_cast<FullStore&>(*bus.store); }
  void set_full(bool full) { store().full = full; }
  void set(std::string_view item) {
    ann.send("<iq type='set' id='s'><query xmlns='jabber:iq:roster'>" + std::string(item) +
             "</query></iq>");
  }
  // The whole roster as ann is told it.
  std::string roster() {
    ann.forget();
    ann.send("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>");
    auto got = ann.texts();
    return got.empty() ? "" : got.back();
  }

  Bus bus;
  Actor ann;
};

TEST_F(Full, CORE_49_a_contact_that_cannot_be_kept_is_refused_and_taken_back) {
  set_full(true);
  set("<item jid='bob@localhost'/>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 3u);  // the push, its undoing, the error
  EXPECT_THAT(xml::write(got[1], xml::ns_client), HasSubstr("subscription='remove'"));
  EXPECT_EQ(condition_of(got[2]), "internal-server-error");
  EXPECT_THAT(roster(), Not(HasSubstr("bob@localhost")));
  set_full(false);
  set("<item jid='bob@localhost'/>");
  EXPECT_THAT(roster(), HasSubstr("bob@localhost"));
}

TEST_F(Full, CORE_49_a_contact_that_cannot_be_removed_stays) {
  set("<item jid='bob@localhost' name='Bob'/>");
  ann.forget();
  set_full(true);
  set("<item jid='bob@localhost' subscription='remove'/>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 3u);
  EXPECT_THAT(xml::write(got[1], xml::ns_client), HasSubstr("name='Bob'"));
  EXPECT_EQ(condition_of(got[2]), "internal-server-error");
  EXPECT_THAT(roster(), HasSubstr("name='Bob'"));
}

TEST_F(Full, CORE_49_a_message_that_cannot_be_kept_comes_back) {
  Actor(bus, "bob").login("once");
  set_full(true);
  ann.send("<message type='chat' id='m' to='bob@localhost'><body>hi</body></message>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "internal-server-error");
  EXPECT_EQ(got[0].attr_or("id", ""), "m");
  set_full(false);
  ann.send("<message type='chat' id='m' to='bob@localhost'><body>hi</body></message>");
  EXPECT_THAT(ann.stanzas(), IsEmpty());
}

TEST_F(Full, CORE_49_changes_that_wait_for_the_store_are_bounded) {
  store().slow = true;
  std::string many;
  for (size_t i = 0; i < limits::roster_items_max + 2; ++i)
    many += "<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='n" +
            std::to_string(1000 + i % 1000) + "@localhost'/></query></iq>";
  Actor bob(bus, "bob");
  bob.login("b");
  bob.send(many);
  size_t refused = 0;
  for (const xml::Element& stanza : bob.stanzas())
    refused += stanza.attr_or("type", "") == "error" && condition_of(stanza) == "resource-constraint";
  EXPECT_EQ(refused, 2u);
  store().catch_up();
  bus.settle();
  bob.forget();
  bob.send("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='n1@localhost'/></query></iq>");
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attr_or("type", ""), "result");
}

}  // namespace
}  // namespace xbus::server
