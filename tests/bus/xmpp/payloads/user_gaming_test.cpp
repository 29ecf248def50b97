#include "bus/xmpp/payloads/user_gaming.hpp"

#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string game(std::string_view inside) {
  return "<game xmlns='urn:xmpp:gaming:0'>" + std::string(inside) + "</game>";
}

TEST(UserGaming, examples_of_xep0196) {
  UserGaming chess;
  chess.name = "chess";
  chess.uri = "http://www.chesspark.com/";
  expect_both_ways(game("<name>chess</name><uri>http://www.chesspark.com/</uri>"), chess,
                   user_gaming_from);
  expect_both_ways(
      game("<character_name>Stentor</character_name>"
           "<character_profile>http://wow.example.com/profile.html?12345</character_profile>"
           "<level>66</level><name>Worlds of Warfare</name>"
           "<server_address>wow6.example.com</server_address><server_name>WOW Example</server_name>"
           "<uri>http://wow.example.com/</uri>"),
      UserGaming{.character_name = "Stentor",
                 .character_profile = "http://wow.example.com/profile.html?12345",
                 .level = "66",
                 .name = "Worlds of Warfare",
                 .server_address = "wow6.example.com",
                 .server_name = "WOW Example",
                 .uri = "http://wow.example.com/"},
      user_gaming_from);
  expect_both_ways(game(""), UserGaming{}, user_gaming_from);
}

TEST(UserGaming, what_is_refused) {
  expect_refused(
      user_gaming_from,
      {{"<game/>", "another element"},
       {game("<uri>http://www.chesspark.com/</uri>"), "name: missing"},
       {game("<name>chess</name><uri>a b</uri>"), "uri: malformed"},
       {game("<name>chess</name><character_profile>a b</character_profile>"),
        "character_profile: malformed"},
       {game("<name>" + std::string(16 * 1024 + 1, 'x') + "</name>"), "name: too long"}});
}

}  // namespace
}  // namespace xbus::xmpp
