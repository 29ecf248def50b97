// Registering, leaving, watching and owning.
#include "rpc/registry/registry.hpp"

#include "tests/rpc/registry/stage.hpp"

namespace xbus::registry {
namespace {

using namespace std::chrono_literals;
const std::string alice = "alice@localhost/one", bob = "bob@localhost/two",
                  root = "root@localhost/x";
const std::string give =
    "<give xmlns='urn:xbus:registry:0' name='calc' owner='bob@localhost'/>";

std::string set(const std::string& from, const std::string& payload) {
  return "<iq type='set' from='" + from + "' to='services.localhost' id='1'>" + payload + "</iq>";
}

TEST(Registry, an_instance_that_registers_is_listed_until_it_leaves) {
  Stage stage;
  stage.join(alice, "Calc");
  EXPECT_EQ(stage.live("Calc"), std::vector{alice});
  stage.leave(alice, "calc");
  EXPECT_TRUE(stage.live("Calc").empty());
}

TEST(Registry, names_compare_without_case_and_keep_their_spelling) {
  Stage stage;
  stage.join(alice, "billing.Invoices");
  stage.tell("<iq type='get' from='" + bob + "' to='services.localhost' id='1'>" +
             "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
  const xml::Element answer = stage.next(bob);
  const xml::Element* item = answer.first_element()->first_element();
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item->attr_or("jid", ""), "billing.invoices@services.localhost");
  EXPECT_EQ(item->attr_or("name", ""), "billing.Invoices");
}

TEST(Registry, a_name_of_another_account_is_a_conflict) {
  Stage stage;
  stage.join(alice, "calc");
  stage.tell("<presence from='" + bob + "' to='calc@services.localhost'/>");
  EXPECT_EQ(condition(stage.next(bob)), "conflict");
  EXPECT_EQ(stage.live("calc"), std::vector{alice});
}

TEST(Registry, accounts_of_other_domains_own_nothing_unless_policy_says_so) {
  RegistryOptions options;
  options.names.given = {{"Shared", *xmpp::Jid::parse("eve@elsewhere.example")}};
  Stage stage(options);
  const std::string eve = "eve@elsewhere.example/r";
  stage.tell("<presence from='" + eve + "' to='calc@services.localhost'/>");
  EXPECT_EQ(condition(stage.next(eve)), "forbidden");
  stage.join(eve, "shared");
  EXPECT_EQ(stage.live("shared").size(), 1u);
  stage.tell("<presence from='" + bob + "' to='shared@services.localhost'/>");
  EXPECT_EQ(condition(stage.next(bob)), "conflict");
}

TEST(Registry, under_policy_nobody_takes_a_free_name) {
  Stage stage;
  stage.close();
  stage.options.names.claim = Claim::policy;
  stage.open();
  stage.tell("<presence from='" + bob + "' to='calc@services.localhost'/>");
  EXPECT_EQ(condition(stage.next(bob)), "forbidden");
  stage.tell(set(root, give));
  EXPECT_EQ(stage.next(root).attr_or("type", ""), "result");
  stage.join(bob, "calc");
}

TEST(Registry, an_account_owns_at_most_names_per_account_max) {
  Stage stage;
  for (size_t i = 0; i < limits::names_per_account_max; ++i)
    stage.join(alice, "name" + std::to_string(i));
  stage.tell("<presence from='" + alice + "' to='onemore@services.localhost'/>");
  EXPECT_EQ(condition(stage.next(alice)), "resource-constraint");
  // A name that it owns already is none too many.
  stage.leave(alice, "name7");
  stage.join(alice, "name7");
}

TEST(Registry, only_admins_give_names_and_a_taken_name_loses_its_instances) {
  Stage stage;
  stage.join(alice, "calc");
  stage.tell(set(bob, give));
  EXPECT_EQ(condition(stage.next(bob)), "forbidden");
  stage.tell(set(root, give));
  EXPECT_EQ(condition(stage.next(alice)), "conflict");
  EXPECT_TRUE(stage.live("calc").empty());
  stage.join(bob, "calc");
}

TEST(Registry, an_owner_may_release_its_name_and_nobody_elses) {
  Stage stage;
  stage.join(alice, "calc");
  const std::string release = "<release xmlns='urn:xbus:registry:0' name='calc'/>";
  stage.tell(set(bob, release));
  EXPECT_EQ(condition(stage.next(bob)), "forbidden");
  stage.leave(alice, "calc");
  stage.tell(set(alice, release));
  EXPECT_EQ(stage.next(alice).attr_or("type", ""), "result");
  stage.join(bob, "calc");
}

TEST(Registry, a_watcher_is_answered_with_what_is_live_and_told_of_each_change) {
  Stage stage;
  stage.join(alice, "calc");
  stage.watch(bob, "Calc");
  const xml::Element answer = stage.next(bob);
  const auto services = services_from(*answer.first_element());
  ASSERT_EQ(services.size(), 1u);
  EXPECT_EQ(services[0].name, "Calc");
  ASSERT_EQ(services[0].instances.size(), 1u);
  EXPECT_EQ(services[0].instances[0].jid.str(), alice);
  EXPECT_EQ(services[0].instances[0].methods, std::vector<std::string>{"add"});

  stage.join("alice@localhost/two", "calc");
  xml::Element push = stage.next(bob);
  EXPECT_EQ(push.attr_or("from", ""), "calc@services.localhost/two");
  EXPECT_EQ(instance_from(*push.first("instance", ns_registry))->jid.str(), "alice@localhost/two");
  stage.forget(bob);

  stage.tell("<presence from='" + alice +
             "' to='calc@services.localhost'><show>away</show></presence>");
  push = stage.next(bob);
  EXPECT_EQ(instance_from(*push.first("instance", ns_registry))->state, InstanceState::away);
  stage.leave(alice, "calc");
  EXPECT_EQ(stage.next(bob).attr_or("type", ""), "unavailable");

  stage.tell("<presence type='unavailable' from='" + bob + "' to='services.localhost'/>");
  stage.leave("alice@localhost/two", "calc");
  EXPECT_EQ(stage.waiting(bob), 0u);
}

TEST(Registry, what_is_silent_is_asked_and_removed_without_an_answer) {
  Stage stage;
  stage.join(alice, "calc");
  stage.pass(limits::instance_silence_time - 2s);
  EXPECT_EQ(stage.waiting(alice), 0u);
  stage.pass(4s);
  stage.pong(alice);
  stage.pass(limits::instance_ping_time + 2s);
  EXPECT_EQ(stage.live("calc").size(), 1u);
  stage.pass(40s);
  EXPECT_TRUE(stage.live("calc").empty());
}

TEST(Registry, an_error_of_the_server_removes_and_one_of_the_client_does_not) {
  for (const std::string error : {"feature-not-implemented", "service-unavailable"}) {
    Stage stage;
    stage.join(alice, "calc", "", "<feature var='jabber:iq:rpc'/>");
    const std::string inside = "<error type='cancel'><" + error +
                               " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    stage.pass(limits::instance_silence_time + 1s);
    stage.pong(alice, "error", inside);
    // A client that has described itself is asked for that before it is given up.
    EXPECT_EQ(stage.live("calc").size(), 1u) << error;
    if (stage.waiting(alice) != 0) stage.pong(alice, "error", inside);
    EXPECT_EQ(stage.live("calc").size(), error == "feature-not-implemented" ? 1u : 0u) << error;
  }
}

TEST(Registry, after_a_restart_those_that_answer_are_listed_again) {
  Stage stage;
  stage.join(alice, "calc");
  stage.join("alice@localhost/two", "calc");
  stage.watch(bob, "calc");
  stage.close();
  stage.sent.clear();
  stage.open();
  EXPECT_TRUE(stage.live("calc").empty());
  stage.pong(alice);
  EXPECT_EQ(stage.live("calc"), std::vector{alice});
  EXPECT_EQ(stage.waiting("alice@localhost/two"), 1u);
  stage.pong(bob);
  stage.forget(bob);
  stage.pass(limits::instance_ping_time + 2s);
  // The one that did not answer is gone, and the watcher knows.
  EXPECT_EQ(stage.next(bob).attr_or("type", ""), "unavailable");
  // The owner is still the owner.
  stage.tell("<presence from='" + bob + "' to='calc@services.localhost'/>");
  EXPECT_EQ(condition(stage.next(bob)), "conflict");
}

TEST(Registry, a_name_whose_instances_differ_in_interface_is_marked) {
  Stage stage;
  stage.join(alice, "calc");
  EXPECT_FALSE(stage.registry->services().at(0).mixed);
  stage.join("alice@localhost/two", "calc", "", "<feature var='jabber:iq:rpc'/>", "subtract");
  EXPECT_TRUE(stage.registry->services().at(0).mixed);
}

TEST(Registry, DISCO_01_unknown_nodes_and_names_are_item_not_found) {
  Stage stage;
  for (const std::string to : {"services.localhost", "nobody@services.localhost"})
    for (const std::string what : {"info", "items"}) {
      const bool node = to == "services.localhost";
      stage.tell("<iq type='get' from='" + bob + "' to='" + to + "' id='1'><query xmlns=" +
                 "'http://jabber.org/protocol/disco#" + what + "'" + (node ? " node='x'" : "") +
                 "/></iq>");
      EXPECT_EQ(condition(stage.next(bob)), "item-not-found") << to << " " << what;
    }
}

TEST(Registry, CORE_35_unknown_payloads_are_service_unavailable) {
  Stage stage;
  for (const std::string to : {"services.localhost", "calc@services.localhost",
                               "calc@services.localhost/token"}) {
    stage.tell("<iq type='set' from='" + bob + "' to='" + to + "' id='1'><x xmlns='y'/></iq>");
    EXPECT_EQ(condition(stage.next(bob)), "service-unavailable") << to;
  }
}

TEST(Registry, CORE_36_errors_and_results_are_never_answered) {
  Stage stage;
  for (const std::string to : {"services.localhost", "calc@services.localhost",
                               "calc@services.localhost/token"})
    for (const std::string type : {"error", "result"})
      stage.tell("<iq type='" + type + "' from='" + bob + "' to='" + to + "' id='1'/>");
  EXPECT_TRUE(stage.sent.empty());
}

TEST(Registry, a_watch_of_too_many_names_is_a_resource_constraint) {
  Stage stage;
  xml::Element request("iq", std::string(xml::ns_client));
  request.set("type", "set").set("from", bob).set("to", "services.localhost").set("id", "1");
  xml::Element& watch = request.add(xml::Element("watch", std::string(ns_registry)));
  for (size_t i = 0; i < limits::watches_per_account_max; ++i)
    watch.add("service").set("name", "n" + std::to_string(i));
  stage.registry->on_stanza(request);
  EXPECT_EQ(stage.next(bob).attr_or("type", ""), "result");
  request.first("watch", ns_registry)->add("service").set("name", "one more");
  stage.registry->on_stanza(request);
  EXPECT_EQ(condition(stage.next(bob)), "resource-constraint");
}

}  // namespace
}  // namespace xbus::registry
