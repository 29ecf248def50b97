// Calls that are given up, and one-way calls: messages through a service address.
#include "bus/xmpp/error.hpp"
#include "tests/rpc/registry/stage.hpp"

namespace xbus::registry {
namespace {

using namespace std::chrono_literals;
const std::string caller = "eve@localhost/pidgin", other = "eve@localhost/second",
                  one = "svc@localhost/one", two = "svc@localhost/two";
const std::string strict = "<feature var='jabber:iq:rpc'/>";

void cancel(Stage& stage, const std::string& from, const std::string& id,
            const std::string& name = "calc", const std::string& type = "headline") {
  stage.tell("<message type='" + type + "' from='" + from + "' to='" + name +
             "@services.localhost'><cancel xmlns='urn:xbus:call:0' id='" + id + "'/></message>");
}

// What the instance is told: address and id are those of the iq that brought it the call.
void expect_cancel(const xml::Element& told, const xml::Element& call) {
  EXPECT_EQ(told.name(), "message");
  EXPECT_EQ(told.attr_or("type", ""), "headline");
  EXPECT_EQ(told.attr_or("from", ""), call.attr_or("from", "none"));
  const xml::Element* cancel = told.first("cancel", "urn:xbus:call:0");
  ASSERT_NE(cancel, nullptr) << xml::write(told);
  EXPECT_EQ(cancel->attr_or("id", ""), call.attr_or("id", "none"));
}

TEST(RegistryCancel, goes_on_to_the_instance_that_has_the_call_and_its_answer_comes_back) {
  Stage stage;
  stage.join(one, "calc");
  stage.call(caller, "Calc", "c1");
  const xml::Element call = stage.next(one);
  cancel(stage, caller, "c1");
  expect_cancel(stage.next(one), call);
  EXPECT_EQ(stage.waiting(caller), 0u);
  stage.tell("<iq type='result' from='" + one + "' to='" + std::string(call.attr_or("from", "")) +
             "' id='" + std::string(call.attr_or("id", "")) + "'><query xmlns='jabber:iq:rpc'/></iq>");
  EXPECT_EQ(stage.next(caller).attr_or("id", ""), "c1");
  // It is over: nothing is left to give up.
  cancel(stage, caller, "c1");
  EXPECT_EQ(stage.waiting(one), 0u);
}

TEST(RegistryCancel, names_the_call_by_its_own_id_where_it_has_one) {
  Stage stage;
  stage.join(one, "calc");
  stage.call(caller, "calc", "c1", "add", "xmlns:x='urn:xbus:call:0' x:deadline='500' x:id='mine'");
  const xml::Element call = stage.next(one);
  // The caller's name of it stays here: two callers may use the same one.
  EXPECT_EQ(call.first("query", "jabber:iq:rpc")->attr("id", "urn:xbus:call:0"), nullptr);
  cancel(stage, caller, "c1");
  EXPECT_EQ(stage.waiting(one), 0u);
  cancel(stage, caller, "mine");
  expect_cancel(stage.next(one), call);
}

TEST(RegistryCancel, is_honoured_only_as_a_headline_of_the_caller_to_the_service) {
  Stage stage;
  stage.join(one, "calc");
  stage.join(two, "clock");
  stage.call(caller, "calc", "c1");
  stage.forget(one);
  cancel(stage, other, "c1");                     // another session of the same account
  cancel(stage, "mallory@localhost/pidgin", "c1");
  cancel(stage, one, "c1");                       // the instance itself
  cancel(stage, caller, "c1", "clock");           // another service
  cancel(stage, caller, "c2");
  cancel(stage, caller, "c1", "calc", "chat");
  cancel(stage, caller, "c1", "calc", "error");
  stage.tell("<message type='headline' from='" + caller + "' to='calc@services.localhost'>" +
             "<cancel xmlns='urn:xbus:call:0'/></message>");
  stage.tell("<message type='headline' from='" + caller + "' to='calc@services.localhost'>" +
             "<cancel xmlns='other' id='c1'/></message>");
  EXPECT_TRUE(stage.sent.empty()) << xml::write(stage.sent.front());
  cancel(stage, caller, "c1");
  EXPECT_EQ(stage.waiting(one), 1u);
}

// An instance of ours that has not said yet what it is: the question.
xml::Element appear(Stage& stage) {
  stage.tell("<presence from='" + one + "' to='calc@services.localhost' id='p'>" +
             "<instance xmlns='urn:xbus:registry:0' weight='1'/></presence>");
  stage.next(one);
  return stage.next(one);
}

// Nobody has the call yet, so it ends at once, and does not begin afterwards.
TEST(RegistryCancel, ends_a_call_that_waits_for_a_description) {
  Stage stage;
  const xml::Element asked = appear(stage);
  const std::string own = "xmlns:x='urn:xbus:call:0' x:id='mine'";
  stage.call(caller, "calc", "c1");
  stage.call(caller, "calc", "c2", "add", own);
  stage.call(other, "calc", "c1");
  cancel(stage, caller, "c1", "clock");
  cancel(stage, caller, "c2");  // it has a name of its own
  cancel(stage, "mallory@localhost/pidgin", "c1");
  EXPECT_EQ(stage.waiting(caller) + stage.waiting(other), 0u);
  cancel(stage, caller, "c1");
  cancel(stage, caller, "c1");
  cancel(stage, caller, "mine");
  for (const char* id : {"c1", "c2"}) {
    const xml::Element ended = stage.next(caller);
    EXPECT_EQ(ended.attr_or("id", ""), id);
    EXPECT_EQ(ended.attr_or("from", ""), "calc@services.localhost");
    const auto error = xmpp::stanza_error_from(ended);
    ASSERT_TRUE(error.application) << id;
    EXPECT_EQ(error.application->name(), "cancelled");
  }
  EXPECT_EQ(stage.waiting(caller), 0u);
  stage.describe(one, "calc", asked);
  EXPECT_EQ(stage.waiting(one), 1u);  // the other caller's
}

TEST(RegistryCancel, what_a_caller_that_is_gone_has_waiting_never_begins) {
  Stage stage;
  const xml::Element asked = appear(stage);
  stage.call(caller, "calc", "c1");
  stage.call(other, "calc", "c1");
  stage.tell("<presence type='unavailable' from='" + caller + "' to='services.localhost'/>");
  stage.describe(one, "calc", asked);
  EXPECT_EQ(stage.waiting(one), 1u);
  EXPECT_EQ(stage.waiting(caller), 0u);
}

TEST(RegistryCancel, of_two_callers_with_the_same_id_each_gives_up_its_own) {
  Stage stage;
  stage.join(one, "calc");
  stage.call(caller, "calc", "c1");
  stage.call(other, "calc", "c1");
  stage.next(one);
  const xml::Element second = stage.next(one);
  cancel(stage, other, "c1");
  expect_cancel(stage.next(one), second);
  EXPECT_EQ(stage.waiting(one), 0u);
}

TEST(RegistryCancel, a_strict_instance_is_told_nothing_and_answers) {
  Stage stage;
  stage.join(one, "calc", "", strict);
  stage.call(caller, "calc", "c1");
  const xml::Element call = stage.next(one);
  cancel(stage, caller, "c1");
  EXPECT_EQ(stage.waiting(one), 0u);
  stage.pass(limits::call_time_default + 1s);
  EXPECT_EQ(condition(stage.next(caller)), "remote-server-timeout");
}

TEST(RegistryCancel, a_caller_that_leaves_cancels_what_it_waits_for) {
  Stage stage;
  stage.join(one, "calc");
  for (const std::string& from : {caller, caller, other}) stage.call(from, "calc", "c1");
  std::vector<xml::Element> calls;
  while (stage.waiting(one) != 0) calls.push_back(stage.next(one));
  ASSERT_EQ(calls.size(), 3u);
  stage.tell("<presence type='unavailable' from='" + caller + "' to='services.localhost'/>");
  EXPECT_EQ(stage.waiting(one), 2u);
  stage.forget(one);
  // Nobody is told of the answer, and the call of the other session goes on.
  for (const xml::Element& call : calls)
    stage.tell("<iq type='result' from='" + one + "' to='" + std::string(call.attr_or("from", "")) + "' id='" +
               std::string(call.attr_or("id", "")) + "'/>");
  EXPECT_EQ(stage.waiting(caller), 0u);
  EXPECT_EQ(stage.waiting(other), 1u);
}

TEST(RegistryCancel, a_caller_that_is_found_dead_cancels_too) {
  Stage stage;
  stage.join(one, "calc");
  stage.watch(caller, "calc");
  stage.call(caller, "calc", "c1", "add", "xmlns:x='urn:xbus:call:0' x:deadline='600000'");
  stage.forget(one);
  stage.forget(caller);
  stage.pass(limits::instance_silence_time + 1s);
  stage.pong(one);
  stage.pass(limits::instance_ping_time + 1s);
  EXPECT_EQ(stage.next(one).name(), "message");
}

TEST(RegistryNotify, goes_on_to_one_instance_that_takes_it_with_the_callers_name) {
  Stage stage;
  stage.join(one, "calc", "", strict);
  const std::string notify =
      "<message type='headline' from='" + caller + "' to='calc@services.localhost'>" +
      "<notify xmlns='urn:xbus:call:0'><query xmlns='jabber:iq:rpc' xmlns:x='urn:xbus:call:0' "
      "x:deadline='500' x:on-behalf-of='root@localhost'><methodCall><methodName>add</methodName>"
      "</methodCall></query></notify></message>";
  stage.tell(notify);
  EXPECT_TRUE(stage.sent.empty());
  stage.join(two, "calc");
  stage.tell(notify);
  EXPECT_EQ(stage.waiting(one), 0u);
  const xml::Element told = stage.next(two);
  EXPECT_EQ(told.attr_or("from", ""), "calc@services.localhost");
  EXPECT_EQ(told.attr_or("type", ""), "headline");
  const xml::Element* inside = told.first("notify", "urn:xbus:call:0");
  ASSERT_NE(inside, nullptr);
  const xml::Element* query = inside->first("query", "jabber:iq:rpc");
  ASSERT_NE(query, nullptr);
  EXPECT_EQ(*query->attr("on-behalf-of", "urn:xbus:call:0"), caller);
  EXPECT_EQ(*query->attr("deadline", "urn:xbus:call:0"), "500");
  EXPECT_NE(query->first("methodCall", "jabber:iq:rpc"), nullptr);
}

}  // namespace
}  // namespace xbus::registry
