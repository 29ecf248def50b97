// What strangers try: names and instances of others, answers that are not theirs, floods. Each gets the standard's
// error, and a good request still works afterwards.
#include <set>

#include "tests/rpc/registry/stage.hpp"

namespace xbus::registry {
namespace {

using namespace std::chrono_literals;
const std::string alice = "alice@localhost/one", bob = "bob@localhost/two", eve = "eve@localhost/x",
                  far = "alice@elsewhere.example/one";

std::string presence(const std::string& from, const std::string& name, const std::string& type = "") {
  return "<presence" + (type.empty() ? "" : " type='" + type + "'") + " from='" + from + "' to='" + name +
         "@services.localhost'/>";
}

void answer(Stage& stage, const std::string& from, const std::string& to, const std::string& id,
            const std::string& type = "result") {
  stage.tell("<iq type='" + type + "' from='" + from + "' to='" + to + "' id='" + id + "'>" +
             (type == "error" ? "<error type='cancel'><service-unavailable "
                                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                              : "<query xmlns='jabber:iq:rpc'><methodResponse/></query>") +
             "</iq>");
}

// The service `calc` of alice is listed, and only she is; a call to it arrives and is answered.
void expect_alice_serves(Stage& stage) {
  EXPECT_EQ(stage.live("calc"), std::vector{alice});
  stage.forget(alice);
  stage.call("good@localhost/x", "calc", "good");
  const xml::Element call = stage.next(alice);
  ASSERT_EQ(call.name(), "iq");
  answer(stage, alice, std::string(call.attr_or("from", "")), std::string(call.attr_or("id", "")));
  EXPECT_EQ(stage.next("good@localhost/x").attr_or("type", ""), "result");
}

TEST(RegistryHostile, JID_03_a_name_is_the_same_in_each_spelling_and_belongs_to_its_owner) {
  Stage stage;
  stage.join(alice, "calc");
  // Other case, full width letters, and both for another account.
  for (const std::string spelling : {"CALC", "cAlc", "ｃａｌｃ", "ＣALC"}) {
    stage.tell(presence(bob, spelling));
    EXPECT_EQ(condition(stage.next(bob)), "conflict") << spelling;
  }
  // The same account name in another domain, and a component that has the name of the account.
  stage.tell(presence(far, "calc"));
  EXPECT_EQ(condition(stage.next(far)), "conflict");
  stage.tell(presence("alice.localhost", "calc"));
  EXPECT_EQ(condition(stage.next("alice.localhost")), "conflict");
  // The owner's other sessions and other spellings are the owner's.
  stage.tell(presence("alice@localhost/two", "CALC"));
  EXPECT_EQ(stage.next("alice@localhost/two").attr("type"), nullptr);
  stage.leave("alice@localhost/two", "calc");
  expect_alice_serves(stage);
}

TEST(RegistryHostile, JID_03_composed_and_decomposed_letters_are_one_name) {
  Stage stage;
  stage.join(alice, "caf\xC3\xA9");
  stage.tell(presence(bob, "cafe\xCC\x81"));
  EXPECT_EQ(condition(stage.next(bob)), "conflict");
  EXPECT_EQ(stage.live("caf\xC3\xA9"), std::vector{alice});
}

TEST(RegistryHostile, nobody_takes_a_name_that_mixes_alphabets) {
  Stage stage;
  stage.join(alice, "calc");
  const std::string cyrillic = "c\xD0\xB0lc";
  stage.tell(presence(bob, cyrillic));
  EXPECT_EQ(condition(stage.next(bob)), "forbidden");
  stage.tell("<iq type='set' from='root@localhost/x' to='services.localhost' id='1'><give xmlns='urn:xbus:registry:0' name='" +
             cyrillic + "' owner='bob@localhost'/></iq>");
  EXPECT_EQ(stage.next("root@localhost/x").attr_or("type", ""), "result");
  stage.join(bob, cyrillic);
  expect_alice_serves(stage);
}

TEST(RegistryHostile, JID_04_a_name_has_one_escaping) {
  Stage stage;
  stage.join(alice, "a\\2fb");  // a/b
  for (const std::string other : {"\\20calc", "calc\\20", "a\\5cb"}) {
    stage.tell(presence(bob, other));
    EXPECT_EQ(condition(stage.next(bob)), "jid-malformed") << other;
  }
  stage.tell(presence(bob, "a\\2Fb"));
  EXPECT_EQ(condition(stage.next(bob)), "conflict");
  stage.join(alice, "calc");
  expect_alice_serves(stage);
}

TEST(RegistryHostile, presence_of_others_changes_nothing_of_an_instance) {
  Stage stage;
  stage.join(alice, "calc");
  for (const std::string& from : {bob, std::string("alice@localhost/two"), std::string("alice@localhost"), far,
                                 std::string("calc@services.localhost/one")})
    for (const std::string type : {"unavailable", "error", "probe", "unsubscribe", "subscribed"})
      stage.tell(presence(from, "calc", type));
  // What the instance says of itself cannot name another.
  stage.tell("<presence from='" + alice + "' to='calc@services.localhost'><instance xmlns='urn:xbus:registry:0' jid='" +
             bob + "' id='two' weight='5'/></presence>");
  EXPECT_EQ(stage.registry->services().at(0).instances.at(0).weight, 5u);
  EXPECT_EQ(stage.registry->services().at(0).instances.at(0).id, "one");
  expect_alice_serves(stage);
}

TEST(RegistryHostile, a_push_that_somebody_else_sends_back_does_not_unlist) {
  Stage stage;
  stage.join(alice, "calc");
  stage.watch(bob, "calc");
  stage.forget(bob);
  stage.tell(presence(eve, "calc", "error"));
  stage.tell(presence(alice, "calc", "error"));
  expect_alice_serves(stage);
  stage.join("alice@localhost/two", "calc");
  EXPECT_GT(stage.waiting(bob), 0u);
}

TEST(RegistryHostile, RPC_24_an_error_that_nothing_waits_for_unlists_nobody) {
  Stage stage;
  stage.join(alice, "calc");
  answer(stage, alice, "services.localhost", "ping-guess", "error");
  answer(stage, alice, "services.localhost", "info-guess", "error");
  expect_alice_serves(stage);
  // A ping that was under way when the session was replaced: its error is of the one before.
  stage.pass(limits::instance_silence_time + 1s);
  const std::string id(stage.next(alice).attr_or("id", ""));
  stage.tell(presence(alice, "calc"));
  answer(stage, alice, "services.localhost", id, "error");
  expect_alice_serves(stage);
}

TEST(RegistryHostile, RPC_24_an_answer_of_another_instance_or_with_another_token_or_id_is_dropped) {
  Stage stage;
  stage.join(alice, "calc");
  stage.join("alice@localhost/two", "calc", "<show>away</show>");
  stage.call(eve, "calc", "c1");
  stage.call(eve, "calc", "c2");
  const xml::Element first = stage.next(alice), second = stage.next(alice);
  const std::string token(first.attr_or("from", "")), id(first.attr_or("id", "")),
      other_token(second.attr_or("from", "")), other_id(second.attr_or("id", ""));
  for (const std::string type : {"result", "error"}) {
    answer(stage, "alice@localhost/two", token, id, type);  // another instance of the same service
    answer(stage, "alice@localhost", token, id, type);
    answer(stage, far, token, id, type);
    answer(stage, eve, token, id, type);  // the caller itself
    answer(stage, alice, token, other_id, type);
    answer(stage, alice, other_token, id, type);
    answer(stage, alice, token + "x", id, type);
    answer(stage, alice, "calc@services.localhost", id, type);
    answer(stage, alice, "services.localhost", id, type);
    answer(stage, alice, token, "", type);
  }
  EXPECT_EQ(stage.waiting(eve), 0u);
  EXPECT_EQ(stage.live("calc").size(), 2u);
  answer(stage, alice, token, id);
  EXPECT_EQ(stage.next(eve).attr_or("id", ""), "c1");
}

TEST(RegistryHostile, an_answer_to_one_call_ends_no_call_of_another_service_of_the_session) {
  Stage stage;
  stage.join(alice, "calc");
  stage.join(alice, "clock");
  stage.call(eve, "calc", "c1");
  stage.call(eve, "clock", "c2");
  stage.leave(alice, "clock");
  const xml::Element lost = stage.next(eve);
  EXPECT_EQ(lost.attr_or("id", ""), "c2");
  EXPECT_EQ(condition(lost), "undefined-condition");
  EXPECT_EQ(stage.waiting(eve), 0u);
  const xml::Element call = stage.next(alice);
  answer(stage, alice, std::string(call.attr_or("from", "")), std::string(call.attr_or("id", "")));
  EXPECT_EQ(stage.next(eve).attr_or("id", ""), "c1");
}

// What the registry says to a watch of so many names: the error's condition, or "result".
std::string watch_many(Stage& stage, const std::string& from, size_t names) {
  std::vector<std::string> all;
  for (size_t i = 0; i < names; ++i) all.push_back("n" + std::to_string(i));
  xml::Element request = xmpp::iq(xmpp::IqType::set, "w", *xmpp::Jid::parse("services.localhost"), watch_request(all));
  stage.registry->on_stanza(request.set("from", from));
  const xml::Element answer = stage.next(from);
  return answer.attr_or("type", "") == "result" ? "result" : condition(answer);
}

TEST(RegistryHostile, a_flood_of_watches_ends_at_the_limit_of_the_account_and_the_bus) {
  Stage stage;
  stage.join(alice, "calc");
  const size_t each = limits::watches_per_account_max;
  EXPECT_EQ(watch_many(stage, eve, each - 1), "result");
  // The account's other sessions share its limit; other accounts have their own, and a foreign domain has one.
  EXPECT_EQ(watch_many(stage, "eve@localhost/y", 2), "resource-constraint");
  EXPECT_EQ(watch_many(stage, "eve@localhost/y", 1), "result");
  EXPECT_EQ(watch_many(stage, "a@elsewhere.example/x", each), "result");
  EXPECT_EQ(watch_many(stage, "b@elsewhere.example/x", 1), "resource-constraint");
  // What is watched already is still watched, and a smaller watch takes its place.
  EXPECT_EQ(watch_many(stage, eve, 1), "result");
  stage.watch(bob, "calc");
  EXPECT_EQ(stage.next(bob).attr_or("type", ""), "result");
  expect_alice_serves(stage);
}

TEST(RegistryHostile, watches_max_is_the_edge) {
  Watches watches;
  size_t left = limits::watches_max;
  for (int i = 0; left != 0; ++i) {
    std::set<std::string> keys;
    while (keys.size() < limits::watches_per_account_max && keys.size() < left)
      keys.insert("n" + std::to_string(keys.size()));
    left -= keys.size();
    const std::string account = "u" + std::to_string(i) + "@localhost";
    ASSERT_TRUE(watches.set(*xmpp::Jid::parse(account + "/x"), account, keys));
  }
  const auto more = *xmpp::Jid::parse(bob);
  EXPECT_FALSE(watches.set(more, "bob@localhost", {"one more"}));
  EXPECT_TRUE(watches.remove(*xmpp::Jid::parse("u0@localhost/x")));
  EXPECT_TRUE(watches.set(more, "bob@localhost", {"one more"}));
}

TEST(RegistryHostile, a_service_has_at_most_instances_per_name_max) {
  Stage stage;
  stage.join(alice, "calc");
  for (size_t i = 1; i < limits::instances_per_name_max; ++i)
    stage.tell(presence("alice@localhost/i" + std::to_string(i), "calc"));
  stage.tell(presence("alice@localhost/more", "calc"));
  EXPECT_EQ(condition(stage.next("alice@localhost/more")), "resource-constraint");
  // Those that are listed may still say what is new, and one that leaves makes room.
  stage.tell("<presence from='" + alice + "' to='calc@services.localhost'><show>away</show></presence>");
  EXPECT_EQ(stage.next(alice).attr("type"), nullptr);
  stage.leave("alice@localhost/i1", "calc");
  stage.tell(presence("alice@localhost/more", "calc"));
  EXPECT_EQ(stage.next("alice@localhost/more").attr("type"), nullptr);
  EXPECT_EQ(stage.live("calc").size(), limits::instances_per_name_max);
}

TEST(RegistryHostile, instances_per_account_max_is_the_edge) {
  Instances instances;
  const auto service = *xmpp::Jid::parse("calc@services.localhost");
  const std::string payer = "eve@localhost";
  auto session = [](size_t i) { return *xmpp::Jid::parse("eve@localhost/" + std::to_string(i)); };
  for (size_t i = 0; i < limits::instances_per_account_max; ++i) {
    const std::string key = "n" + std::to_string(i / 500);
    ASSERT_TRUE(instances.room(key, payer)) << i;
    instances.add({key, session(i), service, payer});
  }
  EXPECT_FALSE(instances.room("more", payer));
  EXPECT_TRUE(instances.room("more", "bob@localhost"));
  EXPECT_TRUE(instances.remove("n0", session(0)));
  EXPECT_TRUE(instances.room("more", payer));
}

TEST(RegistryHostile, interface_bytes_per_account_max_is_the_edge) {
  Instances instances;
  const auto service = *xmpp::Jid::parse("calc@services.localhost");
  const std::string payer = "eve@localhost", other = "bob@localhost";
  auto add = [&](const std::string& resource, const std::string& pays) -> Instance& {
    return instances.add({"calc", *xmpp::Jid::parse(pays + "/" + resource), service, pays}).instance;
  };
  const std::vector<std::string> half{
      std::string(limits::interface_bytes_per_account_max / 2 - sizeof(std::string), 'm')};
  Instance &first = add("1", payer), &second = add("2", payer), &third = add("3", payer);
  for (Instance* instance : {&first, &second, &third}) instances.set_methods(*instance, half);
  EXPECT_EQ(second.info.methods, half);
  EXPECT_TRUE(third.info.methods.empty());
  Instance& free = add("1", other);
  instances.set_methods(free, half);
  EXPECT_EQ(free.info.methods, half);
  // What is replaced or gone makes room.
  instances.set_methods(first, {"add"});
  instances.set_methods(third, half);
  EXPECT_TRUE(third.info.methods.empty());
  instances.remove("calc", *xmpp::Jid::parse("eve@localhost/1"));
  instances.set_methods(third, half);
  EXPECT_EQ(third.info.methods, half);
}

TEST(RegistryHostile, an_account_that_owns_too_many_names_gets_no_more_and_others_do) {
  Stage stage;
  for (size_t i = 0; i < limits::names_per_account_max; ++i)
    stage.tell(presence(eve, "name" + std::to_string(i)));
  stage.forget(eve);
  for (const std::string& session : {eve, std::string("eve@localhost/other")}) {
    stage.tell(presence(session, "onemore"));
    EXPECT_EQ(condition(stage.next(session)), "resource-constraint");
  }
  stage.join(alice, "calc");
  expect_alice_serves(stage);
}

TEST(RegistryHostile, a_caller_has_at_most_dispatched_calls_per_account_max) {
  Stage stage;
  stage.join(alice, "calc");
  for (size_t i = 0; i < limits::dispatched_calls_per_account_max; ++i) {
    stage.call(eve, "calc", "c");
    if (i != 0) stage.sent.pop_back();  // only the first is kept
  }
  stage.call("eve@localhost/other", "calc", "more");
  const xml::Element refused = stage.next("eve@localhost/other");
  EXPECT_EQ(condition(refused), "resource-constraint");
  EXPECT_EQ(refused.attr_or("id", ""), "more");
  const xml::Element first = stage.next(alice);
  expect_alice_serves(stage);
  // One that ends makes room.
  answer(stage, alice, std::string(first.attr_or("from", "")), std::string(first.attr_or("id", "")));
  stage.forget(eve);
  stage.call("eve@localhost/other", "calc", "again");
  EXPECT_EQ(stage.waiting("eve@localhost/other"), 0u);
  // And the deadlines end what is never answered.
  stage.pass(limits::call_time_default + 1s);
  EXPECT_EQ(stage.waiting(eve), limits::dispatched_calls_per_account_max - 1);
  EXPECT_EQ(condition(stage.next(eve)), "remote-server-timeout");
}

TEST(RegistryHostile, what_is_kept_of_strangers_words_is_bounded) {
  Stage stage;
  stage.join(alice, "calc");
  stage.call(eve, "calc", std::string(limits::dispatched_id_bytes_max + 1, 'i'));
  EXPECT_EQ(condition(stage.next(eve)), "policy-violation");
  stage.call(eve, "calc", std::string(limits::dispatched_id_bytes_max, 'i'));
  EXPECT_EQ(stage.waiting(eve), 0u);
  // An interface too long to be kept is as good as none: the instance is listed, and calls of any method go to it.
  const std::string longest(limits::interface_text_bytes_max, 'm');
  stage.join(bob, "wide", "", "<feature var='jabber:iq:rpc'/>", longest + "m");
  EXPECT_TRUE(stage.registry->services().back().instances.at(0).methods.empty());
  EXPECT_TRUE(stage.registry->services().back().instances.at(0).hash.empty());
  stage.call(eve, "wide", "c1", "anything");
  EXPECT_EQ(stage.waiting(bob), 1u);
  stage.join("bob@localhost/three", "fine", "", "<feature var='jabber:iq:rpc'/>", longest);
  EXPECT_EQ(stage.live("fine").size(), 1u);
  expect_alice_serves(stage);
}

TEST(RegistryHostile, an_instance_that_is_given_up_is_told_and_may_come_back) {
  Stage stage;
  stage.join(alice, "calc");
  stage.pass(limits::instance_silence_time + limits::instance_ping_time + 2s);
  EXPECT_TRUE(stage.live("calc").empty());
  EXPECT_EQ(stage.next(alice).name(), "iq");  // the ping
  const xml::Element told = stage.next(alice);
  EXPECT_EQ(told.attr_or("from", ""), "calc@services.localhost");
  EXPECT_EQ(condition(told), "remote-server-timeout");
  stage.join(alice, "calc");
  expect_alice_serves(stage);
}

}  // namespace
}  // namespace xbus::registry
