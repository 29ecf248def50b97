#include "bus/xmpp/payloads/user_activity.hpp"

#include <array>

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

// Indexed by Activity.
constexpr std::array<std::string_view, 12> general_words = {
    "doing_chores", "drinking", "eating",  "exercising", "grooming",  "having_appointment",
    "inactive",     "relaxing", "talking", "traveling",  "undefined", "working"};
static_assert(general_words.size() == static_cast<size_t>(Activity::working) + 1);

// Indexed by SpecificActivity.
constexpr std::array<std::string_view, 67> specific_words = {"at_the_spa",
                                                             "brushing_teeth",
                                                             "buying_groceries",
                                                             "cleaning",
                                                             "coding",
                                                             "commuting",
                                                             "cooking",
                                                             "cycling",
                                                             "dancing",
                                                             "day_off",
                                                             "doing_maintenance",
                                                             "doing_the_dishes",
                                                             "doing_the_laundry",
                                                             "driving",
                                                             "fishing",
                                                             "gaming",
                                                             "gardening",
                                                             "getting_a_haircut",
                                                             "going_out",
                                                             "hanging_out",
                                                             "having_a_beer",
                                                             "having_a_snack",
                                                             "having_breakfast",
                                                             "having_coffee",
                                                             "having_dinner",
                                                             "having_lunch",
                                                             "having_tea",
                                                             "hiding",
                                                             "hiking",
                                                             "in_a_car",
                                                             "in_a_meeting",
                                                             "in_real_life",
                                                             "jogging",
                                                             "on_a_bus",
                                                             "on_a_plane",
                                                             "on_a_train",
                                                             "on_a_trip",
                                                             "on_the_phone",
                                                             "on_vacation",
                                                             "on_video_phone",
                                                             "other",
                                                             "partying",
                                                             "playing_sports",
                                                             "praying",
                                                             "reading",
                                                             "rehearsing",
                                                             "running",
                                                             "running_an_errand",
                                                             "scheduled_holiday",
                                                             "shaving",
                                                             "shopping",
                                                             "skiing",
                                                             "sleeping",
                                                             "smoking",
                                                             "socializing",
                                                             "studying",
                                                             "sunbathing",
                                                             "swimming",
                                                             "taking_a_bath",
                                                             "taking_a_shower",
                                                             "thinking",
                                                             "walking",
                                                             "walking_the_dog",
                                                             "watching_a_movie",
                                                             "watching_tv",
                                                             "working_out",
                                                             "writing"};
static_assert(specific_words.size() == static_cast<size_t>(SpecificActivity::writing) + 1);

}  // namespace

std::string_view word_of(Activity activity) { return general_words[static_cast<size_t>(activity)]; }

std::string_view word_of(SpecificActivity activity) {
  return specific_words[static_cast<size_t>(activity)];
}

xml::Element to_element(const UserActivity& activity) {
  PayloadWriter out(xml::Element("activity", ns_activity));
  xml::Element* general = out.choice("activity", activity.general, general_words);
  if (general && activity.specific) general->add(std::string(word_of(*activity.specific)));
  out.text("text", activity.text);
  return out.take();
}

Result<UserActivity, PayloadError> user_activity_from(const xml::Element& element) {
  return read_payload<UserActivity>(element, "activity", ns_activity, [](auto& in, auto& read) {
    const xml::Element* general = in.choice("activity", read.general, general_words, "text");
    if (general) {
      PayloadReader inner(*general);
      inner.choice("specific activity", read.specific, specific_words);
      in.fail_as(inner);
    }
    in.text("text", read.text);
  });
}

}  // namespace xbus::xmpp
