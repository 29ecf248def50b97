#include "bus/xmpp/payloads/user_mood.hpp"

#include <set>
#include <sstream>

#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string mood(std::string_view inside) {
  return "<mood xmlns='http://jabber.org/protocol/mood'>" + std::string(inside) + "</mood>";
}

TEST(UserMood, examples_of_xep0107) {
  expect_both_ways(mood("<annoyed/><text>curse my nurse!</text>"),
                   UserMood{Mood::annoyed, "curse my nurse!"}, user_mood_from);
  expect_both_ways(mood("<sad/>"), UserMood{Mood::sad, ""}, user_mood_from);
  expect_both_ways(mood(""), UserMood{}, user_mood_from);
  expect_read(mood("<happy><ecstatic xmlns='https://example.org/'/></happy>"
                   "<text>Yay, the mood spec has been approved!</text>"),
              UserMood{Mood::happy, "Yay, the mood spec has been approved!"}, user_mood_from);
}

// The words of the schema, and of the taxonomy those that the schema forgot.
constexpr std::string_view words =
    "afraid amazed angry amorous annoyed anxious aroused ashamed bored brave calm cautious cold "
    "confident "
    "confused contemplative contented cranky crazy creative curious dejected depressed "
    "disappointed "
    "disgusted dismayed distracted embarrassed envious excited flirtatious frustrated grumpy "
    "guilty happy "
    "hopeful hot humbled humiliated hungry hurt impressed in_awe in_love indignant interested "
    "intoxicated "
    "invincible jealous lonely lucky mean moody nervous neutral offended outraged playful proud "
    "relaxed "
    "relieved remorseful restless sad sarcastic serious shocked shy sick sleepy spontaneous "
    "stressed "
    "strong surprised thankful thirsty tired undefined weak worried grateful grieving lost "
    "satisfied ";

TEST(UserMood, every_word_is_a_mood_of_its_own) {
  std::istringstream in{std::string(words)};
  std::set<Mood> seen;
  for (std::string word; in >> word;) {
    const auto read = user_mood_from(element(mood("<" + word + "/>")));
    ASSERT_TRUE(read && read->mood) << word;
    EXPECT_EQ(word_of(*read->mood), word);
    seen.insert(*read->mood);
  }
  EXPECT_EQ(seen.size(), 84u);
}

TEST(UserMood, what_is_refused) {
  expect_refused(user_mood_from, {{"<mood/>", "another element"},
                                  {mood("<glorious/>"), "mood: unknown word"},
                                  {mood("<Happy/>"), "mood: unknown word"},
                                  {mood("<happy/><sad/>"), "mood: malformed"},
                                  {mood("<happy/><happy/>"), "mood: malformed"},
                                  {mood("<text>" + std::string(16 * 1024 + 1, 'x') + "</text>"),
                                   "text: too long"}});
  EXPECT_TRUE(user_mood_from(element(mood("<happy/><glorious xmlns='urn:other'/>"))));
}

}  // namespace
}  // namespace xbus::xmpp
