#include "bus/xmpp/payloads/avatar_metadata.hpp"

#include "bus/limits_payloads.hpp"
#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string metadata(std::string_view inside) {
  return "<metadata xmlns='urn:xmpp:avatar:metadata'>" + std::string(inside) + "</metadata>";
}

constexpr std::string_view id = "111f4b3c50d7b0df729d299bc6f8e9ef9066971f";

std::string info(std::string_view attributes) {
  return metadata("<info id='111f4b3c50d7b0df729d299bc6f8e9ef9066971f' " + std::string(attributes) +
                  "/>");
}

TEST(AvatarMetadata, examples_of_xep0084) {
  const AvatarInfo png{.bytes = 12'345,
                       .id = std::string(id),
                       .type = "image/png",
                       .url = "",
                       .width = 64,
                       .height = 64};
  AvatarInfo gif = png;
  gif.bytes = 23'456;
  gif.id[0] = gif.id[1] = gif.id[2] = '2';
  gif.type = "image/gif";
  gif.url = "http://avatars.example.org/happy.gif";
  const std::string png_text =
      "<info bytes='12345' id='111f4b3c50d7b0df729d299bc6f8e9ef9066971f' type='image/png' "
      "width='64' height='64'/>";
  const std::string gif_text =
      "<info bytes='23456' id='222f4b3c50d7b0df729d299bc6f8e9ef9066971f' type='image/gif' "
      "url='http://avatars.example.org/happy.gif' width='64' height='64'/>";
  expect_both_ways(metadata(png_text), AvatarMetadata{{png}}, avatar_metadata_from);
  expect_both_ways(metadata(png_text + gif_text), AvatarMetadata{{png, gif}}, avatar_metadata_from);
  expect_read(
      metadata(png_text +
               "<pointer><x "
               "xmlns='http://example.com/virtualworlds'><game>Ancapistan</game></x></pointer>"),
      AvatarMetadata{{png}}, avatar_metadata_from);
}

TEST(AvatarMetadata, no_avatar_any_more) {
  expect_both_ways(metadata(""), AvatarMetadata{}, avatar_metadata_from);
  expect_read(metadata("<stop/>"), AvatarMetadata{}, avatar_metadata_from);
}

TEST(AvatarMetadata, the_id_is_the_digest_of_the_picture) {
  EXPECT_EQ(avatar_id("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  const auto read = avatar_metadata_from(element(metadata(
      "<info bytes='3' id='A9993E364706816ABA3E25717850C26C9CD0D89D' type='image/png'/>")));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->infos[0].id, avatar_id("abc"));
}

TEST(AvatarMetadata, what_is_refused) {
  expect_refused(
      avatar_metadata_from,
      {{"<metadata/>", "another element"},
       {info("type='image/png'"), "bytes: missing"},
       {info("bytes='12'"), "type: missing"},
       {metadata("<info bytes='12' type='image/png'/>"), "id: missing"},
       {metadata("<info bytes='12' type='image/png' id='111f'/>"), "id: malformed"},
       {metadata(
            "<info bytes='12' type='image/png' id='111f4b3c50d7b0df729d299bc6f8e9ef9066971x'/>"),
        "id: malformed"},
       {info("bytes='0' type='image/png'"), "bytes: out of range"},
       {info("bytes='many' type='image/png'"), "bytes: malformed"},
       {info("bytes='12' type='text/html'"), "type: malformed"},
       {info("bytes='12' type='image/png' width='65536'"), "width: out of range"},
       {info("bytes='12' type='image/png' height='0'"), "height: out of range"},
       {info("bytes='12' type='image/png' url='http://a b'"), "url: malformed"}});
  xml::Element many("metadata", ns_avatar_metadata);
  const xml::Element one =
      *element(info("bytes='12' type='image/png'")).first("info", ns_avatar_metadata);
  for (size_t i = 0; i < limits::payload_list_max; ++i) many.add(one);
  EXPECT_TRUE(avatar_metadata_from(many));
  many.add(one);
  EXPECT_FALSE(avatar_metadata_from(many));
}

}  // namespace
}  // namespace xbus::xmpp
