// User Activity (XEP-0108): what somebody is doing.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_activity = "http://jabber.org/protocol/activity";

// The categories of section 3, in the schema's order.
enum class Activity {
  doing_chores,
  drinking,
  eating,
  exercising,
  grooming,
  having_appointment,
  inactive,
  relaxing,
  talking,
  traveling,
  undefined,
  working
};
// What may stand inside any of them, likewise.
enum class SpecificActivity {
  at_the_spa,
  brushing_teeth,
  buying_groceries,
  cleaning,
  coding,
  commuting,
  cooking,
  cycling,
  dancing,
  day_off,
  doing_maintenance,
  doing_the_dishes,
  doing_the_laundry,
  driving,
  fishing,
  gaming,
  gardening,
  getting_a_haircut,
  going_out,
  hanging_out,
  having_a_beer,
  having_a_snack,
  having_breakfast,
  having_coffee,
  having_dinner,
  having_lunch,
  having_tea,
  hiding,
  hiking,
  in_a_car,
  in_a_meeting,
  in_real_life,
  jogging,
  on_a_bus,
  on_a_plane,
  on_a_train,
  on_a_trip,
  on_the_phone,
  on_vacation,
  on_video_phone,
  other,
  partying,
  playing_sports,
  praying,
  reading,
  rehearsing,
  running,
  running_an_errand,
  scheduled_holiday,
  shaving,
  shopping,
  skiing,
  sleeping,
  smoking,
  socializing,
  studying,
  sunbathing,
  swimming,
  taking_a_bath,
  taking_a_shower,
  thinking,
  walking,
  walking_the_dog,
  watching_a_movie,
  watching_tv,
  working_out,
  writing
};

// The words as they are on the wire.
std::string_view word_of(Activity activity);
std::string_view word_of(SpecificActivity activity);

struct UserActivity {
  std::optional<Activity> general;           // none: activities are not published any more
  std::optional<SpecificActivity> specific;  // only beside a general one
  std::string text;                          // for a person
  bool operator==(const UserActivity&) const = default;
};

xml::Element to_element(const UserActivity& activity);
// Elements of other namespaces are passed over (section 2). Errors: other_element, unknown_word,
// malformed for two activities, too_long, too_many.
Result<UserActivity, PayloadError> user_activity_from(const xml::Element& element);

}  // namespace xbus::xmpp
