#include "services/xbus/served_command.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

#include "bus/xml/element.hpp"
#include "rpc/arguments.hpp"
#include "rpc/error_table.hpp"
#include "rpc/fault.hpp"
#include "rpc/json.hpp"
#include "rpc/printable.hpp"

namespace xbus::cli {
namespace {

constexpr int grpc_status_last = 16;

// Becomes readable when the caller has cancelled.
class Stop {
 public:
  Stop() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;
  ~Stop() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }
  void raise() const { ::eventfd_write(fd_, 1); }

 private:
  int fd_;
};

// One of the runs that may go on at once; gives its place back at its end.
class Place {
 public:
  explicit Place(std::atomic<size_t>& taken, size_t most) : taken_(taken) {
    if (taken_.fetch_add(1) < most) return;
    taken_.fetch_sub(1);
    throw Fault(Fault::Kind::busy,
                "all " + std::to_string(most) + " runs of the command are taken");
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { taken_.fetch_sub(1); }

 private:
  std::atomic<size_t>& taken_;
};

std::string input_of(const MethodDescription& method, const Value::Array& arguments) {
  const auto& params = method.params;
  if (arguments.size() > params.size())
    throw Fault(Fault::Kind::invalid, "too many arguments for " + Description::signature(method));
  Value::Array checked;
  for (size_t i = 0; i < params.size(); ++i) {
    if (i >= arguments.size() && params[i].type.is_optional()) break;
    if (i >= arguments.size()) throw Fault(Fault::Kind::invalid, "missing " + params[i].name);
    try {
      checked.push_back(typed_value(arguments[i], params[i].type, {}));
    } catch (const Fault& fault) {
      throw Fault(fault.kind(), params[i].name + ": " + fault.message());
    }
  }
  return json_text(checked) + "\n";
}

// Status of a row of the error table: how a command says no.
bool is_answer(int status) {
  const int row = status - exit_status_base;
  return row >= 1 && row <= grpc_status_last && row != static_cast<int>(GrpcStatus::internal);
}

// One that its operator should know of.
bool is_failure(const Ending& ending) {
  if (ending.kind == Ending::Kind::stopped) return false;
  return ending.kind != Ending::Kind::exited || (ending.status != 0 && !is_answer(ending.status));
}

Value run(const ServedCommand& served, const MethodDescription& method, Call& call,
          const Value::Array& arguments) {
  Command command;
  command.input = input_of(method, arguments);
  command.words = served.words;
  command.words.push_back(method.name);
  command.output_bytes_max = served.output_bytes_max;
  const Duration left = call.deadline - std::chrono::steady_clock::now();
  command.time_max = std::min(left, served.time_max);
  const auto left_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(command.time_max).count();
  command.environment = {{"XBUS_CALLER", call.caller},
                         {"XBUS_VIA", call.via},
                         {"XBUS_METHOD", method.name},
                         {"XBUS_KEY", call.key},
                         {"TRACEPARENT", call.traceparent},
                         {"TRACESTATE", call.tracestate},
                         {"XBUS_PASSWORD", ""},
                         {"XBUS_DEADLINE_MS", std::to_string(left_ms)}};
  const auto stop = std::make_shared<Stop>();
  call.on_cancel([stop] { stop->raise(); });
  Ending ending = run_command(command, stop->fd());
  if (served.failed && is_failure(ending)) served.failed(method.name, ending);
  return served_result(std::move(ending), method.result, call.admin);
}

// What the command says about its failure; admins are told the words of the command itself.
[[noreturn]] void fail(std::string what, const std::string& line, bool admin) {
  if (admin && !line.empty()) what += ": " + line;
  throw Fault(Fault::Kind::failed, what);
}

Value value_of(std::string output, const Type& result) {
  if (result.kind == Type::Kind::nothing) return {};
  auto json = json_value(output);
  if (!json && json.error().range && result.kind != Type::Kind::string)
    throw Fault(Fault::Kind::failed, "the output: " + json.error().what);
  if (json) {
    // A method that says it gives text gives text, even where it looks like a number.
    if (result.kind != Type::Kind::string || json->is(Value::Type::string)) {
      try {
        return typed_value(*json, result, {});
      } catch (const Fault& fault) {
        throw Fault(Fault::Kind::failed,
                    "the output is not what the method promises: " + fault.message());
      }
    }
  }
  if (output.ends_with('\n')) output.pop_back();
  if (!xml::is_xml_text(output))
    throw Fault(Fault::Kind::failed, "the output is neither JSON nor text");
  const Type& held = result.is_optional() ? result.element.at(0) : result;
  if (held.kind != Type::Kind::any) {
    try {
      return typed_value(output, result, {});
    } catch (const Fault& fault) {
      throw Fault(Fault::Kind::failed,
                  "the output is not what the method promises: " + fault.message());
    }
  }
  return output;
}

}  // namespace

Value served_result(Ending ending, const Type& result, bool admin) {
  const std::string line = printable(ending.error_line);
  switch (ending.kind) {
    case Ending::Kind::exited:
      break;
    case Ending::Kind::timed_out:
      throw Fault(Fault::Kind::timeout, "the command did not end in time");
    case Ending::Kind::stopped:
      throw Fault(Fault::Kind::cancelled, "the command was stopped");
    case Ending::Kind::oversize:
      throw Fault(Fault::Kind::too_big, "the command wrote more than it may");
    case Ending::Kind::signalled:
      fail("the command ended by signal " + std::to_string(ending.status), line, admin);
    case Ending::Kind::not_started:
      fail("the command cannot be started", admin ? std::strerror(ending.status) : "", admin);
  }
  if (ending.status == 0) return value_of(std::move(ending.output), result);
  const auto grpc = static_cast<GrpcStatus>(ending.status - exit_status_base);
  if (!is_answer(ending.status))
    fail("the command ended with status " + std::to_string(ending.status), line, admin);
  // UNKNOWN is how gRPC says a fault of the service's own; its code here is the status itself.
  if (grpc == GrpcStatus::unknown) throw Fault(ending.status, line);
  throw Fault(read_grpc(grpc).kind, line);
}

std::string text_of(const Ending& ending) {
  switch (ending.kind) {
    case Ending::Kind::exited:
      return "status " + std::to_string(ending.status);
    case Ending::Kind::signalled:
      return "signal " + std::to_string(ending.status);
    case Ending::Kind::not_started:
      return std::string("not started: ") + std::strerror(ending.status);
    case Ending::Kind::timed_out:
      return "killed at its deadline";
    case Ending::Kind::oversize:
      return "killed for its output";
    case Ending::Kind::stopped:
      break;
  }
  return "stopped";
}

void add_served_command(Service& service, ServedCommand command) {
  const auto served = std::make_shared<const ServedCommand>(std::move(command));
  const auto taken = std::make_shared<std::atomic<size_t>>(0);
  for (const MethodDescription& method : served->methods) {
    Handler handler;
    handler.plain = [served, taken, method](Call& call, const Value::Array& arguments) {
      const Place place(*taken, served->runs_max);
      return run(*served, method, call, arguments);
    };
    // A thread a run and one beside them that says busy.
    service.method(method, std::move(handler)).on_threads(served->runs_max + 1);
  }
  // So that others see when it is full, and go elsewhere.
  service.at_once(served->runs_max);
}

}  // namespace xbus::cli
