#include "bus/xmpp/payloads/user_tune.hpp"

#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string tune(std::string_view inside) {
  return "<tune xmlns='http://jabber.org/protocol/tune'>" + std::string(inside) + "</tune>";
}

TEST(UserTune, examples_of_xep0118) {
  UserTune played;
  played.artist = "Yes";
  played.length = std::chrono::seconds(686);
  played.rating = 8;
  played.source = "Yessongs";
  played.title = "Heart of the Sunrise";
  played.track = "3";
  played.uri = "http://www.yesworld.com/lyrics/Fragile.html#9";
  expect_both_ways(
      tune("<artist>Yes</artist><length>686</length><rating>8</rating><source>Yessongs</source>"
           "<title>Heart of the Sunrise</title><track>3</track>"
           "<uri>http://www.yesworld.com/lyrics/Fragile.html#9</uri>"),
      played, user_tune_from);
  expect_both_ways(tune(""), UserTune{}, user_tune_from);
}

TEST(UserTune, the_parts_of_a_classical_piece) {
  UserTune piece;
  piece.composer = "Shostakovich";
  piece.date = "2003-02-15";
  piece.genre = "Opera";
  piece.language = "rus";
  piece.lyricist = "Shakespeare";
  piece.performer = "Zhidkova";
  expect_both_ways(
      tune("<composer>Shostakovich</composer><date>2003-02-15</date><genre>Opera</genre>"
           "<language>rus</language><lyricist>Shakespeare</lyricist><performer>Zhidkova</"
           "performer>"),
      piece, user_tune_from);
}

TEST(UserTune, the_edges_of_its_numbers) {
  for (std::string_view text : {"<length>0</length>", "<length>65535</length>",
                                "<rating>1</rating>", "<rating>10</rating>"})
    EXPECT_TRUE(user_tune_from(element(tune(text)))) << text;
}

TEST(UserTune, what_is_refused) {
  expect_refused(user_tune_from, {{"<tune/>", "another element"},
                                  {tune("<length>65536</length>"), "length: out of range"},
                                  {tune("<length>-1</length>"), "length: out of range"},
                                  {tune("<length>3:45</length>"), "length: malformed"},
                                  {tune("<rating>0</rating>"), "rating: out of range"},
                                  {tune("<rating>11</rating>"), "rating: out of range"},
                                  {tune("<rating>good</rating>"), "rating: malformed"},
                                  {tune("<uri>a b</uri>"), "uri: malformed"}});
}

}  // namespace
}  // namespace xbus::xmpp
