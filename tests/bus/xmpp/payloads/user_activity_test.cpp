#include "bus/xmpp/payloads/user_activity.hpp"

#include <set>
#include <sstream>

#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string activity(std::string_view inside) {
  return "<activity xmlns='http://jabber.org/protocol/activity'>" + std::string(inside) +
         "</activity>";
}

TEST(UserActivity, examples_of_xep0108) {
  expect_both_ways(
      activity("<relaxing><partying/></relaxing><text>My nurse's birthday!</text>"),
      UserActivity{Activity::relaxing, SpecificActivity::partying, "My nurse's birthday!"},
      user_activity_from);
  expect_both_ways(activity(""), UserActivity{}, user_activity_from);
  expect_read(activity("<relaxing><tanning xmlns='http://www.ilovetanning.info'/></relaxing>"),
              UserActivity{Activity::relaxing, {}, ""}, user_activity_from);
  expect_read(activity("<inactive><sleeping><hibernating "
                       "xmlns='http://www.ursus.info/states'/></sleeping></inactive>"),
              UserActivity{Activity::inactive, SpecificActivity::sleeping, ""}, user_activity_from);
}

// The words of the schema.
constexpr std::string_view general_words =
    "doing_chores drinking eating exercising grooming having_appointment inactive relaxing talking "
    "traveling undefined working ";
constexpr std::string_view specific_words =
    "at_the_spa brushing_teeth buying_groceries cleaning coding commuting cooking cycling dancing "
    "day_off "
    "doing_maintenance doing_the_dishes doing_the_laundry driving fishing gaming gardening "
    "getting_a_haircut going_out hanging_out having_a_beer having_a_snack having_breakfast "
    "having_coffee "
    "having_dinner having_lunch having_tea hiding hiking in_a_car in_a_meeting in_real_life "
    "jogging "
    "on_a_bus on_a_plane on_a_train on_a_trip on_the_phone on_vacation on_video_phone other "
    "partying "
    "playing_sports praying reading rehearsing running running_an_errand scheduled_holiday shaving "
    "shopping skiing sleeping smoking socializing studying sunbathing swimming taking_a_bath "
    "taking_a_shower thinking walking walking_the_dog watching_a_movie watching_tv working_out "
    "writing ";

TEST(UserActivity, every_word_is_an_activity_of_its_own) {
  std::set<Activity> general;
  std::istringstream in{std::string(general_words)};
  for (std::string word; in >> word;) {
    const auto read = user_activity_from(element(activity("<" + word + "/>")));
    ASSERT_TRUE(read && read->general) << word;
    EXPECT_EQ(word_of(*read->general), word);
    general.insert(*read->general);
  }
  EXPECT_EQ(general.size(), 12u);
  std::set<SpecificActivity> specific;
  in = std::istringstream{std::string(specific_words)};
  for (std::string word; in >> word;) {  // section 3: any of them may be in any category
    const auto read =
        user_activity_from(element(activity("<undefined><" + word + "/></undefined>")));
    ASSERT_TRUE(read && read->specific) << word;
    EXPECT_EQ(word_of(*read->specific), word);
    specific.insert(*read->specific);
  }
  EXPECT_EQ(specific.size(), 67u);
}

TEST(UserActivity, what_is_refused) {
  expect_refused(
      user_activity_from,
      {{"<activity/>", "another element"},
       {activity("<partying/>"), "activity: unknown word"},
       {activity("<relaxing/><working/>"), "activity: malformed"},
       {activity("<relaxing><relaxing/></relaxing>"), "specific activity: unknown word"},
       {activity("<relaxing><fishing/><reading/></relaxing>"), "specific activity: malformed"},
       {activity("<text>" + std::string(16 * 1024 + 1, 'x') + "</text>"), "text: too long"}});
}

}  // namespace
}  // namespace xbus::xmpp
