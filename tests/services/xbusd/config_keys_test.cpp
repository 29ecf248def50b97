#include "services/xbusd/config_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace xbus::xbusd {
namespace {

using testing::HasSubstr;

class ConfigKeysTest : public testing::Test {
 protected:
  ConfigKeysTest() : folder_(mkdtemp(name_)) {}
  ~ConfigKeysTest() override { std::filesystem::remove_all(folder_); }
  Config read(const std::string& text) {
    const std::string path = folder_ + "/file.toml";
    std::ofstream(path) << text;
    Config config;
    const auto done = read_config(path, config);
    EXPECT_TRUE(done.ok()) << done.error() << "\n" << text;
    return config;
  }

  char name_[32] = "/tmp/xbus-keys-XXXXXX";
  std::string folder_;
};

// The same value in both.
bool same(const ConfigKey& key, const Config& one, const Config& other) {
  return std::visit([&](auto member) { return one.*member == other.*member; }, key.member);
}

TEST_F(ConfigKeysTest, each_key_stands_once_and_means_something) {
  std::set<std::string> names;
  for (const ConfigKey& key : config_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_TRUE(key.about.ends_with(".")) << key.name;
    EXPECT_FALSE(key.group.empty()) << key.name;
  }
  EXPECT_GE(names.size(), 35u);
}

TEST_F(ConfigKeysTest, the_file_with_every_key_says_what_holds_without_it) {
  const Config config = read(config_file());
  for (const ConfigKey& key : config_keys()) EXPECT_TRUE(same(key, config, Config())) << key.name;
}

// Each line that is out of effect is right when it is in effect; a default is the default.
TEST_F(ConfigKeysTest, every_key_of_the_file_can_be_put_into_effect) {
  std::istringstream lines(config_file());
  std::string text, line;
  while (std::getline(lines, line))
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ' && line[1] != '#')
      text += line.substr(1) + "\n";
  const Config config = read(text);
  for (const ConfigKey& key : config_keys()) {
    EXPECT_THAT(text, HasSubstr(key.name));
    EXPECT_EQ(same(key, config, Config()), key.shown.empty()) << key.name;
  }
}

TEST_F(ConfigKeysTest, the_page_has_every_key_with_its_default) {
  const std::string page = config_page("xbusd 1").text();
  for (const ConfigKey& key : config_keys()) EXPECT_THAT(page, HasSubstr(key.name));
  EXPECT_THAT(page, HasSubstr("(integer from 0 to 1024; default 0)"));
  EXPECT_THAT(page, HasSubstr("(\"json\" or \"text\"; default \"text\")"));
  EXPECT_THAT(page, HasSubstr(".TH \"XBUSD.TOML\" \"5\""));
}

}  // namespace
}  // namespace xbus::xbusd
