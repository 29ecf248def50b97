#include "adapters/atom/reference.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace xbus::atom {
namespace {

// RFC 3986 sections 5.4.1 and 5.4.2.
TEST(References, the_examples_of_the_standard) {
  const std::pair<const char*, const char*> examples[] = {
      {"g:h", "g:h"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q#s"},
      {"g#s", "http://a/b/c/g#s"},
      {"g?y#s", "http://a/b/c/g?y#s"},
      {";x", "http://a/b/c/;x"},
      {"g;x?y#s", "http://a/b/c/g;x?y#s"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"g#s/../x", "http://a/b/c/g#s/../x"},
  };
  for (const auto& example : examples)
    EXPECT_EQ(resolve("http://a/b/c/d;p?q", example.first), example.second) << example.first;
}

TEST(References, without_a_base_they_stay) {
  EXPECT_EQ(resolve("", " a/b \n"), "a/b");
  EXPECT_EQ(resolve("relative/", "a/b"), "a/b");
  EXPECT_EQ(resolve("http://example.org", "a"), "http://example.org/a");
}

TEST(References, links_are_those_that_a_reader_may_follow) {
  EXPECT_EQ(link_of("https://example.org/feed/", "x y.html"), "https://example.org/feed/x%20y.html");
  EXPECT_EQ(link_of("", "HTTPS://Example.org/"), "HTTPS://Example.org/");
  for (const char* bad : {"", "   ", "javascript:alert(1)", "data:text/html,x", "relative", "file:///etc/passwd"})
    EXPECT_EQ(link_of("", bad), "") << bad;
  EXPECT_EQ(link_of("javascript:x", "y"), "");
}

}  // namespace
}  // namespace xbus::atom
