// run(): the exit status of a program, and where it looks for the bus.
#include "rpc/run.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "rpc/bus_thread.hpp"
#include "tests/rpc/live_bus.hpp"

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

TEST(Run, a_component_is_named_in_the_arguments_and_its_secret_is_not) {
  const char* args[] = {"program", "--component", "calc.localhost", "--bus=tcp://127.0.0.1:5347"};
  unsetenv("XBUS_COMPONENT_SECRET");
  EXPECT_THROW((void)bus_options(4, const_cast<char**>(args)), std::invalid_argument);
  setenv("XBUS_COMPONENT_SECRET", "secret", 1);
  const client::Options connection = bus_options(4, const_cast<char**>(args)).connection;
  unsetenv("XBUS_COMPONENT_SECRET");
  EXPECT_EQ(connection.address, "tcp://127.0.0.1:5347");
  EXPECT_EQ(connection.domain, "calc.localhost");
  EXPECT_EQ(connection.component_secret, "secret");
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

TEST(Run, a_service_is_served_until_sigterm_and_then_leaves) {
  LiveBus live;
  Service calc("calc");
  calc.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
  int status = -1;
  BusThread client(live.options());
  std::thread program([&] { status = run(calc, live.options()); });
  CallOptions until_there;
  until_there.idempotent = true;
  until_there.retry = {1000, std::chrono::milliseconds(5)};
  EXPECT_EQ((client.service("calc").with(until_there).call_wait<int>("add", 2, 3)), 5);
  kill(getpid(), SIGTERM);
  program.join();
  EXPECT_EQ(status, 0);
  try {
    client.service("calc").call_wait<int>("add", 2, 3);
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::unavailable);
  }
}

TEST(Run, a_drained_program_ends) {
  LiveBus live;
  Service first("first"), second("second");
  int status = -1;
  BusThread client(live.options());  // of the account that serves, which may
  std::thread program([&] { status = run({&first, &second}, live.options()); });
  CallOptions until_there;
  until_there.idempotent = true;
  until_there.retry = {1000, std::chrono::milliseconds(5)};
  EXPECT_EQ((client.service("second").with(until_there).call_wait<int64_t>("system.drain")), 0);
  EXPECT_EQ((client.service("first").with(until_there).call_wait<int64_t>("system.drain")), 0);
  program.join();
  EXPECT_EQ(status, 0);
}

TEST(Run, a_coroutine_is_a_program) {
  LiveBus live;
  Service calc("calc");
  calc.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
  calc.method("no", []() -> int { throw Fault(Fault::Kind::not_found, "nothing like it"); });
  BusThread server(live.options());
  server.serve(calc);
  int sum = 0;
  EXPECT_EQ(run(
                [&](Bus& bus) -> Task<void> {
                  auto calling = bus.service("calc").call<int>("add", 2, 3);
                  sum = co_await std::move(calling);
                },
                live.options()),
            0);
  EXPECT_EQ(sum, 5);
  testing::internal::CaptureStderr();
  EXPECT_EQ(run(
                [](Bus& bus) -> Task<void> {
                  auto calling = bus.service("calc").call<int>("no");
                  (void)co_await std::move(calling);
                },
                live.options()),
            exit_status(FaultKind::not_found));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "not-found: nothing like it\n");
}

TEST(Run, a_program_without_a_bus_under_its_thread) {
  try {
    BusThread bus(nowhere());
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::unavailable);
  }
}

}  // namespace
}  // namespace xbus
