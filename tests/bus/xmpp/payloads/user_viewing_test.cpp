#include "bus/xmpp/payloads/user_viewing.hpp"

#include "bus/xmpp/datetime.hpp"
#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string video(std::string_view inside) {
  return "<video xmlns='urn:xmpp:viewing:0'>" + std::string(inside) + "</video>";
}

TEST(UserViewing, examples_of_xep0197) {
  UserViewing watched;
  watched.episode = "807";
  watched.description = "Terror From The Year 5000";
  watched.uri = "http://www.mst3kinfo.com/";
  // The example has a name, which section 2 does not.
  expect_read(video("<name>Mystery Science Theater 3000</name><episode>807</episode>"
                    "<description>Terror From The Year "
                    "5000</description><uri>http://www.mst3kinfo.com/</uri>"),
              watched, user_viewing_from);
  expect_both_ways(video(""), UserViewing{}, user_viewing_from);
}

TEST(UserViewing, every_part) {
  expect_both_ways(
      video(
          "<author>Robert Duncan</author><cast>Trace Beaulieu, Frank Conniff</cast>"
          "<channel_name>Sci-Fi Channel</channel_name><description>Terror From The Year "
          "5000</description>"
          "<duration>1800</duration><end_time>2006-08-29T03:30:00Z</end_time><episode>807</episode>"
          "<program_name>Mystery Science Theater "
          "3000</program_name><program_type>Comedy</program_type>"
          "<start_time>2006-08-29T03:00:00Z</start_time><subprogram_type>Cast "
          "interview</subprogram_type>"
          "<uri>http://www.mst3kinfo.com/</uri><user_comment>MST3K "
          "forever!</user_comment><user_rating>9</user_rating>"),
      UserViewing{.author = "Robert Duncan",
                  .cast = "Trace Beaulieu, Frank Conniff",
                  .channel_name = "Sci-Fi Channel",
                  .description = "Terror From The Year 5000",
                  .duration = std::chrono::minutes(30),
                  .end_time = *parse_datetime("2006-08-29T03:30:00Z"),
                  .episode = "807",
                  .program_name = "Mystery Science Theater 3000",
                  .program_type = "Comedy",
                  .start_time = *parse_datetime("2006-08-29T03:00:00Z"),
                  .subprogram_type = "Cast interview",
                  .uri = "http://www.mst3kinfo.com/",
                  .user_comment = "MST3K forever!",
                  .user_rating = "9"},
      user_viewing_from);
}

TEST(UserViewing, what_is_refused) {
  expect_refused(user_viewing_from,
                 {{"<room xmlns='urn:xmpp:viewing:0'/>", "another element"},
                  {video("<duration>0</duration>"), "duration: out of range"},
                  {video("<duration>4294967296</duration>"), "duration: out of range"},
                  {video("<duration>half an hour</duration>"), "duration: malformed"},
                  {video("<start_time>2006-08-29</start_time><end_time>soon</end_time>"),
                   "end_time: malformed"},
                  {video("<start_time>03:00</start_time>"), "start_time: malformed"}});
}

}  // namespace
}  // namespace xbus::xmpp
