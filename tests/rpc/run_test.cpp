// run(): the exit status of a program, and where it looks for the bus.
#include "rpc/run.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "rpc/bus_thread.hpp"

namespace xbus {
namespace {

// An address at which there is nobody.
BusOptions nowhere() {
  BusOptions options;
  options.connection.address = "unix:" + (std::filesystem::temp_directory_path() / ("xbus-none-" + std::to_string(getpid()))).string();
  return options;
}

TEST(Run, the_address_comes_from_the_arguments) {
  const auto address = [](std::vector<const char*> args) {
    args.insert(args.begin(), "program");
    return bus_options(static_cast<int>(args.size()), const_cast<char**>(args.data())).connection.address;
  };
  EXPECT_EQ(address({}), "");
  EXPECT_EQ(address({"--bus", "unix:/x"}), "unix:/x");
  EXPECT_EQ(address({"a", "--bus=xmpps://bus.example.org", "b"}), "xmpps://bus.example.org");
  EXPECT_EQ(address({"--bus"}), "");
  EXPECT_EQ(address({"--", "--bus=x"}), "");
}

TEST(Run, without_a_bus_a_program_says_unavailable) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(run([](Bus&) -> Task<void> { co_return; }, nowhere()), exit_status(FaultKind::unavailable));
  EXPECT_NE(testing::internal::GetCapturedStderr().find("unavailable"), std::string::npos);
}

TEST(Run, a_service_without_a_bus_ends_as_well) {
  testing::internal::CaptureStderr();
  Service service("s");
  EXPECT_EQ(run(service, nowhere()), exit_status(FaultKind::unavailable));
  (void)testing::internal::GetCapturedStderr();
}

TEST(BusThread, without_a_bus_it_is_not_made) {
  try {
    BusThread bus(nowhere());
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::unavailable);
  }
}

}  // namespace
}  // namespace xbus
