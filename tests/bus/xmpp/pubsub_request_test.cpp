#include "bus/xmpp/pubsub_request.hpp"

#include <gtest/gtest.h>

#include "bus/limits_topics.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

using Action = PubsubRequest::Action;

constexpr std::string_view form =
    "<x xmlns='jabber:x:data' type='submit'><field var='pubsub#title'><value>t</value></field></x>";

Result<PubsubRequest, PubsubRefusal> read(std::string inside, bool set = true,
                                          std::string_view ns = ns_pubsub) {
  return pubsub_request_from(
      element("<pubsub xmlns='" + std::string(ns) + "'>" + inside + "</pubsub>"), set);
}

std::string refusal(const std::string& inside, bool set = true, std::string_view ns = ns_pubsub) {
  auto request = read(inside, set, ns);
  if (request) return "ok";
  std::string text(name_of(request.error().condition));
  if (request.error().detail != PubsubCondition::none)
    text += '+' + std::string(name_of(request.error().detail));
  if (!request.error().feature.empty()) text += ':' + request.error().feature;
  return text;
}

TEST(PubsubRequest, every_action_is_read) {
  struct Case {
    std::string inside;
    bool set;
    std::string_view ns;
    Action action;
  };
  const std::string f(form);
  const Case cases[] = {
      {"<subscribe node='n' jid='a@x'/>", true, ns_pubsub, Action::subscribe},
      {"<unsubscribe node='n' jid='a@x'/>", true, ns_pubsub, Action::unsubscribe},
      {"<options node='n' jid='a@x'/>", false, ns_pubsub, Action::options},
      {"<options node='n' jid='a@x'>" + f + "</options>", true, ns_pubsub, Action::set_options},
      {"<default/>", false, ns_pubsub, Action::default_options},
      {"<subscriptions/>", false, ns_pubsub, Action::subscriptions},
      {"<affiliations/>", false, ns_pubsub, Action::affiliations},
      {"<items node='n'/>", false, ns_pubsub, Action::items},
      {"<publish node='n'/>", true, ns_pubsub, Action::publish},
      {"<retract node='n'><item id='1'/></retract>", true, ns_pubsub, Action::retract},
      {"<create/>", true, ns_pubsub, Action::create},
      {"<configure node='n'/>", false, ns_pubsub_owner, Action::configuration},
      {"<configure node='n'>" + f + "</configure>", true, ns_pubsub_owner, Action::configure},
      {"<configure node='n'><x xmlns='jabber:x:data' type='cancel'/></configure>", true,
       ns_pubsub_owner, Action::cancel_configure},
      {"<default/>", false, ns_pubsub_owner, Action::default_configuration},
      {"<delete node='n'/>", true, ns_pubsub_owner, Action::delete_node},
      {"<purge node='n'/>", true, ns_pubsub_owner, Action::purge},
      {"<subscriptions node='n'/>", false, ns_pubsub_owner, Action::owner_subscriptions},
      {"<subscriptions node='n'/>", true, ns_pubsub_owner, Action::set_subscriptions},
      {"<affiliations node='n'/>", false, ns_pubsub_owner, Action::owner_affiliations},
      {"<affiliations node='n'/>", true, ns_pubsub_owner, Action::set_affiliations},
  };
  for (const Case& one : cases) {
    auto request = read(one.inside, one.set, one.ns);
    ASSERT_TRUE(request.ok()) << one.inside;
    EXPECT_EQ(request->action, one.action) << one.inside;
    // The same with the other type of iq is another action or none.
    auto other = read(one.inside, !one.set, one.ns);
    if (other) {
      EXPECT_NE(other->action, one.action) << one.inside;
    }
  }
}

TEST(PubsubRequest, PS_17_PS_18_PS_22_PS_29_what_is_missing) {
  struct Case {
    const char* inside;
    bool set;
    std::string_view ns;
    const char* refusal;
  };
  const Case cases[] = {
      {"<subscribe jid='a@x'/>", true, ns_pubsub, "bad-request+nodeid-required"},
      {"<subscribe node='n'/>", true, ns_pubsub, "bad-request+invalid-jid"},
      {"<subscribe node='n' jid='@'/>", true, ns_pubsub, "bad-request+invalid-jid"},
      {"<options node='n'/>", false, ns_pubsub, "bad-request+jid-required"},
      {"<options node='n' jid='a@x'/>", true, ns_pubsub, "bad-request+invalid-options"},
      {"<publish><item/></publish>", true, ns_pubsub, "bad-request+nodeid-required"},
      {"<retract><item id='1'/></retract>", true, ns_pubsub, "bad-request+nodeid-required"},
      {"<retract node='n'/>", true, ns_pubsub, "bad-request+item-required"},
      {"<retract node='n'><item/></retract>", true, ns_pubsub, "bad-request+item-required"},
      {"<retract node='n' notify='odd'><item id='1'/></retract>", true, ns_pubsub, "bad-request"},
      {"<items/>", false, ns_pubsub, "bad-request+nodeid-required"},
      {"<items node='n' max_items='-1'/>", false, ns_pubsub, "bad-request"},
      {"<configure/>", false, ns_pubsub_owner, "bad-request+nodeid-required"},
      {"<configure node='n'/>", true, ns_pubsub_owner, "bad-request"},
      {"<delete/>", true, ns_pubsub_owner, "bad-request+nodeid-required"},
      {"<delete node='n'><redirect/></delete>", true, ns_pubsub_owner, "bad-request"},
      {"<purge/>", true, ns_pubsub_owner, "bad-request+nodeid-required"},
      {"<affiliations node='n'><affiliation jid='a@x' affiliation='odd'/></affiliations>", true,
       ns_pubsub_owner, "bad-request"},
      {"<subscriptions node='n'><subscription jid='@' subscription='none'/></subscriptions>", true,
       ns_pubsub_owner, "bad-request+invalid-jid"},
      {"", true, ns_pubsub, "bad-request"},
      {"<odd/>", true, ns_pubsub, "feature-not-implemented+unsupported:odd"},
      {"<subscribe node='n' jid='a@x'/>", false, ns_pubsub,
       "feature-not-implemented+unsupported:subscribe"},
      {"<purge node='n'/>", true, ns_pubsub, "feature-not-implemented+unsupported:purge"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(refusal(one.inside, one.set, one.ns), one.refusal) << one.inside;
}

TEST(PubsubRequest, PS_34_PS_18_companions_name_no_node_of_their_own) {
  std::string f(form);
  auto created = read("<create node='n'/><configure>" + f + "</configure>");
  ASSERT_TRUE(created.ok());
  EXPECT_EQ(created->form->value("pubsub#title"), "t");
  EXPECT_TRUE(read("<create node='n'/><configure/>").ok());
  EXPECT_EQ(refusal("<create node='n'/><configure node='n'>" + f + "</configure>"), "bad-request");
  EXPECT_TRUE(read("<subscribe node='n' jid='a@x'/><options>" + f + "</options>")->form);
  EXPECT_EQ(refusal("<subscribe node='n' jid='a@x'/><options node='n'>" + f + "</options>"),
            "bad-request");
  EXPECT_EQ(refusal("<subscribe node='n' jid='a@x'/><options jid='a@x'/>"), "bad-request");
  EXPECT_TRUE(read("<publish node='n'><item/></publish><publish-options>" + f + "</publish-options>")->form);
  EXPECT_EQ(refusal("<publish node='n'/><subscribe node='n' jid='a@x'/>"), "bad-request");
}

TEST(PubsubRequest, PS_40_an_address_twice) {
  EXPECT_EQ(refusal("<affiliations node='n'><affiliation jid='a@x' affiliation='member'/>"
                    "<affiliation jid='a@x/1' affiliation='none'/></affiliations>",
                    true, ns_pubsub_owner),
            "bad-request");
}

TEST(PubsubRequest, PS_21_PS_27_items_and_pages) {
  auto request = read("<items node='n' max_items='3'><item id='a'/><item id='b'/></items>"
                      "<set xmlns='http://jabber.org/protocol/rsm'><after>z</after></set>", false);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->items_wanted, 3u);
  EXPECT_EQ(request->items[1].id, "b");
  EXPECT_EQ(request->page.after, "z");
  request = read("<publish node='n'><item id='a'><p xmlns='u'/></item><item><p xmlns='u'/><q/></item></publish>");
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->items[0].payload.front().name(), "p");
  EXPECT_EQ(request->items[1].payload.size(), 2u);
}

TEST(PubsubRequest, items_per_request_max) {
  std::string items;
  for (size_t i = 0; i < limits::items_per_request_max; ++i) items += "<item id='" + std::to_string(i) + "'/>";
  EXPECT_EQ(refusal("<retract node='n'>" + items + "</retract>"), "ok");
  EXPECT_EQ(refusal("<publish node='n'>" + items + "</publish>"), "ok");
  items += "<item id='over'/>";
  EXPECT_EQ(refusal("<retract node='n'>" + items + "</retract>"), "not-allowed+max-items-exceeded");
  EXPECT_EQ(refusal("<publish node='n'>" + items + "</publish>"), "not-allowed+max-items-exceeded");
}

TEST(PubsubRequest, topic_name_bytes_max_and_item_id_bytes_max) {
  std::string name(limits::topic_name_bytes_max, 'n'), id(limits::item_id_bytes_max, 'i');
  EXPECT_EQ(refusal("<create node='" + name + "'/>"), "ok");
  EXPECT_EQ(refusal("<create node='" + name + "n'/>"), "not-acceptable");
  EXPECT_EQ(refusal("<publish node='n'><item id='" + id + "'/></publish>"), "ok");
  EXPECT_EQ(refusal("<publish node='n'><item id='" + id + "i'/></publish>"), "not-acceptable");
}

}  // namespace
}  // namespace xbus::xmpp
