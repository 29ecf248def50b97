#include "bus/client/component.hpp"

#include <gtest/gtest.h>

#include "bus/net/virtual_loop.hpp"
#include "bus/xmpp/stanza.hpp"
#include "tests/bus/client/test_server.hpp"

namespace xbus::client {
namespace {

using namespace std::chrono_literals;

struct Recorder final : xmpp::Entity {
  void on_connected(xmpp::EntityPort& given) override {
    port = &given;
    ++connections;
  }
  void on_disconnected() override { port = nullptr; }
  void on_stanza(const xml::Element& stanza) override { stanzas.push_back(stanza); }
  xmpp::EntityPort* port = nullptr;
  int connections = 0;
  std::vector<xml::Element> stanzas;
};

struct ComponentTest : testing::Test {
  ComponentTest() { server.component = true; }
  Component& connect(std::string secret = "open sesame") {
    Options options;
    options.domain = "echo.bus.example";
    options.component_secret = std::move(secret);
    component = std::make_unique<Component>(loop, options, entity, [this] { return server.connect(); });
    login = collect(component->connect());
    loop.advance(100ms);
    return *component;
  }
  net::VirtualLoop loop;
  TestServer server{loop};
  Recorder entity;
  std::shared_ptr<std::optional<Result<xmpp::Jid, xmpp::LoginError>>> login;
  std::unique_ptr<Component> component;
};

TEST_F(ComponentTest, COMP_01_connects_with_the_secret_and_not_without) {
  connect();
  ASSERT_TRUE(login->has_value());
  ASSERT_TRUE(**login);
  EXPECT_EQ((**login)->str(), "echo.bus.example");
  EXPECT_TRUE(entity.port);
  component.reset();
  EXPECT_FALSE(entity.port);
  connect("wrong");
  ASSERT_TRUE(login->has_value());
  ASSERT_FALSE(**login);
  EXPECT_FALSE(entity.port);
}

TEST_F(ComponentTest, CORE_11_stanzas_and_their_own_children_change_namespace_nothing_deeper_does) {
  connect();
  std::string payload = "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>in</body></message>"
                        "<other xmlns='jabber:component:accept'/></forwarded>";
  server.send("<message from='juliet@bus.example/b' to='x@echo.bus.example' type='error'><body>hello</body>" + payload +
              "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
  loop.run_until_idle();
  ASSERT_EQ(entity.stanzas.size(), 1u);
  auto& in = entity.stanzas[0];
  auto expected = xml::parse("<message xmlns='jabber:client' from='juliet@bus.example/b' to='x@echo.bus.example' "
                             "type='error'><body>hello</body>" + payload +
                             "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
  ASSERT_TRUE(expected);
  EXPECT_EQ(in, *expected) << xml::write(in);

  auto out = in;
  out.set("from", "x@echo.bus.example").set("to", "juliet@bus.example/b");
  entity.port->send(out);
  loop.run_until_idle();
  ASSERT_EQ(server.received.size(), 1u);
  auto& seen = server.received[0];
  EXPECT_TRUE(seen.is("message", xml::ns_component));
  EXPECT_TRUE(seen.first("body", xml::ns_component));
  EXPECT_TRUE(seen.first("error", xml::ns_component));
  auto* forwarded = seen.first("forwarded", "urn:xmpp:forward:0");
  ASSERT_TRUE(forwarded);
  EXPECT_TRUE(forwarded->first("message", xml::ns_client));
  EXPECT_TRUE(forwarded->first("other", xml::ns_component));
}

TEST_F(ComponentTest, the_entity_hears_every_kind_and_answers_for_itself) {
  connect();
  server.send("<iq type='get' id='1' from='a@b/c' to='echo.bus.example'><x xmlns='urn:x'/></iq>"
              "<iq type='result' id='9' from='a@b/c' to='echo.bus.example'/>"
              "<presence from='a@b/c' to='echo.bus.example'/>");
  loop.run_until_idle();
  EXPECT_EQ(entity.stanzas.size(), 3u);
  EXPECT_TRUE(server.received.empty());
}

TEST_F(ComponentTest, requests_of_the_client_beside_it_are_matched) {
  connect();
  std::optional<Answer> answer;
  component->client().request(*xmpp::Jid::parse("a@b/c"), "get", xml::Element("x", "urn:x"), 5s,
                              [&](Answer given) { answer = std::move(given); },
                              *xmpp::Jid::parse("me@echo.bus.example"));
  loop.run_until_idle();
  ASSERT_EQ(server.received.size(), 1u);
  EXPECT_EQ(server.received[0].attr_or("from", ""), "me@echo.bus.example");
  server.send("<iq type='result' from='a@b/c' to='me@echo.bus.example' id='" +
              std::string(server.received[0].attr_or("id", "")) + "'/>");
  loop.run_until_idle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Answer::Kind::result);
  EXPECT_TRUE(entity.stanzas.empty());
}

TEST_F(ComponentTest, CORE_44_what_is_too_large_comes_back_as_an_error) {
  connect();
  auto iq = xmpp::iq(xmpp::IqType::set, "big", *xmpp::Jid::parse("a@b/c"), xml::Element("x", "urn:x"));
  iq.set("from", "echo.bus.example");
  iq.first("x", "urn:x")->add_text(std::string(limits::stanza_bytes_assumed, 'x'));
  entity.port->send(iq);
  EXPECT_TRUE(entity.stanzas.empty());
  loop.run_until_idle();
  ASSERT_EQ(entity.stanzas.size(), 1u);
  EXPECT_EQ(xmpp::stanza_error_from(entity.stanzas[0]).condition, xmpp::Condition::policy_violation);
  EXPECT_TRUE(server.received.empty());
}

TEST_F(ComponentTest, CORE_44_an_answer_that_is_too_large_is_replaced_by_an_error) {
  connect();
  server.send("<iq type='get' id='big' from='a@b/c' to='echo.bus.example'><x xmlns='urn:x'/></iq>");
  loop.run_until_idle();
  xml::Element answer("x", "urn:x");
  answer.add_text(std::string(limits::stanza_bytes_assumed, 'x'));
  entity.port->send(xmpp::result_for(entity.stanzas.at(0), std::move(answer)));
  loop.run_until_idle();
  ASSERT_EQ(server.received.size(), 1u);
  const xml::Element& told = server.received[0];
  EXPECT_EQ(told.attr_or("id", ""), "big");
  EXPECT_EQ(told.attr_or("to", ""), "a@b/c");
  EXPECT_EQ(told.attr_or("from", ""), "echo.bus.example");
  EXPECT_EQ(xmpp::stanza_error_from(told).condition, xmpp::Condition::policy_violation);
  EXPECT_EQ(entity.stanzas.size(), 1u);
}

TEST_F(ComponentTest, is_told_of_each_loss_and_return) {
  connect();
  server.drop();
  loop.run_until_idle();
  EXPECT_FALSE(entity.port);
  EXPECT_TRUE(loop.run_until([&] { return entity.port != nullptr; }, 5s));
  EXPECT_EQ(entity.connections, 2);
}

}  // namespace
}  // namespace xbus::client
