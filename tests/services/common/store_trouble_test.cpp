#include "services/common/store_trouble.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace xbus::common {
namespace {

TEST(StoreTrouble, the_line_names_the_store_and_the_reason) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  log_store_trouble(Log(LogFormat::text, LogLevel::info, ends[1]))(
      {"/data/xbus.db", "database or disk is full", 3});
  ::close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t size = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  EXPECT_NE(text.find(" error store cannot write path=/data/xbus.db "
                      "error=\"database or disk is full\" writes=3\n"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace xbus::common
