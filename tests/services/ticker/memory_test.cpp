#include "services/ticker/memory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bus/limits_feeds.hpp"

namespace xbus::ticker {
namespace {

using Standing = Memory::Standing;

atom::Entry entry(const std::string& id, const std::string& title = "t") {
  atom::Entry out;
  out.id = id;
  out.title = title;
  return out;
}

TEST(TickerMemory, new_changed_and_known_are_three_things) {
  Memory memory;
  EXPECT_EQ(memory.standing(entry("a")), Standing::fresh);
  memory.keep(entry("a"));
  EXPECT_EQ(memory.standing(entry("a")), Standing::known);
  EXPECT_EQ(memory.standing(entry("a", "other")), Standing::changed);
  memory.keep(entry("a", "other"));
  EXPECT_EQ(memory.standing(entry("a", "other")), Standing::known);
  EXPECT_EQ(memory.size(), 1u);
}

TEST(TickerMemory, what_was_seen_longest_ago_goes_first) {
  Memory memory;
  for (size_t i = 0; i < limits::ticker_entries_kept_max; ++i) memory.keep(entry(std::to_string(i)));
  EXPECT_EQ(memory.standing(entry("0")), Standing::known);
  memory.keep(entry("0"));
  memory.keep(entry("one more"));
  EXPECT_EQ(memory.size(), limits::ticker_entries_kept_max);
  EXPECT_EQ(memory.standing(entry("0")), Standing::known);
  EXPECT_EQ(memory.standing(entry("1")), Standing::fresh);
  EXPECT_LT(memory.text().size(), limits::ticker_state_bytes_max);
}

TEST(TickerMemory, comes_back_from_its_file) {
  std::string folder = (std::filesystem::temp_directory_path() / "xbus-memory-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/a.json";
  {
    auto none = read_memory(path);
    ASSERT_TRUE(none);
    EXPECT_EQ(none->size(), 0u);
  }
  Memory memory;
  memory.location = "https://example.org/";
  memory.etag = "\"x\"";
  memory.last_modified = "Wed, 02 Oct 2002 13:00:00 GMT";
  memory.keep(entry("a"));
  memory.keep(entry("b"));
  ASSERT_TRUE(write_memory(path, memory));
  const auto back = read_memory(path);
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->text(), memory.text());
  EXPECT_EQ(back->etag, "\"x\"");
  EXPECT_EQ(back->standing(entry("a")), Standing::known);
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  EXPECT_FALSE(write_memory(folder + "/none/a.json", memory));
  std::ofstream(path) << "{\"version\": 1";
  EXPECT_FALSE(read_memory(path));
  std::filesystem::remove_all(folder);
}

TEST(TickerMemory, what_is_no_memory_is_refused) {
  for (const char* text : {"", "[]", "{}", "{\"version\": 2, \"entries\": []}", "{\"version\": 1}",
                           "{\"version\": 1, \"entries\": [1]}", "{\"version\": 1, \"entries\": [\"short\"]}"})
    EXPECT_FALSE(Memory::from_text(text)) << text;
  EXPECT_TRUE(Memory::from_text("{\"version\": 1, \"entries\": []}"));
}

}  // namespace
}  // namespace xbus::ticker
