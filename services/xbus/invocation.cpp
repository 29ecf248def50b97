#include "services/xbus/invocation.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "bus/net/io_loop.hpp"
#include "rpc/error_table.hpp"
#include "rpc/json.hpp"
#include "rpc/printable.hpp"
#include "services/xbus/failure.hpp"
#include "services/xbus/known_file.hpp"
#include "services/xbus/refresh.hpp"
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

// Younger knowledge is not asked for again by verbs that go to the bus for something else.
constexpr auto knowledge_fresh = std::chrono::seconds(10);

// Brings what completion knows of the bus up to date over a connection that is there anyway.
class Learning {
 public:
  explicit Learning(const Invocation& invocation)
      : file_(invocation.connection), only_(invocation.knowledge == Invocation::Knowledge::only) {
    const auto age = file_.age();
    // --explain shows the stanzas of the verb and no others.
    const bool beside = invocation.knowledge == Invocation::Knowledge::beside;
    wanted_ = only_ || (beside && !invocation.explain && (!age || *age > knowledge_fresh));
  }

  Task<void> begin(Bus& bus, Duration time_max) {
    if (!wanted_) co_return;
    refreshed_->known = file_.read();
    auto learning = refresh(bus, refreshed_, time_max);
    if (only_) {
      auto learning_topics = refresh_topics(bus, refreshed_, time_max);
      co_await std::move(learning_topics);
      co_await std::move(learning);
    } else {
      spawn(std::move(learning));
    }
  }
  // Writes down what has come by now.
  void end() const {
    refreshed_->stopped = true;
    if (refreshed_->changed) file_.write(refreshed_->known);
  }

 private:
  KnownFile file_;
  bool only_ = false, wanted_ = false;
  std::shared_ptr<Refreshed> refreshed_ = std::make_shared<Refreshed>();
};

// Who connects: the body may want to tell how that goes.
enum class Connects { here, in_body };

// Runs the body inside the connection; what goes wrong is kept for where it may be waited on again.
Task<int> attend(Bus& bus, const Invocation& invocation, const std::string& doing, const Body& body,
                 Connects connects, Learning& learning, std::optional<Failure>& failure) {
  bool connected = connects == Connects::in_body;
  try {
    if (!connected) {
      co_await bus.connect();
      connected = true;
      co_await learning.begin(bus, invocation.time_max());
    }
    const int status = co_await body(bus);
    co_return status;
  } catch (const Fault& fault) {
    failure = Failure{connected ? doing : std::string(doing_connect), fault};
    const std::string address = invocation.connection.address();
    if (!connected && !address.empty()) failure->fault.detail("bus", address);
  }
  co_return 0;
}

// How the verb ended; `given_up` is the status of whoever does not wait for that.
struct Ending {
  std::optional<int> status, given_up;
  std::function<void()> give_up;  // set while there is a bus to leave
};

Task<void> visit(Bus& bus, const Invocation& invocation, const std::string& doing, const Body& body,
                 Connects connects, Ending& ending) {
  std::optional<Failure> failure;
  Learning learning(invocation);
  int found = co_await attend(bus, invocation, doing, body, connects, learning, failure);
  if (failure && !ending.given_up) found = invocation.fail(failure->doing, failure->fault);
  learning.end();
  co_await bus.close();
  ending.status = found;
}

Task<void> leave(Bus& bus) { co_await bus.close(); }

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
  const auto layout = out.person ? JsonLayout::indented : JsonLayout::compact;
  return print_text(json_text(value, layout) + "\n");
}

bool Invocation::print_line(const Value& value) const {
  return print_text(json_text(value) + "\n");
}

int Invocation::fail(std::string_view doing, const Fault& fault) const {
  const bool for_program = json || output == "json";
  write_all(2, for_program ? failure_json(doing, fault) + "\n"
                           : err.red(failure_line(doing, fault)) + "\n");
  return exit_status(fault.kind());
}

int Invocation::fail(std::string_view doing, std::string_view why, int status) const {
  const std::string line = "xbus: " + std::string(doing) + ": " + std::string(why);
  write_all(2, err.red(printable(line)) + "\n");
  return status;
}

void Invocation::note(std::string_view text) const {
  write_all(2, err.dim(printable(text)) + "\n");
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

namespace {

// As under nohup.
bool is_ignored(int number) {
  struct sigaction now {};
  return ::sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

// Connects, runs the body, leaves. `ready` sees the loop first, and may give up.
int run(const Invocation& invocation, const std::string& doing, const Body& body, Connects connects,
        const std::function<void(net::IoLoop&, Ending&)>& ready) {
  ::signal(SIGPIPE, SIG_IGN);
  auto connection = invocation.connection.options();
  if (!connection) return invocation.fail(doing, connection.error());
  BusOptions options;
  options.connection = std::move(*connection);
  options.connection.reconnect = invocation.reconnect;
  options.connection.connect_time_max =
      std::min(options.connection.connect_time_max, invocation.time_max());
  // What was asked for is printed by then: no shell waits for a server that does not say goodbye.
  options.connection.goodbye_time_max = std::chrono::seconds(1);
  options.log = [&](LogLevel, std::string_view line) { invocation.fail(doing, line); };

  net::IoLoop loop;
  Ending ending;
  ready(loop, ending);
  {
    Bus bus(loop, std::move(options));
    if (invocation.explain)
      bus.client().on_trace([&](bool outbound, std::string_view stanza) {
        write_all(2, trace_text(outbound, stanza, invocation.err));
      });
    // What is under way ends with its connection, while the bus still stands.
    ending.give_up = [&] { spawn(leave(bus)); };
    spawn(visit(bus, invocation, doing, body, connects, ending));
    while (!ending.status)
      loop.run_until([&] { return ending.status.has_value(); }, limits::call_time_max);
    ending.give_up = nullptr;
  }
  return ending.given_up.value_or(*ending.status);
}

}  // namespace

int with_bus(const Invocation& invocation, const std::string& doing, const Body& body) {
  return run(invocation, doing, body, Connects::here, [](net::IoLoop&, Ending&) {});
}

int with_unconnected_bus(const Invocation& invocation, const std::string& doing, const Body& body) {
  return run(invocation, doing, body, Connects::in_body, [](net::IoLoop&, Ending&) {});
}

int with_bus(const Invocation& invocation, const std::string& doing, const LongBody& body) {
  std::optional<Interrupt> interrupt;
  bool online = false;
  const auto ready = [&](net::IoLoop& loop, Ending& ending) {
    interrupt.emplace(loop);
    const auto end = [&](int number) {
      // Nothing to finish: not there yet, or told twice. The third does not even wait for the loop.
      if (ending.given_up) ::_exit(128 + number);
      const bool at_once = !online || interrupt->given();
      interrupt->give();
      if (!at_once) return;
      ending.given_up = 128 + number;
      if (ending.give_up) ending.give_up();
    };
    if (is_ignored(SIGHUP)) {
      loop.on_signal({SIGINT, SIGTERM}, end);
    } else {
      loop.on_signal({SIGINT, SIGTERM, SIGHUP}, end);
    }
  };
  const Body inner = [&](Bus& bus) {
    online = true;
    return body(bus, *interrupt);
  };
  return run(invocation, doing, inner, Connects::here, ready);
}

}  // namespace xbus::cli
