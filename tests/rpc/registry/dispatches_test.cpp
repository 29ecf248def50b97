// Calls passed on for callers that know nothing of xbus.
#include "rpc/registry/dispatches.hpp"

#include <set>

#include "bus/limits_registry.hpp"
#include "tests/rpc/registry/stage.hpp"

namespace xbus::registry {
namespace {

using namespace std::chrono_literals;
const std::string caller = "eve@localhost/pidgin", one = "svc@localhost/one",
                  two = "svc@localhost/two";
const std::string strict = "<feature var='jabber:iq:rpc'/>";
const std::string claims =
    "xmlns:x='urn:xbus:call:0' x:deadline='500' x:on-behalf-of='root@localhost'";

const xml::Element& query_of(const xml::Element& iq) { return *iq.first("query", "jabber:iq:rpc"); }

void answer(Stage& stage, const xml::Element& call, const std::string& from, const std::string& id) {
  stage.tell("<iq type='result' from='" + from + "' to='" + std::string(call.attr_or("from", "")) +
             "' id='" + id + "'><query xmlns='jabber:iq:rpc'><methodResponse/></query></iq>");
}

TEST(Dispatch, a_call_goes_to_an_instance_and_its_answer_comes_from_the_service) {
  Stage stage;
  stage.join(one, "calc");
  stage.call(caller, "calc", "c1");
  const xml::Element call = stage.next(one);
  EXPECT_TRUE(call.attr_or("from", "").starts_with("calc@services.localhost/"));
  EXPECT_NE(call.attr_or("id", ""), "c1");
  EXPECT_EQ(*query_of(call).attr("on-behalf-of", "urn:xbus:call:0"), caller);
  answer(stage, call, one, std::string(call.attr_or("id", "")));
  const xml::Element back = stage.next(caller);
  EXPECT_EQ(back.attr_or("type", ""), "result");
  EXPECT_EQ(back.attr_or("id", ""), "c1");
  EXPECT_EQ(back.attr_or("from", ""), "calc@services.localhost");
}

TEST(Dispatch, RPC_24_answers_match_by_instance_token_and_id) {
  Stage stage;
  stage.join(one, "calc");
  stage.call(caller, "calc", "c1");
  const xml::Element call = stage.next(one);
  const std::string id(call.attr_or("id", ""));
  answer(stage, call, two, id);
  answer(stage, call, one, id + "x");
  xml::Element elsewhere = call;
  elsewhere.set("from", "calc@services.localhost/guess");
  answer(stage, elsewhere, one, id);
  EXPECT_EQ(stage.waiting(caller), 0u);
  answer(stage, call, one, id);
  EXPECT_EQ(stage.waiting(caller), 1u);
  answer(stage, call, one, id);
  EXPECT_EQ(stage.waiting(caller), 1u);
}

TEST(Dispatch, a_strict_instance_sees_pure_jabber_rpc_and_local_callers_only) {
  Stage stage;
  stage.join(one, "calc", "", strict);
  stage.call(caller, "calc", "c1", "add", claims);
  const xml::Element call = stage.next(one);
  EXPECT_TRUE(query_of(call).attributes().empty());
  stage.call("far@elsewhere.example/x", "calc", "c2");
  EXPECT_EQ(condition(stage.next("far@elsewhere.example/x")), "forbidden");
}

TEST(Dispatch, what_a_caller_says_of_itself_is_replaced) {
  Stage stage;
  stage.join(one, "calc");
  stage.call(caller, "calc", "c1", "add", claims);
  const xml::Element call = stage.next(one);
  EXPECT_EQ(*query_of(call).attr("on-behalf-of", "urn:xbus:call:0"), caller);
  EXPECT_EQ(*query_of(call).attr("deadline", "urn:xbus:call:0"), "500");
}

TEST(Dispatch, nobody_there_all_full_and_no_answer_are_three_outcomes) {
  Stage stage;
  stage.call(caller, "calc", "c1");
  EXPECT_EQ(condition(stage.next(caller)), "service-unavailable");
  stage.join(one, "calc", "<show>dnd</show>");
  stage.call(caller, "calc", "c2");
  EXPECT_EQ(condition(stage.next(caller)), "resource-constraint");
  stage.join(one, "calc");
  stage.call(caller, "calc", "c3");
  stage.pass(limits::call_time_default + 1s);
  EXPECT_EQ(condition(stage.next(caller)), "remote-server-timeout");
}

TEST(Dispatch, a_call_whose_instance_goes_ends_at_once_as_outcome_unknown) {
  Stage stage;
  stage.join(one, "calc");
  stage.call(caller, "calc", "c1");
  stage.leave(one, "calc");
  const xml::Element lost = stage.next(caller);
  EXPECT_EQ(lost.attr_or("id", ""), "c1");
  EXPECT_EQ(condition(lost), "undefined-condition");
}

TEST(Dispatch, draining_instances_get_no_new_calls) {
  Stage stage;
  stage.join(one, "calc");
  stage.join(two, "calc");
  stage.tell("<presence from='" + one + "' to='calc@services.localhost'><show>away</show></presence>");
  stage.forget(one);
  for (int i = 0; i < 20; ++i) stage.call(caller, "calc", "c" + std::to_string(i));
  EXPECT_EQ(stage.waiting(one), 0u);
  EXPECT_EQ(stage.waiting(two), 20u);
}

TEST(Dispatch, calls_go_to_instances_that_have_the_method) {
  Stage stage;
  stage.join(one, "calc", "", strict, "add");
  stage.join(two, "calc", "", strict, "subtract");
  for (int i = 0; i < 20; ++i) stage.call(caller, "calc", "c" + std::to_string(i), "subtract");
  EXPECT_EQ(stage.waiting(one), 0u);
  EXPECT_EQ(stage.waiting(two), 20u);
  // A method that nobody has is answered by an instance, with the fault.
  stage.call(caller, "calc", "none", "multiply");
  EXPECT_EQ(stage.waiting(one) + stage.waiting(two), 21u);
}

TEST(Dispatch, calls_are_spread_by_load_and_weight) {
  Stage stage;
  stage.join(one, "calc", "<instance xmlns='urn:xbus:registry:0' weight='1'/>");
  stage.join(two, "calc", "<instance xmlns='urn:xbus:registry:0' weight='3'/>");
  for (int i = 0; i < 400; ++i) stage.call(caller, "calc", "c" + std::to_string(i));
  EXPECT_NEAR(double(stage.waiting(two)) / 400, 0.75, 0.1);
}

// An instance that speaks of itself in our way, before it has said what it is; the question for that.
xml::Element appear(Stage& stage, const std::string& jid) {
  stage.tell("<presence from='" + jid + "' to='calc@services.localhost' id='p'>" +
             "<instance xmlns='urn:xbus:registry:0' weight='1'/></presence>");
  EXPECT_EQ(stage.next(jid).name(), "presence");
  return stage.next(jid);
}

TEST(Dispatch, a_call_waits_until_the_instance_has_said_whether_it_is_told_who_calls) {
  Stage stage;
  const xml::Element asked = appear(stage, one);
  stage.call(caller, "calc", "c1");
  stage.call(caller, "calc", "c2", "add", claims);
  stage.pass(400ms);
  EXPECT_EQ(stage.waiting(one) + stage.waiting(caller), 0u);
  stage.describe(one, "calc", asked);
  const xml::Element first = stage.next(one), second = stage.next(one);
  EXPECT_EQ(*query_of(first).attr("on-behalf-of", "urn:xbus:call:0"), caller);
  EXPECT_EQ(*query_of(first).attr("deadline", "urn:xbus:call:0"), "9600");
  // What is left of its 500 ms.
  EXPECT_EQ(*query_of(second).attr("deadline", "urn:xbus:call:0"), "100");
  answer(stage, first, one, std::string(first.attr_or("id", "")));
  EXPECT_EQ(stage.next(caller).attr_or("id", ""), "c1");
}

TEST(Dispatch, what_is_known_is_called_while_another_has_yet_to_say_what_it_is) {
  Stage stage;
  stage.join(one, "calc");
  appear(stage, two);
  for (int i = 0; i < 20; ++i) stage.call(caller, "calc", "c" + std::to_string(i));
  EXPECT_EQ(stage.waiting(one), 20u);
  // Only the new one may have the new method.
  stage.call(caller, "calc", "new", "multiply");
  EXPECT_EQ(stage.waiting(one) + stage.waiting(two), 20u);
}

TEST(Dispatch, one_that_does_not_say_what_it_is_is_called_as_a_strict_one) {
  Stage silent, refusing;
  appear(silent, one);
  silent.call(caller, "calc", "c1");
  silent.pass(limits::describe_answer_time + 1s);
  EXPECT_TRUE(query_of(silent.next(one)).attributes().empty());
  const xml::Element asked = appear(refusing, one);
  refusing.call(caller, "calc", "c1");
  refusing.tell("<iq type='error' from='" + one + "' to='services.localhost' id='" +
                std::string(asked.attr_or("id", "")) + "'><error type='cancel'><service-unavailable " +
                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
  EXPECT_TRUE(query_of(refusing.next(one)).attributes().empty());
}

TEST(Dispatch, what_waits_for_a_description_ends_with_the_instance_and_at_its_deadline) {
  Stage stage;
  appear(stage, one);
  stage.call(caller, "calc", "c1", "add", claims);
  stage.pass(1500ms);
  EXPECT_EQ(condition(stage.next(caller)), "remote-server-timeout");
  stage.call(caller, "calc", "c2");
  stage.leave(one, "calc");
  EXPECT_EQ(condition(stage.next(caller)), "service-unavailable");
}

TEST(Dispatch, messages_wait_for_a_description_too) {
  Stage stage;
  const xml::Element asked = appear(stage, one);
  stage.tell("<message type='headline' from='" + caller + "' to='calc@services.localhost'>" +
             "<notify xmlns='urn:xbus:call:0'><query xmlns='jabber:iq:rpc'><methodCall><methodName>add" +
             "</methodName></methodCall></query></notify></message>");
  stage.tell("<message type='chat' from='" + caller + "' to='calc@services.localhost'><body>help</body></message>");
  EXPECT_EQ(stage.waiting(one) + stage.waiting(caller), 0u);
  stage.describe(one, "calc", asked);
  EXPECT_EQ(stage.waiting(one), 2u);
}

TEST(Dispatch, a_registry_that_comes_back_asks_what_is_there_before_it_calls) {
  Stage stage;
  stage.join(one, "calc");
  stage.close();
  stage.sent.clear();
  stage.open();
  stage.pong(one);
  stage.call(caller, "calc", "c1");
  const xml::Element asked = stage.next(one);
  EXPECT_EQ(stage.waiting(one), 0u);
  stage.describe(one, "calc", asked);
  EXPECT_EQ(*query_of(stage.next(one)).attr("on-behalf-of", "urn:xbus:call:0"), caller);
}

TEST(Dispatch, undescribed_stanzas_per_name_max_is_the_edge) {
  Stage stage;
  appear(stage, one);
  for (size_t i = 0; i < limits::undescribed_stanzas_per_name_max; ++i)
    stage.call(caller, "calc", "c" + std::to_string(i));
  EXPECT_EQ(stage.waiting(caller), 0u);
  stage.call(caller, "calc", "beyond");
  EXPECT_EQ(condition(stage.next(caller)), "resource-constraint");
}

TEST(Dispatch, tokens_are_unpredictable_and_used_once) {
  Dispatches dispatches;
  std::set<std::string> tokens;
  for (int i = 0; i < 1000; ++i) tokens.insert(*dispatches.add({}));
  EXPECT_EQ(tokens.size(), 1000u);
  for (const std::string& token : tokens) EXPECT_GE(token.size(), 22u);
}

TEST(Dispatch, dispatched_calls_max_is_the_edge) {
  Dispatches dispatches;
  auto call_of = [](size_t payer) {
    Dispatched call;
    call.payer = "u" + std::to_string(payer) + "@localhost";
    return call;
  };
  for (size_t i = 0; i < limits::dispatched_calls_max; ++i)
    ASSERT_TRUE(dispatches.add(call_of(i / limits::dispatched_calls_per_account_max)));
  EXPECT_FALSE(dispatches.add(call_of(limits::dispatched_calls_max)));
}

TEST(Dispatch, dispatched_calls_per_account_max_is_the_edge) {
  Dispatches dispatches;
  Dispatched call;
  call.payer = "eve@localhost";
  std::string token;
  for (size_t i = 0; i < limits::dispatched_calls_per_account_max; ++i) token = *dispatches.add(call);
  EXPECT_FALSE(dispatches.add(call));
  EXPECT_TRUE(dispatches.take(token, "", {}));
  EXPECT_TRUE(dispatches.add(call));
}

TEST(Dispatch, calls_under_way_outlive_the_connection_of_the_registry) {
  Stage stage;
  stage.join(one, "calc");
  stage.call(caller, "calc", "c1");
  stage.call(caller, "calc", "c2");
  const xml::Element call = stage.next(one);
  stage.registry->on_disconnected();
  stage.registry->on_connected(stage);
  answer(stage, call, one, std::string(call.attr_or("id", "")));
  EXPECT_EQ(stage.next(caller).attr_or("type", ""), "result");
  stage.pass(limits::call_time_default + 1s);
  EXPECT_EQ(condition(stage.next(caller)), "remote-server-timeout");
}

}  // namespace
}  // namespace xbus::registry
