// Descriptions in files.
#include "services/xbus/idl_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "bus/limits.hpp"
#include "rpc/fault.hpp"

namespace xbus::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class IdlFileTest : public testing::Test {
 protected:
  IdlFileTest() : folder_(mkdtemp(name_)), path_(folder_ + "/service.pb") {}
  ~IdlFileTest() override { std::filesystem::remove_all(folder_); }
  // Why it is not read.
  static std::string refusal(const std::string& path) {
    try {
      description_in(path);
    } catch (const Fault& fault) {
      EXPECT_EQ(fault.kind(), Fault::Kind::invalid);
      return fault.message();
    }
    return "read";
  }

  char name_[32] = "/tmp/xbus-idl-XXXXXX";
  std::string folder_, path_;
};

TEST_F(IdlFileTest, what_is_saved_reads_back) {
  Description calc;
  calc.name = "calc";
  calc.doc = "Adds.";
  MethodDescription add;
  add.name = "add";
  add.params = {{"a", Type::Kind::int32}, {"b", Type::Kind::int32}};
  add.result = Type::Kind::int32;
  calc.methods = {add};
  EXPECT_EQ(save_description(path_, calc), "");
  EXPECT_EQ(description_in(path_), calc);
  EXPECT_EQ(description_in(""), std::nullopt);
}

TEST_F(IdlFileTest, what_cannot_be_read_is_told_with_the_name_of_the_file) {
  EXPECT_EQ(refusal(folder_ + "/none"), folder_ + "/none: No such file or directory");
  EXPECT_EQ(refusal(folder_), folder_ + ": is a folder");
  std::ofstream(path_) << "syntax = \"proto3\";";
  EXPECT_THAT(refusal(path_), StartsWith(path_ + ": no FileDescriptorSet"));
  std::ofstream(path_).close();
  EXPECT_THAT(refusal(path_), StartsWith(path_ + ": no FileDescriptorSet"));
  EXPECT_THAT(save_description(folder_ + "/none/x", {}), HasSubstr("No such file"));
}

TEST_F(IdlFileTest, message_bytes_max_is_the_edge) {
  std::ofstream(path_) << std::string(limits::message_bytes_max, '\xff');
  EXPECT_THAT(refusal(path_), StartsWith(path_ + ": no FileDescriptorSet"));
  std::ofstream(path_) << std::string(limits::message_bytes_max + 1, '\xff');
  EXPECT_THAT(refusal(path_), StartsWith(path_ + ": longer than"));
}

}  // namespace
}  // namespace xbus::cli
