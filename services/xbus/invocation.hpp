// One run of `xbus`: where the bus is, who reads the output, and how a failure is told.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "bus/client/client.hpp"
#include "bus/task.hpp"
#include "rpc/bus.hpp"
#include "rpc/fault.hpp"
#include "services/common/connection.hpp"
#include "services/xbus/interrupt.hpp"
#include "services/xbus/terminal.hpp"

namespace xbus::cli {

// Exit statuses beside 64 + gRPC status (rpc/error_table.hpp).
inline constexpr int exit_local_trouble = 1;
inline constexpr int exit_usage = 2;

struct Invocation {
  common::Connection connection;
  std::string output = "auto";  // json, table, or by who reads
  double timeout = 10;          // seconds, for the whole verb
  bool json = false;            // the same as output = json
  bool explain = false;         // show the stanzas on standard error
  bool reconnect = false;       // a lost connection is made again
  // What is known of the bus for completion (known_file.hpp): brought up to date beside the verb's
  // own work without ever delaying it, not at all, or the one thing that is done.
  enum class Knowledge { beside, none, only };
  Knowledge knowledge = Knowledge::beside;
  Terminal out = Terminal::of(1), err = Terminal::of(2);

  bool wants_json() const { return json || output == "json" || (output == "auto" && !out.person); }
  Duration time_max() const;

  // Writes a value as JSON, indented for a person, or as a view for a person; then a line feed.
  // False when the output cannot be written.
  bool print(const Value& value) const;
  // Writes it as JSON on one line, for verbs that go on and on.
  bool print_line(const Value& value) const;
  // Writes text that is safe already.
  bool print_text(std::string_view text) const;

  // Writes the one line that says what failed, where, why and what to do, as JSON where that is
  // asked for by name, and returns its exit status.
  int fail(std::string_view doing, const Fault& fault) const;
  int fail(std::string_view doing, std::string_view why, int status = exit_local_trouble) const;
  // A line on standard error that is no failure: a summary, what happens meanwhile.
  void note(std::string_view text) const;
};

// How an iq request ended, as the outcomes of a call: its payload, or a Fault.
xml::Element payload_or_fault(const client::Answer& answer);

// The same for a request to the bus or its registry about a thing: item-not-found says that the
// thing is not there, not that the one asked is not.
xml::Element managed_or_fault(const client::Answer& answer);

using Body = std::function<Task<int>(Bus&)>;
using LongBody = std::function<Task<int>(Bus&, Interrupt&)>;

// Connects, runs the body and leaves; a Fault that comes out of it is told by fail(). Returns the
// exit status.
int with_bus(const Invocation& invocation, const std::string& doing, const Body& body);
// The same for a body that goes on until it is interrupted; a second signal ends the program at
// once.
int with_bus(const Invocation& invocation, const std::string& doing, const LongBody& body);
// For a body that connects by itself, to tell how that goes.
int with_unconnected_bus(const Invocation& invocation, const std::string& doing, const Body& body);

}  // namespace xbus::cli
