#include "bus/xmpp/disco.hpp"

#include "bus/limits.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

Jid jid(std::string_view text) { return *Jid::parse(text); }

TEST(Disco, info_of_xep0030) {
  auto answer = element(
      "<query xmlns='http://jabber.org/protocol/disco#info'>"
      "<identity category='conference' type='text' name='Play-Specific Chatrooms'/>"
      "<identity category='directory' type='chatroom' name='Play-Specific Chatrooms'/>"
      "<feature var='http://jabber.org/protocol/disco#info'/><feature "
      "var='jabber:iq:register'/></query>");
  auto info = disco_info_from(answer);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->identities.size(), 2u);
  EXPECT_TRUE(info->has_identity("directory", "chatroom"));
  EXPECT_FALSE(info->has_identity("directory", "text"));
  EXPECT_TRUE(info->has_feature("jabber:iq:register"));
  EXPECT_FALSE(info->has_feature("jabber:iq:time"));
  EXPECT_FALSE(info->has_other_elements);
  EXPECT_EQ(to_element(*info), answer);
}

TEST(Disco, DISCO_01_the_node_is_mirrored) {
  EXPECT_EQ(disco_info_query("http://jabber.org/protocol/commands"),
            element("<query xmlns='http://jabber.org/protocol/disco#info' "
                    "node='http://jabber.org/protocol/commands'/>"));
  EXPECT_EQ(disco_info_query(), element("<query xmlns='http://jabber.org/protocol/disco#info'/>"));
  auto answer = element(
      "<query xmlns='http://jabber.org/protocol/disco#info' "
      "node='http://jabber.org/protocol/commands'>"
      "<identity category='automation' type='command-list'/>"
      "<feature var='http://jabber.org/protocol/disco#info'/></query>");
  auto info = disco_info_from(answer);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->node, "http://jabber.org/protocol/commands");
  EXPECT_EQ(to_element(*info), answer);
}

TEST(Disco, extensions_of_xep0128) {
  auto info = disco_info_from(element(
      "<query xmlns='http://jabber.org/protocol/disco#info'>"
      "<identity category='server' type='im' name='shakespeare.lit jabber server'/><feature "
      "var='jabber:iq:register'/>"
      "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
      "<value>http://jabber.org/network/serverinfo</value></field><field "
      "var='c2s_port'><value>5222</value></field>"
      "<field var='ip_version'><value>ipv4</value><value>ipv6</value></field></x></query>"));
  ASSERT_TRUE(info);
  const Form* form = info->form("http://jabber.org/network/serverinfo");
  ASSERT_NE(form, nullptr);
  EXPECT_EQ(form->value("c2s_port"), "5222");
  EXPECT_EQ(form->field("ip_version")->values.size(), 2u);
  EXPECT_EQ(info->form("urn:other"), nullptr);
}

TEST(Disco, the_language_of_an_identity_may_be_inherited) {
  auto query = element(
      "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='client' type='pc'/>"
      "<identity xml:lang='el' category='client' type='pc'/></query>");
  auto info = disco_info_from(query, "en");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->identities[0].lang, "en");
  EXPECT_EQ(info->identities[1].lang, "el");
  query.set("lang", xml::ns_xml, "de");
  EXPECT_EQ(disco_info_from(query, "en")->identities[0].lang, "de");
}

TEST(Disco, items_of_xep0030) {
  auto answer = element(
      "<query xmlns='http://jabber.org/protocol/disco#items' node='music'>"
      "<item jid='catalog.shakespeare.lit' node='music/A'/>"
      "<item jid='catalog.shakespeare.lit' node='music/D' name='John Dowland'/><item "
      "jid='juliet@capulet.com/balcony'/></query>");
  auto items = disco_items_from(answer);
  ASSERT_TRUE(items);
  EXPECT_EQ(items->node, "music");
  ASSERT_EQ(items->items.size(), 3u);
  EXPECT_EQ(items->items[1],
            (DiscoItem{jid("catalog.shakespeare.lit"), "music/D", "John Dowland"}));
  EXPECT_EQ(items->items[2].jid, jid("juliet@capulet.com/balcony"));
  EXPECT_FALSE(items->page);
  EXPECT_EQ(to_element(*items), answer);
}

TEST(Disco, DISCO_02_no_items_are_an_empty_query_and_many_come_in_pages) {
  EXPECT_EQ(to_element(DiscoItems()),
            element("<query xmlns='http://jabber.org/protocol/disco#items'/>"));
  EXPECT_TRUE(disco_items_from(element("<query xmlns='http://jabber.org/protocol/disco#items'/>"))
                  ->items.empty());
  EXPECT_EQ(disco_items_query("", {.max = 20, .after = {}, .before = {}, .index = {}}),
            element("<query xmlns='http://jabber.org/protocol/disco#items'>"
                    "<set xmlns='http://jabber.org/protocol/rsm'><max>20</max></set></query>"));
  auto page = disco_items_from(
      element("<query xmlns='http://jabber.org/protocol/disco#items'><item jid='a@b'/>"
              "<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a</first><last>a</last>"
              "<count>150</count></set></query>"));
  ASSERT_TRUE(page && page->page);
  EXPECT_EQ(page->page->count, 150u);
}

TEST(Disco, what_breaks_the_schema_is_refused) {
  const std::pair<std::string_view, DiscoError> cases[] = {
      {"<query xmlns='urn:other'/>", DiscoError::not_disco},
      {"<query xmlns='http://jabber.org/protocol/disco#info'><identity category='a'/></query>",
       DiscoError::bad_identity},
      {"<query xmlns='http://jabber.org/protocol/disco#info'><feature/></query>",
       DiscoError::bad_feature},
      {"<query xmlns='http://jabber.org/protocol/disco#info'><x xmlns='jabber:x:data'/></query>",
       DiscoError::bad_form},
  };
  for (auto [text, error] : cases) EXPECT_EQ(disco_info_from(element(text)).error(), error) << text;
  EXPECT_EQ(disco_items_from(
                element("<query xmlns='http://jabber.org/protocol/disco#items'><item/></query>"))
                .error(),
            DiscoError::bad_item);
  EXPECT_EQ(
      disco_items_from(element("<query xmlns='http://jabber.org/protocol/disco#info'/>")).error(),
      DiscoError::not_disco);
  EXPECT_TRUE(
      disco_info_from(
          element(
              "<query xmlns='http://jabber.org/protocol/disco#info'><y xmlns='urn:y'/></query>"))
          ->has_other_elements);
}

TEST(Disco, an_answer_has_at_most_so_many_entries) {
  xml::Element query("query", std::string(ns_disco_info));
  for (size_t i = 0; i < limits::disco_entries_max; ++i)
    query.add("feature").set("var", std::to_string(i));
  EXPECT_TRUE(disco_info_from(query));
  query.add("feature").set("var", "x");
  EXPECT_EQ(disco_info_from(query).error(), DiscoError::too_many);
  xml::Element items("query", std::string(ns_disco_items));
  for (size_t i = 0; i < limits::disco_entries_max + 1; ++i) items.add("item").set("jid", "a");
  EXPECT_EQ(disco_items_from(items).error(), DiscoError::too_many);
}

}  // namespace
}  // namespace xbus::xmpp
