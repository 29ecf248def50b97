#include "rpc/registry/caller_policy.hpp"

#include "tests/rpc/registry/stage.hpp"

namespace xbus::registry {
namespace {

const std::string one = "svc@localhost/one", eve = "eve@localhost/x", far = "far@partner.example/x";
const std::string strict = "<feature var='jabber:iq:rpc'/>";

xmpp::Jid jid(const std::string& text) { return *xmpp::Jid::parse(text); }

RegistryOptions with(const CallerPolicy::Written& written) {
  RegistryOptions options;
  options.callers = *CallerPolicy::read(written);
  return options;
}

TEST(CallerPolicy, by_default_everyone_calls_and_only_local_accounts_call_strict_instances) {
  const CallerPolicy policy;
  EXPECT_TRUE(policy.may_call(jid(far), "calc"));
  EXPECT_TRUE(policy.may_call_strict(jid(eve), "calc", "localhost"));
  EXPECT_FALSE(policy.may_call_strict(jid(far), "calc", "localhost"));
  EXPECT_FALSE(policy.may_call_strict(jid("localhost/x"), "calc", "localhost"));
}

TEST(CallerPolicy, the_list_of_a_name_replaces_the_one_for_all_names) {
  const auto policy = CallerPolicy::read({.callers = {"*@localhost"},
                                          .name_callers = {{"Open", {"*"}}, {"closed", {}}},
                                          .name_strict_callers = {{"open", {"*@partner.example"}}}});
  ASSERT_TRUE(policy) << policy.error();
  EXPECT_TRUE(policy->may_call(jid(eve), "calc"));
  EXPECT_FALSE(policy->may_call(jid(far), "calc"));
  EXPECT_TRUE(policy->may_call(jid(far), "open"));
  EXPECT_FALSE(policy->may_call(jid(eve), "closed"));
  EXPECT_TRUE(policy->may_call_strict(jid(far), "open", "localhost"));
  EXPECT_FALSE(policy->may_call_strict(jid(eve), "open", "localhost"));
  EXPECT_TRUE(policy->may_call_strict(jid(eve), "calc", "localhost"));
}

TEST(CallerPolicy, what_could_match_nobody_is_no_pattern) {
  for (const char* right : {"*", "*@localhost", "a@b/c", "news.a.b", "ops@*/*", "anonymous"})
    EXPECT_TRUE(CallerPolicy::right_pattern(right)) << right;
  for (const char* wrong : {"", "@localhost", "a@", "a@b/", "/c", "@@", "a@b@c", "a b@c"})
    EXPECT_FALSE(CallerPolicy::right_pattern(wrong)) << wrong;
  EXPECT_FALSE(CallerPolicy::read({.callers = {"a@"}}));
  EXPECT_FALSE(CallerPolicy::read({.name_callers = {{"", {}}}}));
}

TEST(CallerPolicy, who_may_not_call_a_service_neither_sees_nor_watches_it) {
  Stage stage(with({.name_callers = {{"calc", {"bob@localhost"}}}}));
  stage.join(one, "calc");
  stage.call(eve, "calc", "c1");
  EXPECT_EQ(condition(stage.next(eve)), "forbidden");
  stage.watch(eve, "calc");
  EXPECT_EQ(condition(stage.next(eve)), "forbidden");
  stage.tell("<iq type='get' from='" + eve + "' to='calc@services.localhost' id='1'>" +
             "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  EXPECT_EQ(condition(stage.next(eve)), "item-not-found");
  EXPECT_EQ(stage.waiting(one), 0u);
  stage.call("bob@localhost/y", "calc", "c2");
  EXPECT_EQ(stage.waiting(one), 1u);
  // Its owner and admins always may.
  stage.call("svc@localhost/desk", "calc", "c3");
  stage.call("root@localhost/desk", "calc", "c4");
  EXPECT_EQ(stage.waiting(one), 3u);
}

TEST(CallerPolicy, strict_instances_are_opened_to_others_name_by_name) {
  Stage stage(with({.name_strict_callers = {{"adder", {"*@partner.example"}}}}));
  stage.join(one, "calc", "", strict);
  stage.join(one, "adder", "", strict);
  stage.forget(one);
  stage.call(far, "calc", "c1");
  EXPECT_EQ(condition(stage.next(far)), "forbidden");
  stage.call(far, "adder", "c2");
  EXPECT_EQ(stage.waiting(one), 1u);
  stage.call(eve, "adder", "c3");
  EXPECT_EQ(condition(stage.next(eve)), "forbidden");
}

}  // namespace
}  // namespace xbus::registry
