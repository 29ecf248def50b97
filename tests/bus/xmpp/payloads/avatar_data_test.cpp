#include "bus/xmpp/payloads/avatar_data.hpp"

#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string data(std::string_view inside) {
  return "<data xmlns='urn:xmpp:avatar:data'>" + std::string(inside) + "</data>";
}

TEST(AvatarData, a_picture_of_xep0084) {
  const std::string image("\x89PNG\r\n\x1a\n", 8);
  expect_both_ways(data("iVBORw0KGgo="), AvatarData{image}, avatar_data_from);
  // Section 4.1: line feeds are not sent, but accepted.
  expect_read(data("\n  iVBO\n  Rw0KGgo=\n"), AvatarData{image}, avatar_data_from);
}

TEST(AvatarData, what_is_refused) {
  expect_refused(avatar_data_from, {{"<data>iVBORw0KGgo=</data>", "another element"},
                                    {data(""), "data: missing"},
                                    {data("  "), "data: missing"},
                                    {data("qANQR1DBwU4DX7jmYZnncm..."), "data: malformed"},
                                    {data("iVBORw0KGgo"), "data: malformed"}});
}

}  // namespace
}  // namespace xbus::xmpp
