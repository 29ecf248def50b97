// Who owns a name is on disk before anybody sees it.
#include "bus/limits_registry.hpp"
#include "tests/bus/store/full_store.hpp"
#include "tests/rpc/registry/stage.hpp"

namespace xbus::registry {
namespace {

const std::string alice = "alice@localhost/one", bob = "bob@localhost/two",
                  root = "root@localhost/x";
const std::string give =
    "<give xmlns='urn:xbus:registry:0' name='calc' owner='bob@localhost'/>";
const std::string release = "<release xmlns='urn:xbus:registry:0' name='calc'/>";

class FullDisk : public testing::Test {
 protected:
  FullDisk() {
    stage.close();
    stage.store = std::make_unique<store::FullStore>();
    stage.open();
  }
  store::FullStore& disk() { return static_cast<store::FullStore&>(*stage.store); }
  void ask(const std::string& from, const std::string& payload) {
    stage.tell("<iq type='set' from='" + from + "' to='services.localhost' id='1'>" + payload +
               "</iq>");
  }
  void appear(const std::string& from) {
    stage.tell("<presence from='" + from + "' to='calc@services.localhost'/>");
  }

  Stage stage;
};

TEST_F(FullDisk, a_name_is_given_and_released_on_disk_or_not_at_all) {
  disk().full = true;
  ask(root, give);
  EXPECT_EQ(condition(stage.next(root)), "internal-server-error");
  EXPECT_EQ(stage.registry->numbers().names, 0u);
  disk().full = false;
  ask(root, give);
  EXPECT_EQ(stage.next(root).attr_or("type", ""), "result");
  disk().full = true;
  ask(root, release);
  EXPECT_EQ(condition(stage.next(root)), "internal-server-error");
  EXPECT_EQ(stage.registry->numbers().names, 1u);
}

TEST_F(FullDisk, a_first_claim_that_cannot_be_kept_is_refused) {
  disk().full = true;
  appear(alice);
  EXPECT_EQ(condition(stage.next(alice)), "internal-server-error");
  EXPECT_TRUE(stage.live("calc").empty());
  disk().full = false;
  stage.join(bob, "calc");
}

TEST_F(FullDisk, a_name_taken_for_a_topic_holds_until_its_write_fails) {
  const auto account = *xmpp::Jid::parse("alice@localhost");
  disk().full = true;
  EXPECT_TRUE(stage.registry->claim_name("news", account));
  EXPECT_TRUE(stage.registry->owns_name("news", account)) << "the topic's own write tells its caller";
  stage.loop_.run_until_idle();
  EXPECT_FALSE(stage.registry->has_owner("news"));
  disk().full = false;
  EXPECT_TRUE(stage.registry->claim_name("news", account));
  stage.loop_.run_until_idle();
  EXPECT_TRUE(stage.registry->owns_name("news", account));
  EXPECT_TRUE(stage.registry->claim_name("news", account));
  EXPECT_EQ(disk().entries("names").size(), 1u);
}

TEST_F(FullDisk, what_comes_while_the_disk_is_slow_waits_its_turn) {
  disk().slow = true;
  appear(alice);
  appear(bob);
  ask(root, give);
  EXPECT_EQ(stage.waiting(alice) + stage.waiting(bob) + stage.waiting(root), 0u);
  EXPECT_TRUE(stage.live("calc").empty());
  disk().go_on();
  stage.loop_.run_until_idle();
  // Alice was first, so Bob's session is refused; then the admin's word makes it Bob's.
  EXPECT_EQ(condition(stage.next(bob)), "conflict");
  EXPECT_EQ(stage.next(root).attr_or("type", ""), "result");
  EXPECT_TRUE(stage.live("calc").empty());
  stage.forget(alice);
  stage.join(bob, "calc");
}

TEST_F(FullDisk, a_session_that_leaves_before_its_name_is_kept_is_not_listed) {
  disk().slow = true;
  appear(alice);
  stage.leave(alice, "calc");
  disk().go_on();
  stage.loop_.run_until_idle();
  EXPECT_TRUE(stage.live("calc").empty());
}

TEST_F(FullDisk, what_waits_for_a_slow_disk_is_bounded) {
  disk().slow = true;
  appear(alice);
  for (size_t i = 0; i < limits::held_stanzas_per_name_max; ++i) appear(alice);
  EXPECT_EQ(stage.waiting(alice), 0u);
  appear(alice);
  EXPECT_EQ(condition(stage.next(alice)), "resource-constraint");
  disk().go_on();
}

}  // namespace
}  // namespace xbus::registry
