// User Mood (XEP-0107): how somebody feels.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_mood = "http://jabber.org/protocol/mood";

// The words of section 3, by the alphabet; four of them are not in the schema.
enum class Mood {
  afraid,
  amazed,
  amorous,
  angry,
  annoyed,
  anxious,
  aroused,
  ashamed,
  bored,
  brave,
  calm,
  cautious,
  cold,
  confident,
  confused,
  contemplative,
  contented,
  cranky,
  crazy,
  creative,
  curious,
  dejected,
  depressed,
  disappointed,
  disgusted,
  dismayed,
  distracted,
  embarrassed,
  envious,
  excited,
  flirtatious,
  frustrated,
  grateful,
  grieving,
  grumpy,
  guilty,
  happy,
  hopeful,
  hot,
  humbled,
  humiliated,
  hungry,
  hurt,
  impressed,
  in_awe,
  in_love,
  indignant,
  interested,
  intoxicated,
  invincible,
  jealous,
  lonely,
  lost,
  lucky,
  mean,
  moody,
  nervous,
  neutral,
  offended,
  outraged,
  playful,
  proud,
  relaxed,
  relieved,
  remorseful,
  restless,
  sad,
  sarcastic,
  satisfied,
  serious,
  shocked,
  shy,
  sick,
  sleepy,
  spontaneous,
  stressed,
  strong,
  surprised,
  thankful,
  thirsty,
  tired,
  undefined,
  weak,
  worried
};

// The word as it is on the wire.
std::string_view word_of(Mood mood);

struct UserMood {
  std::optional<Mood> mood;  // none: moods are not published any more
  std::string text;          // why, for a person
  bool operator==(const UserMood&) const = default;
};

xml::Element to_element(const UserMood& mood);
// A more specific mood of another namespace inside the word is passed over (section 2). Errors:
// other_element, unknown_word, malformed for two moods, too_long, too_many.
Result<UserMood, PayloadError> user_mood_from(const xml::Element& element);

}  // namespace xbus::xmpp
