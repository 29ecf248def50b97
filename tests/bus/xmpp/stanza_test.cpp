#include "bus/xmpp/stanza.hpp"

#include <gtest/gtest.h>

#include "bus/limits.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

Jid jid(std::string_view text) { return *Jid::parse(text); }

// Gives the one stanza in `text` to `use` as the server sees it: a view.
template <class Use>
void with_view(std::string_view text, Use use, std::string_view content_ns = xml::ns_client) {
  std::string bytes = "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='" +
                      std::string(content_ns) + "' version='1.0'>" + std::string(text);
  xml::Scanner scanner;
  auto step = scanner.next(bytes);
  ASSERT_EQ(step.event, xml::Scanner::Event::header);
  std::string_view rest = std::string_view(bytes).substr(step.consumed);
  step = scanner.next(rest);
  ASSERT_EQ(step.event, xml::Scanner::Event::stanza) << text;
  use(scanner.stanza());
}

// ---- The rules: one table for views and trees ----

struct RuleCase {
  std::string_view feature;  // the name RFC 6120 section 15 or RFC 6121 section 12 gives the rule
  std::string_view stanza;
  StanzaFault fault;
};
constexpr RuleCase rules[] = {
    {"stanza-kind-iq", "<iq type='get' id='1'><a xmlns='urn:a'/></iq>", StanzaFault::none},
    {"stanza-kind-message", "<message/>", StanzaFault::none},
    {"stanza-kind-presence", "<presence/>", StanzaFault::none},
    {"stanza-kind-unknown", "<pizza/>", StanzaFault::unsupported_stanza},
    {"stanza-kind-unknown", "<iq xmlns='urn:other' type='get' id='1'><a/></iq>",
     StanzaFault::unsupported_stanza},
    {"stanza-iq-id", "<iq type='get'><a xmlns='urn:a'/></iq>", StanzaFault::iq_without_id},
    {"stanza-iq-id", "<iq type='result'/>", StanzaFault::iq_without_id},
    {"stanza-iq-type", "<iq id='1'><a xmlns='urn:a'/></iq>", StanzaFault::iq_type_missing},
    {"stanza-iq-type", "<iq id='1' type='subscribe'><a xmlns='urn:a'/></iq>",
     StanzaFault::iq_type_unknown},
    {"stanza-iq-type", "<iq id='1' type='GET'><a xmlns='urn:a'/></iq>",
     StanzaFault::iq_type_unknown},
    {"stanza-iq-type", "<iq id='1' type=''><a xmlns='urn:a'/></iq>", StanzaFault::iq_type_unknown},
    {"stanza-iq-type", "<iq id='1' type='g&#101;t'><a xmlns='urn:a'/></iq>", StanzaFault::none},
    {"stanza-iq-child", "<iq id='1' type='get'/>", StanzaFault::iq_request_children},
    {"stanza-iq-child", "<iq id='1' type='set'>text</iq>", StanzaFault::iq_request_children},
    {"stanza-iq-child", "<iq id='1' type='set'><a xmlns='urn:a'/></iq>", StanzaFault::none},
    {"stanza-iq-child", "<iq id='1' type='set'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>",
     StanzaFault::iq_request_children},
    {"stanza-iq-child", "<iq id='1' type='result'/>", StanzaFault::none},
    {"stanza-iq-child", "<iq id='1' type='result'><a xmlns='urn:a'/></iq>", StanzaFault::none},
    {"stanza-iq-child", "<iq id='1' type='result'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>",
     StanzaFault::iq_result_children},
    {"stanza-error-child", "<iq id='1' type='error'/>", StanzaFault::error_without_child},
    {"stanza-error-child", "<iq id='1' type='error'><a xmlns='urn:a'/><error/></iq>",
     StanzaFault::none},
    {"stanza-error-child", "<message type='error'/>", StanzaFault::error_without_child},
    {"stanza-error-child", "<message type='error'><error/></message>", StanzaFault::none},
    {"stanza-error-child", "<presence type='error'/>", StanzaFault::error_without_child},
    {"stanza-attribute-type", "<message type='nonsense'/>", StanzaFault::none},
    {"stanza-attribute-type", "<presence type='nonsense'/>", StanzaFault::presence_type_unknown},
    {"stanza-attribute-type", "<presence type=''/>", StanzaFault::presence_type_unknown},
    {"stanza-attribute-type", "<presence type='available'/>", StanzaFault::presence_type_unknown},
    {"stanza-attribute-type", "<presence type='unsubscribed'/>", StanzaFault::none},
    {"stanza-attribute-type", "<presence type='probe'/>", StanzaFault::none},
};

TEST(StanzaRules, CORE_34_a_view_is_checked) {
  for (const RuleCase& c : rules) {
    with_view(c.stanza, [&](const xml::StanzaView& view) {
      EXPECT_EQ(check(view), c.fault) << c.feature << ": " << c.stanza;
    });
  }
}

TEST(StanzaRules, CORE_34_a_tree_is_checked_alike) {
  for (const RuleCase& c : rules)
    EXPECT_EQ(check(element(c.stanza)), c.fault) << c.feature << ": " << c.stanza;
  // What only the tree knows: whether a child of an error stanza is its <error/>.
  EXPECT_EQ(check(element("<iq id='1' type='error'><a xmlns='urn:a'/></iq>")),
            StanzaFault::error_without_child);
}

TEST(StanzaRules, CORE_34_every_fault_of_a_stanza_is_a_bad_request) {
  for (const RuleCase& c : rules) {
    auto error = error_of(c.fault);
    if (c.fault == StanzaFault::none || c.fault == StanzaFault::unsupported_stanza) {
      EXPECT_FALSE(error);
      continue;
    }
    ASSERT_TRUE(error) << c.stanza;
    EXPECT_EQ(error->condition, Condition::bad_request);
    EXPECT_EQ(error->type, ErrorType::modify);
    EXPECT_EQ(error->text, name_of(c.fault));
  }
}

TEST(StanzaRules, a_stanza_of_any_content_namespace_is_one) {
  for (std::string_view ns : {xml::ns_client, xml::ns_server, xml::ns_component}) {
    xml::Element message("message", std::string(ns));
    EXPECT_EQ(check(message), StanzaFault::none);
    with_view(
        "<message/>",
        [&](const xml::StanzaView& view) { EXPECT_EQ(check(view), StanzaFault::none); }, ns);
  }
}

// ---- Answers ----

TEST(StanzaAnswers, stanza_iq_reply_keeps_the_id_and_swaps_the_addresses) {
  auto request = element(
      "<iq type='get' id='a&amp;1' from='juliet@example.com/b' to='example.com'><a "
      "xmlns='urn:a'/></iq>");
  EXPECT_EQ(
      result_for(request),
      element("<iq type='result' id='a&amp;1' to='juliet@example.com/b' from='example.com'/>"));
  EXPECT_EQ(result_for(request, xml::Element("b", "urn:b")),
            element("<iq type='result' id='a&amp;1' to='juliet@example.com/b' "
                    "from='example.com'><b xmlns='urn:b'/></iq>"));
  EXPECT_EQ(result_for(element("<iq type='get' id='1'><a xmlns='urn:a'/></iq>")),
            element("<iq type='result' id='1'/>"));
}

TEST(StanzaAnswers, stanza_error_keeps_kind_and_id_and_swaps_the_addresses) {
  for (std::string kind : {"iq", "message", "presence"}) {
    xml::Element stanza(kind, std::string(xml::ns_client));
    stanza.set("id", "7").set("from", "a@example.com/r").set("to", "b@example.com");
    if (kind == "iq") stanza.set("type", "set");
    auto answer = error_for(stanza, Condition::service_unavailable);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->name(), kind);
    EXPECT_EQ(*answer->attr("type"), "error");
    EXPECT_EQ(*answer->attr("id"), "7");
    EXPECT_EQ(*answer->attr("to"), "a@example.com/r");
    EXPECT_EQ(*answer->attr("from"), "b@example.com");
    EXPECT_EQ(answer->element_count(), 1u);
    EXPECT_EQ(stanza_error_from(*answer).condition, Condition::service_unavailable);
  }
}

TEST(StanzaAnswers, CORE_36_stanza_error_reply_an_error_never_answers_an_error) {
  for (std::string_view text :
       {"<iq type='error' id='1'/>", "<iq type='result' id='1'/>", "<message type='error'/>",
        "<presence type='error'/>", "<pizza/>", "<message type='&#101;rror'/>"}) {
    EXPECT_FALSE(error_for(element(text), Condition::bad_request)) << text;
    with_view(text, [&](const xml::StanzaView& view) {
      EXPECT_FALSE(error_for(view, Condition::bad_request)) << text;
    });
  }
  for (std::string_view text : {"<iq id='1'/>", "<iq type='subscribe' id='1'/>",
                                "<message type='result'/>", "<presence/>"}) {
    EXPECT_TRUE(error_for(element(text), Condition::bad_request)) << text;
    with_view(text, [&](const xml::StanzaView& view) {
      EXPECT_TRUE(error_for(view, Condition::bad_request)) << text;
    });
  }
}

TEST(StanzaAnswers, CORE_36_stanza_error_id_an_iq_error_always_has_an_id) {
  EXPECT_EQ(*error_for(element("<iq type='get'/>"), Condition::bad_request)->attr("id"), "");
  EXPECT_EQ(error_for(element("<message/>"), Condition::bad_request)->attr("id"), nullptr);
  with_view("<iq type='get'/>", [](const xml::StanzaView& view) {
    EXPECT_EQ(*error_for(view, Condition::bad_request)->attr("id"), "");
  });
}

TEST(StanzaAnswers, a_view_is_answered_as_its_tree_is) {
  std::string_view text =
      "<iq type='get' id='&lt;1&gt;' from='a@example.com/&apos;' to='b@example.com'><a "
      "xmlns='urn:a'/></iq>";
  with_view(text, [&](const xml::StanzaView& view) {
    EXPECT_EQ(error_for(view, Condition::forbidden),
              error_for(element(text), Condition::forbidden));
    auto answer = error_for(view, Condition::forbidden, xml::ns_component);
    EXPECT_EQ(answer->ns(), xml::ns_component);
    EXPECT_NE(answer->first("error", xml::ns_component), nullptr);
  });
}

TEST(StanzaAnswers, a_malformed_address_is_not_sent_on) {
  auto stanza = element("<message from='a@example.com/r' to='@@'/>");
  EXPECT_EQ(error_for(stanza, Condition::jid_malformed)->attr("from"), nullptr);
  EXPECT_EQ(*error_for(element("<message to='b'/>"), Condition::jid_malformed)->attr("from"), "b");
}

TEST(StanzaAnswers, the_payload_comes_back_when_it_is_small) {
  auto stanza = element("<iq type='set' id='1'><a xmlns='urn:a' b='c'>text</a></iq>");
  auto answer = error_for(stanza, Condition::bad_request, CopyPayload::yes);
  EXPECT_EQ(answer->element_count(), 2u);
  EXPECT_TRUE(answer->first_element()->is("a", "urn:a"));
  EXPECT_EQ(error_for(stanza, Condition::bad_request)->element_count(), 1u);
  xml::Element big = stanza;
  big.first("a", "urn:a")->add_text(std::string(limits::error_payload_bytes_max, 'x'));
  EXPECT_EQ(error_for(big, Condition::bad_request, CopyPayload::yes)->element_count(), 1u);
  // An <error/> that the sender put in is none of ours.
  auto odd = element("<message><error type='wait'/></message>");
  EXPECT_EQ(error_for(odd, Condition::bad_request, CopyPayload::yes)->element_count(), 1u);
}

// ---- Building and reading ----

TEST(Stanza, iq_message_and_presence_are_built) {
  EXPECT_EQ(iq(IqType::set, "1", jid("a@b/c"), xml::Element("q", "urn:q")),
            element("<iq type='set' id='1' to='a@b/c'><q xmlns='urn:q'/></iq>"));
  EXPECT_EQ(iq(IqType::get, "2", Jid(), xml::Element("q", "urn:q")).attr("to"), nullptr);
  EXPECT_EQ(message(MessageType::headline, jid("a@b")),
            element("<message type='headline' to='a@b'/>"));
  EXPECT_EQ(message(MessageType::normal, jid("a@b")), element("<message to='a@b'/>"));
  EXPECT_EQ(presence(PresenceType::available, Jid()), element("<presence/>"));
  EXPECT_EQ(presence(PresenceType::subscribe, jid("a@b")),
            element("<presence type='subscribe' to='a@b'/>"));
}

TEST(Stanza, types_have_the_names_of_the_standards) {
  for (auto type : {IqType::get, IqType::set, IqType::result, IqType::error})
    EXPECT_EQ(iq_type_of(name_of(type)), type);
  for (auto type : {MessageType::normal, MessageType::chat, MessageType::error,
                    MessageType::groupchat, MessageType::headline}) {
    EXPECT_EQ(message_type_of(name_of(type)), type);
  }
  for (auto type : {PresenceType::available, PresenceType::unavailable, PresenceType::error,
                    PresenceType::probe, PresenceType::subscribe, PresenceType::subscribed,
                    PresenceType::unsubscribe, PresenceType::unsubscribed}) {
    EXPECT_EQ(presence_type_of(name_of(type)), type);
  }
  EXPECT_EQ(message_type_of("nonsense"), MessageType::normal);
  EXPECT_EQ(message_type(element("<message/>")), MessageType::normal);
  EXPECT_EQ(presence_type(element("<presence/>")), PresenceType::available);
  EXPECT_EQ(presence_type(element("<message/>")), std::nullopt);
  EXPECT_EQ(iq_type(element("<iq type='result' id='1'/>")), IqType::result);
  EXPECT_EQ(iq_type(element("<iq/>")), std::nullopt);
}

TEST(Stanza, show_and_priority) {
  auto show = [](std::string text) {
    return show_of(element("<presence>" + text + "</presence>"));
  };
  EXPECT_EQ(show(""), Show::available);
  EXPECT_EQ(show("<show>away</show>"), Show::away);
  EXPECT_EQ(show("<show>chat</show>"), Show::chat);
  EXPECT_EQ(show("<show>xa</show>"), Show::xa);
  EXPECT_EQ(show("<show>dnd</show>"), Show::dnd);
  EXPECT_EQ(show("<show>busy</show>"), Show::available);
  const std::pair<std::string_view, int> priorities[] = {
      {"0", 0}, {"5", 5}, {"127", 127}, {"-128", -128}, {"+1", 1},  {"128", 0},        {"-129", 0},
      {"x", 0}, {"", 0},  {"1.5", 0},   {"+-1", 0},     {"++1", 0}, {"99999999999", 0}};
  for (auto [text, value] : priorities) {
    EXPECT_EQ(
        priority_of(element("<presence><priority>" + std::string(text) + "</priority></presence>")),
        value)
        << text;
  }
  EXPECT_EQ(priority_of(element("<presence/>")), 0);
}

TEST(Stanza, addresses_are_prepared_when_read) {
  auto stanza = element("<message to='Juliet@EXAMPLE.com/Balcony' from='@'/>");
  EXPECT_EQ(address(stanza, "to")->str(), "juliet@example.com/Balcony");
  EXPECT_FALSE(address(stanza, "from"));
  EXPECT_TRUE(address(element("<message/>"), "to")->empty());
}

}  // namespace
}  // namespace xbus::xmpp
