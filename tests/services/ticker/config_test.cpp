#include "services/ticker/config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace xbus::ticker {
namespace {

class TickerConfig : public ::testing::Test {
 protected:
  TickerConfig() : folder_(std::filesystem::temp_directory_path() / "xbus-ticker-XXXXXX") {
    std::string name = folder_.string();
    folder_ = ::mkdtemp(name.data());
  }
  ~TickerConfig() override { std::filesystem::remove_all(folder_); }

  Result<Config, std::string> read(const std::string& text) {
    const std::string path = folder_ / "t.toml";
    std::ofstream(path) << text;
    return read_config(path);
  }
  // What is said behind the file's name.
  std::string refused(const std::string& text) {
    const auto config = read(text);
    return config ? "taken" : config.error().substr((folder_ / "t.toml").string().size());
  }

  std::filesystem::path folder_;
};

TEST_F(TickerConfig, sources_and_who_may_publish) {
  const auto config = read(
      "state = \"/s\"\nservice = \"events.example.org\"\npublishers = [\"desk\"]\n"
      "[source.a]\nurl = \"https://example.org/feed\"\nevery = 60\npublishers = [\"b@example.org\"]\n"
      "[source.b-2]\nfile = \"feeds/b.atom\"\n");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->state, "/s");
  EXPECT_EQ(config->service, "events.example.org");
  ASSERT_EQ(config->sources.size(), 2u);
  EXPECT_EQ(config->sources[0].name, "a");
  EXPECT_EQ(config->sources[0].every, std::chrono::seconds(60));
  EXPECT_EQ(config->sources[0].publishers, (std::vector<std::string>{"b@example.org", "desk"}));
  EXPECT_EQ(config->sources[1].file, (folder_ / "feeds/b.atom").string());
  EXPECT_EQ(config->sources[1].every, std::chrono::seconds(900));
}

TEST_F(TickerConfig, what_is_wrong_is_told_with_its_line) {
  EXPECT_EQ(refused(""), ": there is no [source.NAME]");
  EXPECT_EQ(refused("speed = 1\n"), ":1: speed: there is no such key");
  EXPECT_EQ(refused("[source.a]\nurl = \"ftp://x/\"\n"), ":2: url: a URL begins with http:// or https://");
  EXPECT_EQ(refused("[source.a]\nevery = 60\n"), ":1: a: a source has either url or file");
  EXPECT_EQ(refused("[source.a]\nurl = \"http://x/\"\nfile = \"y\"\n"), ":1: a: a source has either url or file");
  EXPECT_EQ(refused("[source.a]\nfile = \"y\"\nevery = 0\n"), ":3: every: this must be between 1 and 604800 seconds");
  EXPECT_EQ(refused("[source.a]\nfile = \"y\"\nevery = 604801\n"),
            ":3: every: this must be between 1 and 604800 seconds");
  EXPECT_NE(refused("[source.\"../x\"]\nfile = \"y\"\n").find("a source's name"), std::string::npos);
  EXPECT_NE(refused("publishers = [\"a@b/c\"]\n").find("neither NAME@DOMAIN"), std::string::npos);
  EXPECT_EQ(refused("publishers = \"a\"\n"), ":1: publishers: this must be a list of texts");
  EXPECT_EQ(refused("source = 1\n"), ":1: source: a source is a table, [source.NAME]");
}

}  // namespace
}  // namespace xbus::ticker
