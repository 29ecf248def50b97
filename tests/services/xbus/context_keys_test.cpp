#include "services/xbus/context_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

using testing::HasSubstr;

TEST(ContextKeys, the_page_has_every_key) {
  const std::string page = contexts_page("xbus 1").text();
  for (const ContextKey& key : context_keys())
    EXPECT_THAT(page, HasSubstr(".B \"" + key.name + "\"")) << key.name;
  EXPECT_THAT(page, HasSubstr(".TH \"XBUS\\-CONFIG.TOML\" \"5\""));
}

TEST(ContextKeys, what_stands_for_another_account_is_its_own) {
  for (const ContextKey& key : context_keys()) {
    EXPECT_TRUE(key.about.ends_with(".")) << key.name;
    if (key.login) {
      EXPECT_TRUE(std::holds_alternative<std::string Credentials::*>(key.member)) << key.name;
    }
  }
}

}  // namespace
}  // namespace xbus::cli
