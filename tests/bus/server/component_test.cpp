// Plays about components (XEP-0114).
#include <gmock/gmock.h>

#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void connect(Actor& actor, std::string_view domain, std::string_view secret) {
  actor.send(
      "<stream:stream xmlns='jabber:component:accept' "
      "xmlns:stream='http://etherx.jabber.org/streams' to='" +
      std::string(domain) + "'>");
  size_t at = actor.all().find(" id='");
  if (at == std::string::npos) return;
  std::string id = actor.all().substr(at + 5, actor.all().find('\'', at + 5) - at - 5);
  actor.send("<handshake>" +
             crypto::hex_encode(crypto::digest(crypto::Hash::sha1, id + std::string(secret))) +
             "</handshake>");
}

class ComponentTest : public testing::Test {
 protected:
  void SetUp() override { bus_.server.allow_component("echo.localhost", "secret"); }
  // Reads over the handshake's answer.
  void attach(Actor& actor) {
    connect(actor, "echo.localhost", "secret");
    EXPECT_THAT(actor.all(), HasSubstr("<handshake/>"));
    actor.forget();
  }
  Bus bus_;
};

TEST_F(ComponentTest, COMP_01_proves_itself_and_is_reachable) {
  Actor echo(bus_, ListenerKind::component), ann(bus_, "ann");
  attach(echo);
  ann.login("a");
  ann.send("<iq type='get' id='1' to='echo.localhost'><q xmlns='urn:q'/></iq>");
  EXPECT_THAT(echo.texts(),
              ElementsAre("<iq from='ann@localhost/a' type='get' id='1' to='echo.localhost'>"
                          "<q xmlns='urn:q'/></iq>"));
  echo.send("<iq type='result' id='1' from='echo.localhost' to='ann@localhost/a'/>");
  EXPECT_THAT(ann.texts(),
              ElementsAre("<iq type='result' id='1' from='echo.localhost' to='ann@localhost/a'/>"));
}

TEST_F(ComponentTest, COMP_01_refusals) {
  Actor wrong(bus_, ListenerKind::component), unknown(bus_, ListenerKind::component);
  connect(wrong, "echo.localhost", "guess");
  EXPECT_THAT(wrong.all(), HasSubstr("<not-authorized"));
  EXPECT_TRUE(wrong.closed());
  connect(unknown, "other.localhost", "secret");
  EXPECT_THAT(unknown.all(), HasSubstr("<host-unknown"));
  Actor first(bus_, ListenerKind::component), second(bus_, ListenerKind::component);
  attach(first);
  connect(second, "echo.localhost", "secret");
  EXPECT_THAT(second.all(), HasSubstr("<conflict"));
  EXPECT_TRUE(second.closed());
  EXPECT_FALSE(first.closed());
  // Nobody speaks for all accounts, whatever the server was told.
  bus_.server.allow_component("localhost", "secret");
  Actor own(bus_, ListenerKind::component);
  connect(own, "localhost", "secret");
  EXPECT_THAT(own.all(), HasSubstr("<conflict"));
  EXPECT_TRUE(own.closed());
}

TEST_F(ComponentTest, COMP_03_a_from_outside_its_domain_ends_the_stream) {
  Actor echo(bus_, ListenerKind::component), ann(bus_, "ann");
  attach(echo);
  ann.login("a");
  echo.send("<message from='Any@Echo.localhost/r' to='ann@localhost/a'><body>x</body></message>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attr_or("from", ""), "any@echo.localhost/r");  // in its prepared form
  echo.send("<message from='ann@localhost' to='ann@localhost/a'/>");
  EXPECT_THAT(echo.all(), HasSubstr("<invalid-from"));
  EXPECT_TRUE(echo.closed());
  EXPECT_THAT(ann.stanzas(), testing::IsEmpty());
}

TEST_F(ComponentTest, CORE_33_both_addresses_are_needed) {
  Actor echo(bus_, ListenerKind::component);
  attach(echo);
  echo.send("<message from='echo.localhost'/>");
  EXPECT_THAT(echo.all(), HasSubstr("<improper-addressing"));
}

TEST_F(ComponentTest, errors_come_back_in_its_own_namespace) {
  Actor echo(bus_, ListenerKind::component);
  attach(echo);
  echo.send(
      "<iq type='get' id='1' from='x@echo.localhost' to='nobody@localhost/r'><q xmlns='u'/></iq>");
  auto got = echo.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].ns(), xml::ns_component);
  EXPECT_EQ(got[0].attr_or("to", ""), "x@echo.localhost");
  EXPECT_NE(got[0].first("error", xml::ns_component), nullptr);
}

TEST_F(ComponentTest, its_domain_is_unavailable_while_it_is_away) {
  Actor ann(bus_, "ann");
  ann.login("a");
  ann.send("<iq type='get' id='1' to='echo.localhost'><q xmlns='urn:q'/></iq>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
  {
    Actor echo(bus_, ListenerKind::component);
    attach(echo);
    echo.hang_up();
  }
  Actor again(bus_, ListenerKind::component);
  attach(again);
}

}  // namespace
}  // namespace xbus::server
