#include "bus/xmpp/payloads/user_mood.hpp"

#include <array>

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

// Indexed by Mood.
constexpr std::array<std::string_view, 84> words = {
    "afraid",      "amazed",     "amorous",     "angry",         "annoyed",    "anxious",
    "aroused",     "ashamed",    "bored",       "brave",         "calm",       "cautious",
    "cold",        "confident",  "confused",    "contemplative", "contented",  "cranky",
    "crazy",       "creative",   "curious",     "dejected",      "depressed",  "disappointed",
    "disgusted",   "dismayed",   "distracted",  "embarrassed",   "envious",    "excited",
    "flirtatious", "frustrated", "grateful",    "grieving",      "grumpy",     "guilty",
    "happy",       "hopeful",    "hot",         "humbled",       "humiliated", "hungry",
    "hurt",        "impressed",  "in_awe",      "in_love",       "indignant",  "interested",
    "intoxicated", "invincible", "jealous",     "lonely",        "lost",       "lucky",
    "mean",        "moody",      "nervous",     "neutral",       "offended",   "outraged",
    "playful",     "proud",      "relaxed",     "relieved",      "remorseful", "restless",
    "sad",         "sarcastic",  "satisfied",   "serious",       "shocked",    "shy",
    "sick",        "sleepy",     "spontaneous", "stressed",      "strong",     "surprised",
    "thankful",    "thirsty",    "tired",       "undefined",     "weak",       "worried"};
static_assert(words.size() == static_cast<size_t>(Mood::worried) + 1);

constexpr auto fields = [](auto& in, auto& mood) {
  in.choice("mood", mood.mood, words, "text");
  in.text("text", mood.text);
};

}  // namespace

std::string_view word_of(Mood mood) { return words[static_cast<size_t>(mood)]; }

xml::Element to_element(const UserMood& mood) {
  return write_payload(mood, "mood", ns_mood, fields);
}

Result<UserMood, PayloadError> user_mood_from(const xml::Element& element) {
  return read_payload<UserMood>(element, "mood", ns_mood, fields);
}

}  // namespace xbus::xmpp
