// A bus of two accounts and a few rules, for the pubsub service to ask about.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "bus/router/pubsub/service.hpp"

namespace xbus::router::pubsub {

inline xmpp::Jid jid(std::string_view text) {
  auto parsed = xmpp::Jid::parse(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed ? *parsed : xmpp::Jid();
}

inline Timestamp at(int64_t seconds) {
  return Timestamp(std::chrono::seconds(1'800'000'000 + seconds));
}

class TestWorld final : public World {
 public:
  bool is_local(const xmpp::Jid& account) const override {
    return account.domain() == "x" && !account.local().empty();
  }
  bool is_admin(const xmpp::Jid& account) const override { return account.bare_str() == admin; }
  bool owns(std::string_view name, const xmpp::Jid& account) const override {
    auto found = names.find(name);
    return found != names.end() && found->second == account.bare_str();
  }
  bool owned(std::string_view name) const override { return names.contains(name); }
  bool claim(std::string_view name, const xmpp::Jid& account) override {
    if (!names.contains(name) && first_come) names[std::string(name)] = account.bare_str();
    return owns(name, account);
  }
  bool sees_presence(const xmpp::Jid& owner, const xmpp::Jid& who) const override {
    return who.bare_str() == owner.bare_str() || friends.contains(std::string(who.bare_str()));
  }
  bool in_groups(const xmpp::Jid&, const std::vector<std::string>& groups,
                 const xmpp::Jid& who) const override {
    for (const std::string& group : groups) {
      if (roster.contains({group, std::string(who.bare_str())})) return true;
    }
    return false;
  }

  std::string admin = "root@x";
  std::map<std::string, std::string, std::less<>> names;
  bool first_come = true;
  std::set<std::string> friends;
  std::set<std::pair<std::string, std::string>> roster;  // group and contact
};

// "conflict", "not-allowed+closed-node", "unsupported:subscribe", or "ok".
inline std::string name_of(const xmpp::PubsubRefusal& refusal) {
  std::string text(xmpp::name_of(refusal.condition));
  if (refusal.detail == xmpp::PubsubCondition::unsupported) return "unsupported:" + refusal.feature;
  if (refusal.detail != xmpp::PubsubCondition::none)
    text += '+' + std::string(xmpp::name_of(refusal.detail));
  return text;
}
template <class T>
std::string outcome(const Outcome<T>& of) {
  return of ? "ok" : name_of(of.error());
}

inline Draft draft(std::string id, size_t bytes = 10) { return {std::move(id), 1, "u", bytes}; }

inline xmpp::Form config(const std::vector<std::pair<std::string, std::string>>& fields) {
  xmpp::Form form = xmpp::make_form(xmpp::FormType::submit, xmpp::form_node_config);
  for (const auto& [var, value] : fields) form.add("pubsub#" + var, value);
  return form;
}

// The node `n` of ann@x, and what strangers may do with it.
class ServiceTest : public testing::Test {
 protected:
  Node& node(const std::vector<std::pair<std::string, std::string>>& fields = {},
             std::string name = "n") {
    auto made = xmpp::configured({}, config(fields));
    EXPECT_TRUE(made.ok());
    auto created = service.create(ann, std::move(name), *made, at(0));
    EXPECT_EQ(outcome(created), "ok");
    return **created;
  }
  std::string subscribe(const xmpp::Jid& who, std::string_view name = "n") {
    auto subscribed = service.subscribe(who, name, who, {}, at(0));
    return subscribed ? std::string(xmpp::name_of(subscribed->subscription.state))
                      : name_of(subscribed.error());
  }
  std::string publish(const xmpp::Jid& who, const std::vector<Draft>& drafts,
                      std::string_view name = "n") {
    return outcome(service.publish(who, name, drafts, {}, at(0)));
  }
  std::string items(const xmpp::Jid& who, ItemQuery query = {}) {
    if (query.count_at_most == 0) query.count_at_most = 100;
    query.bytes_at_most = 100'000;
    auto page = service.retrieve(who, "n", query);
    if (!page) return name_of(page.error());
    std::string ids;
    for (const Item& item : page->second.items) ids += item.id + ' ';
    return ids;
  }
  std::string affiliate(const xmpp::Jid& who, Affiliation affiliation) {
    return outcome(service.set_affiliations(ann, "n", {{who, affiliation}}));
  }

  TestWorld world;
  int made_ids = 0;
  Service service{world, [this] { return "id" + std::to_string(++made_ids); }};
  const xmpp::Jid ann = jid("ann@x/1"), bob = jid("bob@x/2"), carl = jid("carl@x"),
                  far = jid("far@y/3"), root = jid("root@x");
};

}  // namespace xbus::router::pubsub
