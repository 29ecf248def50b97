// What a service shows of itself, asked over a bus in memory.
#include "rpc/face.hpp"

#include <gtest/gtest.h>

#include "bus/xmpp/caps.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/local_bus.hpp"

namespace xbus {
namespace {

xmpp::DiscoInfo info_of(LocalBus& bus, Bus& asker, const xmpp::Jid& whom, const std::string& node = {}) {
  const auto answer = bus.wait(asker.client().request(whom, "get", xmpp::disco_info_query(node)));
  if (answer.kind != client::Answer::Kind::result) return {};
  return *xmpp::disco_info_from(*answer.stanza.first_element());
}

TEST(Face, RPC_08_a_service_has_the_identity_and_the_features) {
  Service calc("Calc");
  LocalBus bus;
  calc.version("1.2").method("add", {"a", "b"}, [](int a, int b) { return a + b; });
  calc.method("reset", [] {}).allow({"ops@localhost"});
  Bus& server = bus.serve(calc);
  Bus& asker = bus.connect();
  const auto info = info_of(bus, asker, server.jid());
  EXPECT_TRUE(info.has_identity("automation", "rpc"));
  EXPECT_TRUE(info.has_feature(jabber_rpc::ns));
  EXPECT_TRUE(info.has_feature(ns_call));
  const auto* form = info.form(registry::form_interface);
  ASSERT_NE(form, nullptr);
  EXPECT_EQ(form->value("name"), "Calc");
  EXPECT_EQ(form->value("version"), "1.2");
  EXPECT_EQ(form->value("hash"), calc.describe().hash());
  // Methods with a list of their own are not told.
  EXPECT_EQ(form->field("methods")->values,
            (std::vector<std::string>{"add", "system.describe", "system.listMethods", "system.methodHelp",
                                      "system.methodSignature"}));
  const auto caller = info_of(bus, asker, asker.jid());
  EXPECT_FALSE(caller.has_feature(jabber_rpc::ns));
}

TEST(Face, the_presence_that_registers_holds_caps_that_can_be_proven) {
  Service calc("calc");
  LocalBus bus;
  calc.method("m", [] {});
  Bus& server = bus.connect("service");
  Bus& asker = bus.connect();
  client::Client& client = server.client();
  auto face = make_face(client, &calc);
  const auto presence = registering_presence(*face, {registry::InstanceState::dnd, 7, 3});
  EXPECT_EQ(presence.first("show", presence.ns())->text(), "dnd");
  EXPECT_EQ(*presence.first("instance", registry::ns_registry)->attr("weight"), "7");
  EXPECT_EQ(*presence.first("instance", registry::ns_registry)->attr("load"), "3");
  const auto caps = xmpp::caps_from(presence);
  ASSERT_TRUE(caps);
  EXPECT_EQ(xmpp::verify(*caps, face->info()), xmpp::CapsVerdict::valid);
  EXPECT_EQ(info_of(bus, asker, server.jid(), caps->disco_node()).identities, face->info().identities);
}

}  // namespace
}  // namespace xbus
