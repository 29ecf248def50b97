#include "services/xbus/served_command.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "rpc/fault.hpp"
#include "services/xbus/method_spec.hpp"

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;
using Kind = Fault::Kind;

const Type any = Type::Kind::any;

Ending exited(int status, std::string output, std::string error_line = {}) {
  return {Ending::Kind::exited, status, std::move(output), std::move(error_line)};
}

Fault fault_of(Ending ending, bool admin = false, const Type& result = any) {
  try {
    const Value value = served_result(std::move(ending), result, admin);
    ADD_FAILURE() << value.text();
  } catch (const Fault& fault) {
    return fault;
  }
  return Fault(Kind::custom);
}

TEST(ServedResult, output_is_json_or_text) {
  EXPECT_EQ(served_result(exited(0, "{\"a\": [1]}\n"), any, false),
            Value::structure({{"a", Value::array({1})}}));
  EXPECT_EQ(served_result(exited(0, "Hello, world\n"), any, false), Value("Hello, world"));
  EXPECT_EQ(served_result(exited(0, "two\nlines\n\n"), any, false), Value("two\nlines\n"));
  EXPECT_EQ(served_result(exited(0, ""), any, false), Value(""));
  EXPECT_EQ(served_result(exited(0, "42"), any, false), Value(42));
  EXPECT_EQ(served_result(exited(0, "ignored"), Type::Kind::nothing, false), Value());
}

TEST(ServedResult, a_promised_type_is_kept_or_the_call_fails) {
  EXPECT_EQ(served_result(exited(0, "42\n"), Type::Kind::string, false), Value("42"));
  EXPECT_EQ(served_result(exited(0, "\"quoted\""), Type::Kind::string, false), Value("quoted"));
  EXPECT_EQ(served_result(exited(0, "42\n"), Type::Kind::int64, false), Value(int64_t{42}));
  EXPECT_EQ(fault_of(exited(0, "many"), false, Type::Kind::int32).kind(), Kind::failed);
  EXPECT_EQ(fault_of(exited(0, "4.5"), false, Type::Kind::int32).kind(), Kind::failed);
}

TEST(ServedResult, output_that_no_wire_carries_is_a_failure) {
  EXPECT_EQ(fault_of(exited(0, "\xff\xfe")).kind(), Kind::failed);
  EXPECT_EQ(fault_of(exited(0, "\x1b[2J")).message(), "the output is neither JSON nor text");
}

TEST(ServedResult, a_whole_number_beyond_int64_is_a_failure_not_another_number) {
  const std::string huge = "99999999999999999999";
  EXPECT_EQ(fault_of(exited(0, huge + "\n")).kind(), Kind::failed);
  EXPECT_EQ(fault_of(exited(0, "{\"a\": " + huge + "}")).kind(), Kind::failed);
  EXPECT_EQ(served_result(exited(0, huge + "\n"), Type::Kind::string, false), Value(huge));
}

TEST(ServedResult, each_status_from_65_to_80_is_a_row_of_the_error_table) {
  for (int n = 1; n <= 16; ++n) {
    const Fault fault = fault_of(exited(64 + n, "", "the reason"));
    EXPECT_EQ(static_cast<int>(grpc_status(fault.kind())), n);
    if (n != 13) {
      EXPECT_EQ(fault.message(), "the reason");
    }
  }
  EXPECT_EQ(fault_of(exited(64 + 5, "", "no such user")).kind(), Kind::not_found);
}

TEST(ServedResult, any_other_status_is_a_failure_whose_reason_is_for_admins) {
  for (const int status : {1, 2, 64, 77, 81, 127, 255}) {
    EXPECT_EQ(fault_of(exited(status, "", "secret")).message(),
              "the command ended with status " + std::to_string(status));
    const Fault fault = fault_of(exited(status, "",
                                        "se\x1b"
                                        "cret"),
                                 true);
    EXPECT_EQ(fault.kind(), Kind::failed);
    EXPECT_EQ(fault.message(),
              "the command ended with status " + std::to_string(status) + ": se\\u{1b}cret");
  }
  EXPECT_EQ(fault_of({Ending::Kind::signalled, 9, {}, "x"}).kind(), Kind::failed);
  EXPECT_EQ(fault_of({Ending::Kind::not_started, 2, {}, {}}).message(),
            "the command cannot be started");
  EXPECT_EQ(fault_of({Ending::Kind::not_started, 2, {}, {}}, true).message(),
            "the command cannot be started: No such file or directory");
}

TEST(ServedResult, bounds_have_outcomes_of_their_own) {
  EXPECT_EQ(fault_of({Ending::Kind::timed_out, 0, {}, {}}).kind(), Kind::timeout);
  EXPECT_EQ(fault_of({Ending::Kind::oversize, 0, {}, {}}).kind(), Kind::too_big);
  EXPECT_EQ(fault_of({Ending::Kind::stopped, 0, {}, {}}).kind(), Kind::cancelled);
}

// A service whose command is a script that is told the method as $0.
struct Served {
  Served(const char* methods, const std::string& script, size_t runs = 4) : service("s") {
    ::signal(SIGPIPE, SIG_IGN);
    ServedCommand command;
    command.words = {"/bin/sh", "-c", script};
    command.methods = method_specs(methods);
    command.runs_max = runs;
    add_served_command(service, std::move(command));
  }
  Value call(const char* method, const Value::Array& arguments, Duration time = 20s) {
    Call asked;
    asked.caller = "juliet@localhost/balcony";
    asked.key = "k1";
    asked.deadline = std::chrono::steady_clock::now() + time;
    return service.find(method)->handler().plain(asked, arguments);
  }
  Service service;
};

TEST(ServedCommand, the_method_is_the_last_word_and_the_arguments_are_json_on_its_input) {
  Served served("greet,stop", "printf '%s ' \"$0\"; cat");
  EXPECT_EQ(served.call("greet", {"$(id)", 1, Value::structure({{"a", true}})}),
            Value("greet [\"$(id)\",1,{\"a\":true}]"));
  EXPECT_EQ(served.service.find("other"), nullptr);
}

TEST(ServedCommand, it_knows_who_calls) {
  ::setenv("XBUS_PASSWORD", "secret", 1);
  Served served("who",
                "echo \"$XBUS_CALLER $XBUS_METHOD $XBUS_KEY ${XBUS_VIA-none} ${XBUS_PASSWORD-none} "
                "$XBUS_DEADLINE_MS\"");
  const Value found = served.call("who", {});
  const std::string& text = found.as_string();
  EXPECT_TRUE(text.starts_with("juliet@localhost/balcony who k1 none none 1")) << text;
}

TEST(ServedCommand, arguments_are_checked_by_the_signature) {
  Served served("add(a: int32, b: int64?) -> any", "cat");
  EXPECT_EQ(served.call("add", {1}), Value::array({1}));
  EXPECT_EQ(served.call("add", {1, 2}), Value::array({1, 2}));
  for (const Value::Array& bad : {Value::Array{}, Value::Array{"x"}, Value::Array{1, 2, 3}}) {
    try {
      served.call("add", bad);
      ADD_FAILURE();
    } catch (const Fault& fault) {
      EXPECT_EQ(fault.kind(), Kind::invalid);
    }
  }
}

TEST(ServedCommand, the_deadline_of_the_call_ends_the_run) {
  Served served("wait", "sleep 600");
  const auto before = std::chrono::steady_clock::now();
  try {
    served.call("wait", {}, 200ms);
    ADD_FAILURE();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Kind::timeout);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
}

TEST(ServedCommand, runs_at_once_are_bounded_over_all_methods) {
  int go[2], begun[2];
  ASSERT_EQ(::pipe(go), 0);
  ASSERT_EQ(::pipe(begun), 0);
  const std::string fds = "/proc/" + std::to_string(::getpid()) + "/fd/";
  // Each run says that it has begun, then waits for a byte.
  Served served(
      "a,b",
      "echo x > " + fds + std::to_string(begun[1]) + "; head -c1 < " + fds + std::to_string(go[0]),
      2);
  std::vector<std::thread> running;
  for (const char* method : {"a", "b"})
    running.emplace_back([&served, method] { EXPECT_EQ(served.call(method, {}), Value("g")); });
  char bytes[4];
  for (size_t seen = 0; seen < 4;) {
    const ssize_t count = ::read(begun[0], bytes, 4 - seen);
    ASSERT_GT(count, 0);
    seen += static_cast<size_t>(count);
  }
  try {
    served.call("a", {});
    ADD_FAILURE();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Kind::busy);
  }
  ASSERT_EQ(::write(go[1], "gg", 2), 2);
  for (std::thread& thread : running) thread.join();
  ASSERT_EQ(::write(go[1], "g", 1), 1);
  EXPECT_EQ(served.call("b", {}), Value("g"));  // the places are free again
  for (const int fd : {go[0], go[1], begun[0], begun[1]}) ::close(fd);
}

TEST(ServedCommand, its_operator_is_told_of_runs_that_fail) {
  Service service("s");
  ServedCommand command;
  command.words = {"/bin/sh", "-c", "case $0 in no) echo why >&2; exit 3;; deny) exit 71;; esac"};
  command.methods = method_specs("yes,no,deny");
  std::vector<std::string> told;
  command.failed = [&told](const std::string& method, const Ending& ending) {
    told.push_back(method + ": " + text_of(ending) + ": " + ending.error_line);
  };
  add_served_command(service, std::move(command));
  for (const char* method : {"yes", "no", "deny"}) {
    Call call;
    call.deadline = std::chrono::steady_clock::now() + 20s;
    try {
      service.find(method)->handler().plain(call, {});
    } catch (const Fault&) {
    }
  }
  EXPECT_EQ(told, std::vector<std::string>{"no: status 3: why"});
}

}  // namespace
}  // namespace xbus::cli
