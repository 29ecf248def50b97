#include "bus/router/routes.hpp"

#include <gtest/gtest.h>

namespace xbus::router {
namespace {

struct Party : Endpoint {
  Party() : Endpoint(Kind::session) {}
};

xmpp::Jid jid(std::string_view text) { return *xmpp::Jid::parse(text); }

TEST(Routes, a_slot_is_found_while_it_lives) {
  Routes routes;
  Party party;
  {
    Slot slot(routes, jid("ann@x/home"), party, 1000);
    EXPECT_EQ(routes.find("ann@x/home"), &slot);
    EXPECT_EQ(routes.find("ann@x"), nullptr);
    ASSERT_NE(routes.find_owner("ann@x"), nullptr);
    EXPECT_EQ(routes.find_owner("ann@x")->slots().size(), 1u);
    EXPECT_EQ(&slot.owner(), routes.find_owner("ann@x"));
  }
  EXPECT_EQ(routes.find("ann@x/home"), nullptr);
  EXPECT_EQ(routes.find_owner("ann@x"), nullptr);
}

TEST(Routes, slots_leave_in_any_order) {
  Routes routes;
  Party party;
  auto a = std::make_unique<Slot>(routes, jid("ann@x/a"), party, 1000);
  auto b = std::make_unique<Slot>(routes, jid("ann@x/b"), party, 1000);
  auto c = std::make_unique<Slot>(routes, jid("ann@x/c"), party, 1000);
  a.reset();
  EXPECT_EQ(routes.find("ann@x/b"), b.get());
  c.reset();
  EXPECT_EQ(routes.find_owner("ann@x")->slots(), std::vector<Slot*>{b.get()});
  b.reset();
  EXPECT_EQ(routes.resources(), 0u);
}

TEST(Routes, connections_of_one_account_share_one_quota) {
  Routes routes;
  Party party;
  Slot a(routes, jid("ann@x/a"), party, 1000), b(routes, jid("ann@x/b"), party, 1000);
  EXPECT_EQ(&a.owner().quota(), &b.owner().quota());
}

TEST(Routes, the_most_available_has_the_highest_priority_and_came_last) {
  Routes routes;
  Party party;
  Slot a(routes, jid("ann@x/a"), party, 1000), b(routes, jid("ann@x/b"), party, 1000),
      c(routes, jid("ann@x/c"), party, 1000);
  EXPECT_EQ(a.owner().most_available(), nullptr);
  a.set_available(-1);
  EXPECT_EQ(a.owner().most_available(), nullptr);
  a.set_available(0);
  b.set_available(0);
  EXPECT_EQ(a.owner().most_available(), &b);
  c.set_available(5);
  EXPECT_EQ(a.owner().most_available(), &c);
  c.set_unavailable();
  EXPECT_EQ(a.owner().most_available(), &b);
  a.set_available(1);
  EXPECT_EQ(a.owner().most_available(), &a);
}

TEST(Routes, domains_are_taken_once_and_sorted) {
  Routes routes;
  Party one, two;
  EXPECT_TRUE(routes.add_domain("services.x", one));
  EXPECT_FALSE(routes.add_domain("services.x", two));
  EXPECT_TRUE(routes.add_domain("echo.x", two));
  EXPECT_EQ(routes.find_domain("services.x"), &one);
  EXPECT_EQ(routes.domains(), (std::vector<std::string>{"echo.x", "services.x"}));
  routes.remove_domain("services.x");
  EXPECT_EQ(routes.find_domain("services.x"), nullptr);
}

}  // namespace
}  // namespace xbus::router
