// RFC 6120 section 15 and RFC 6121 section 12, the client's part in stanzas, as tables: each test has the feature's
// name.
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/stanza.hpp"
#include "tests/bus/client/client_fixture.hpp"

namespace xbus::client {

using namespace std::chrono_literals;

class Conformance : public ClientTest {
 protected:
  Conformance() {
    Client& made = online();
    made.on_message([this](const xml::Element& stanza) { messages.push_back(stanza); });
    made.on_presence([this](const xml::Element& stanza) { presences.push_back(stanza); });
    server.received.clear();
  }
  // What the client answers to `said`: "result", the condition of an error, or nothing.
  std::string answer_to(const std::string& said) {
    server.received.clear();
    server.send(said);
    settle();
    if (server.received.empty()) return "";
    const auto& answer = server.received.back();
    if (answer.attr_or("type", "") != "error") return std::string(answer.attr_or("type", ""));
    return std::string(name_of(xmpp::stanza_error_from(answer).condition));
  }
  const xml::Element& message(const std::string& said) {
    server.send(said);
    settle();
    EXPECT_FALSE(messages.empty());
    return messages.back();
  }
  std::vector<xml::Element> messages, presences;
};

TEST_F(Conformance, message_body) {
  const auto& got = message("<message from='a@b'><body>one</body><body xml:lang='de'>eins</body></message>");
  ASSERT_EQ(got.elements("body", xml::ns_client).size(), 2u);
  EXPECT_EQ(got.first("body", xml::ns_client)->text(), "one");
}

TEST_F(Conformance, message_subject) {
  EXPECT_EQ(message("<message from='a@b'><subject>s</subject></message>").first("subject", xml::ns_client)->text(),
            "s");
}

TEST_F(Conformance, message_thread) {
  const auto& got = message("<message from='a@b'><thread parent='p'>t</thread></message>");
  EXPECT_EQ(got.first("thread", xml::ns_client)->text(), "t");
  EXPECT_EQ(got.first("thread", xml::ns_client)->attr_or("parent", ""), "p");
}

TEST_F(Conformance, message_type_support) {
  using Type = xmpp::MessageType;
  const std::pair<const char*, Type> rows[] = {{"", Type::normal},
                                               {" type='normal'", Type::normal},
                                               {" type='chat'", Type::chat},
                                               {" type='groupchat'", Type::groupchat},
                                               {" type='headline'", Type::headline},
                                               {" type='error'", Type::error},
                                               {" type='of another time'", Type::normal}};
  for (const auto& [attribute, type] : rows)
    EXPECT_EQ(xmpp::message_type(message(std::string("<message from='a@b'") + attribute + "/>")), type)
        << attribute;
}

TEST_F(Conformance, stanza_attribute_xmllang) {
  const auto* lang = message("<message from='a@b' xml:lang='fr'/>").attr("lang", xml::ns_xml);
  ASSERT_NE(lang, nullptr);
  EXPECT_EQ(*lang, "fr");
}

TEST_F(Conformance, stanza_attribute_from) {
  // Without one a stanza is from the own account (section 8.1.2.1): it answers what was asked of it.
  auto& own = ask("");
  settle();
  reply("<iq type='result' id='ID'/>");
  EXPECT_TRUE(own);
  // Never sent by a client of its own accord: the server stamps it.
  client->send(xmpp::message(xmpp::MessageType::chat, jid("a@b")));
  settle();
  EXPECT_EQ(server.received.back().attr("from"), nullptr);
}

TEST_F(Conformance, stanza_attribute_to) {
  client->send(xmpp::message(xmpp::MessageType::chat, jid("a@b/c")));
  settle();
  EXPECT_EQ(server.received.back().attr_or("to", ""), "a@b/c");
}

TEST_F(Conformance, stanza_attribute_id) {
  answer_to("<iq type='get' id='&lt;1&apos;' from='a@b'><x xmlns='urn:x'/></iq>");
  EXPECT_EQ(server.received.back().attr_or("id", ""), "<1'");
}

TEST_F(Conformance, stanza_attribute_type) {
  server.send("<presence from='a@b' type='unavailable'/><presence from='a@b'/>");
  settle();
  ASSERT_EQ(presences.size(), 2u);
  EXPECT_EQ(xmpp::presence_type(presences[0]), xmpp::PresenceType::unavailable);
  EXPECT_EQ(xmpp::presence_type(presences[1]), xmpp::PresenceType::available);
}

TEST_F(Conformance, stanza_extension) {
  // Ignored in messages and presence, an error in an iq (section 8.4).
  EXPECT_EQ(answer_to("<message from='a@b'><x xmlns='urn:unknown'/></message>"), "");
  EXPECT_EQ(answer_to("<presence from='a@b'><x xmlns='urn:unknown'/></presence>"), "");
  EXPECT_EQ(answer_to("<iq type='get' id='1' from='a@b'><x xmlns='urn:unknown'/></iq>"), "service-unavailable");
  EXPECT_EQ(answer_to("<iq type='set' id='2' from='a@b'><x xmlns='urn:unknown'/></iq>"), "service-unavailable");
}

TEST_F(Conformance, stanza_iq_child) {
  EXPECT_EQ(answer_to("<iq type='get' id='1' from='a@b'/>"), "bad-request");
  EXPECT_EQ(answer_to("<iq type='set' id='2' from='a@b'><x xmlns='urn:x'/><y xmlns='urn:y'/></iq>"),
            "bad-request");
  ask("a@b/c");
  settle();
  EXPECT_EQ(server.received.back().elements().size(), 1u);
}

TEST_F(Conformance, stanza_iq_id) {
  ask("a@b/c");
  settle();
  EXPECT_NE(server.received.back().attr_or("id", ""), "");
  EXPECT_EQ(answer_to("<iq type='get' from='a@b'><x xmlns='urn:x'/></iq>"), "bad-request");
}

TEST_F(Conformance, stanza_iq_type) {
  ask("a@b/c");
  settle();
  EXPECT_EQ(server.received.back().attr_or("type", ""), "get");
  EXPECT_EQ(answer_to("<iq id='1' from='a@b'><x xmlns='urn:x'/></iq>"), "bad-request");
  EXPECT_EQ(answer_to("<iq type='do' id='2' from='a@b'><x xmlns='urn:x'/></iq>"), "bad-request");
}

TEST_F(Conformance, stanza_kind_message_presence_and_iq) {
  server.send("<message from='a@b'/><presence from='a@b'/>");
  settle();
  EXPECT_EQ(messages.size(), 1u);
  EXPECT_EQ(presences.size(), 1u);
  client->on_iq("urn:x", [this](const xml::Element& iq) { client->send(xmpp::result_for(iq)); });
  EXPECT_EQ(answer_to("<iq type='get' id='1' from='a@b'><x xmlns='urn:x'/></iq>"), "result");
}

}  // namespace xbus::client
