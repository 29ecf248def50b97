#include "services/common/password.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bus/limits.hpp"

namespace xbus::common {
namespace {

class PasswordFile {
 public:
  explicit PasswordFile(const std::string& text, mode_t mode = 0600) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "xbus-password-XXXXXX").string();
    ::close(::mkstemp(pattern.data()));
    path_ = pattern;
    std::ofstream(path_) << text;
    ::chmod(path_.c_str(), mode);
  }
  PasswordFile(const PasswordFile&) = delete;
  PasswordFile& operator=(const PasswordFile&) = delete;
  ~PasswordFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Password, the_first_line_of_a_file) {
  EXPECT_EQ(*password_from_file(PasswordFile("p w\nmore\n").path()), "p w");
  EXPECT_EQ(*password_from_file(PasswordFile("without end").path()), "without end");
  EXPECT_EQ(*password_from_file(PasswordFile("dos\r\n").path()), "dos");
  const std::string edge(limits::password_bytes_max, 'x');
  EXPECT_EQ(*password_from_file(PasswordFile(edge).path()), edge);
}

TEST(Password, a_file_that_will_not_do_is_named_with_the_reason) {
  for (const char* text : {"", "\nsecond"}) {
    const PasswordFile file(text);
    EXPECT_EQ(password_from_file(file.path()).error(),
              "password file " + file.path() + ": it is empty");
  }
  const PasswordFile open_to_all("x", 0644);
  EXPECT_EQ(password_from_file(open_to_all.path()).error(),
            "password file " + open_to_all.path() + ": others may read it; chmod 600 it");
  EXPECT_FALSE(
      password_from_file(PasswordFile(std::string(limits::password_bytes_max + 1, 'x')).path()));
  EXPECT_EQ(password_from_file("/nonexistent").error(),
            "password file /nonexistent: No such file or directory");
}

TEST(Password, the_environment_gives_it_once) {
  ::setenv("XBUS_PASSWORD", "secret", 1);
  EXPECT_EQ(password_from_environment(), "secret");
  EXPECT_EQ(std::getenv("XBUS_PASSWORD"), nullptr);
  EXPECT_EQ(password_from_environment(), std::nullopt);
  ::setenv("XBUS_PASSWORD", "", 1);
  EXPECT_EQ(password_from_environment(), std::nullopt);
}

}  // namespace
}  // namespace xbus::common
