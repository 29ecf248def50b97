#include "services/xbus/invocation.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "bus/net/io_loop.hpp"
#include "rpc/error_table.hpp"
#include "services/common/json.hpp"
#include "services/common/printable.hpp"
#include "services/xbus/failure.hpp"
#include "services/xbus/trace.hpp"
#include "services/xbus/value_view.hpp"

namespace xbus::cli {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

struct Failure {
  std::string doing;
  Fault fault;
};

// Runs the body inside the connection; what goes wrong is kept for where it may be waited on again.
Task<int> attend(Bus& bus, const std::string& doing, const Body& body,
                 std::optional<Failure>& failure) {
  bool connected = false;
  try {
    co_await bus.connect();
    connected = true;
    const int status = co_await body(bus);
    co_return status;
  } catch (const Fault& fault) {
    failure = Failure{connected ? doing : std::string(doing_connect), fault};
  }
  co_return 0;
}

Task<void> visit(Bus& bus, const Invocation& invocation, const std::string& doing, const Body& body,
                 std::optional<int>& status) {
  std::optional<Failure> failure;
  int found = co_await attend(bus, doing, body, failure);
  if (failure) found = invocation.fail(failure->doing, failure->fault);
  co_await bus.close();
  status = found;
}

}  // namespace

Duration Invocation::time_max() const {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(timeout));
}

bool Invocation::print_text(std::string_view text) const {
  if (write_all(1, text)) return true;
  // Nobody reads any more, as after `| head`: not worth a word.
  if (errno != EPIPE) fail("write", std::string_view("the output cannot be written"));
  return false;
}

bool Invocation::print(const Value& value) const {
  if (!wants_json()) return print_text(value_view(value, out));
  const auto layout = out.person ? common::JsonLayout::indented : common::JsonLayout::compact;
  return print_text(common::json_text(value, layout) + "\n");
}

int Invocation::fail(std::string_view doing, const Fault& fault) const {
  write_all(2, err.red(failure_line(doing, fault)) + "\n");
  return exit_status(fault.kind());
}

int Invocation::fail(std::string_view doing, std::string_view why, int status) const {
  const std::string line = "xbus: " + std::string(doing) + ": " + std::string(why);
  write_all(2, err.red(common::printable(line)) + "\n");
  return status;
}

xml::Element payload_or_fault(const client::Answer& answer) {
  using Kind = client::Answer::Kind;
  switch (answer.kind) {
    case Kind::result:
      break;
    case Kind::error:
      throw fault_from(answer.error);
    case Kind::timed_out:
      throw Fault(Fault::Kind::timeout, "no answer");
    case Kind::lost:
      throw Fault(Fault::Kind::lost, "the connection ended");
    case Kind::not_sent:
      throw fault_from(answer.error);
  }
  const xml::Element* payload = answer.stanza.first_element();
  return payload == nullptr ? xml::Element() : *payload;
}

xml::Element managed_or_fault(const client::Answer& answer) {
  const bool error = answer.kind == client::Answer::Kind::error;
  if (error && answer.error.condition == xmpp::Condition::item_not_found)
    throw Fault(Fault::Kind::not_found, answer.error.text);
  if (error && answer.error.condition == xmpp::Condition::not_acceptable)
    throw Fault(Fault::Kind::invalid, answer.error.text);
  if (error && answer.error.condition == xmpp::Condition::not_allowed)
    throw Fault(Fault::Kind::forbidden, answer.error.text);
  return payload_or_fault(answer);
}

int with_bus(const Invocation& invocation, const std::string& doing, Body body) {
  ::signal(SIGPIPE, SIG_IGN);
  auto connection = invocation.connection.options();
  if (!connection) return invocation.fail(doing, connection.error());
  BusOptions options;
  options.connection = std::move(*connection);
  options.connection.reconnect = false;
  options.connection.connect_time_max =
      std::min(options.connection.connect_time_max, invocation.time_max());
  options.log = [&](LogLevel, std::string_view line) { invocation.fail(doing, line); };

  net::IoLoop loop;
  std::optional<int> status;
  {
    Bus bus(loop, std::move(options));
    if (invocation.explain)
      bus.client().on_trace([&](bool outbound, std::string_view stanza) {
        write_all(2, trace_text(outbound, stanza, invocation.err));
      });
    spawn(visit(bus, invocation, doing, body, status));
    loop.run_until([&] { return status.has_value(); },
                   limits::call_time_max + std::chrono::minutes(1));
  }
  return status.value_or(exit_local_trouble);
}

}  // namespace xbus::cli
