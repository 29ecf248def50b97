#include "adapters/http/url.hpp"

#include <gtest/gtest.h>

#include "bus/limits_feeds.hpp"

namespace xbus::http {
namespace {

TEST(HttpUrl, its_parts) {
  const auto url = parse_url("HTTPS://Example.org:8443/a/b c?q=\u00FC#f");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "Example.org");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->authority, "Example.org:8443");
  EXPECT_EQ(url->target, "/a/b%20c?q=%C3%BC");
  EXPECT_EQ(url->text(), "https://Example.org:8443/a/b%20c?q=%C3%BC");
}

TEST(HttpUrl, what_may_be_left_out) {
  EXPECT_EQ(parse_url("http://a")->text(), "http://a/");
  EXPECT_EQ(parse_url("http://a?x")->target, "/?x");
  EXPECT_EQ(parse_url("http://a:80/")->authority, "a");
  EXPECT_EQ(parse_url("https://a:/")->port, 443);
  EXPECT_EQ(parse_url("http://[::1]:8080/")->host, "::1");
  EXPECT_EQ(parse_url("http://[::1]:8080/")->authority, "[::1]:8080");
}

TEST(HttpUrl, nothing_of_it_begins_a_line_of_a_request) {
  EXPECT_EQ(parse_url("http://a/x\r\nY: z")->target, "/x%0D%0AY:%20z");
  EXPECT_FALSE(parse_url("http://a\r\nb/"));
}

TEST(HttpUrl, what_is_refused) {
  for (const char* text :
       {"", "a", "ftp://a/", "http://", "http:///x", "http://u@a/", "http://u:p@a/", "http://a:x/", "http://a:0/",
        "http://a:65536/", "http://[::1/", "http://[::1]x/", "http://a b/", "http://[]/"})
    EXPECT_FALSE(parse_url(text)) << text;
  const std::string most = "http://a/" + std::string(limits::feed_uri_bytes_max - 9, 'x');
  EXPECT_TRUE(parse_url(most));
  EXPECT_FALSE(parse_url(most + "x"));
}

}  // namespace
}  // namespace xbus::http
