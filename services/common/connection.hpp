// Where the bus is and as whom a program logs in: the options that all programs share.
#pragma once
#include <optional>
#include <string>

#include "bus/client/client.hpp"
#include "bus/result.hpp"
#include "services/common/command_line.hpp"

namespace xbus::common {

// Whether the bus knows its peers from the kernel, so that an account's name is that of a user of
// this host.
enum class KernelIdentity { no, yes };

// How an address of a bus is written.
inline constexpr const char* bus_address_forms =
    "unix:PATH, xmpp://[USER@]HOST[:PORT], xmpps://[USER@]HOST[:PORT] or, on this host only, tcp://HOST:PORT";

struct Connection {
  std::string bus;      // --bus ADDRESS
  std::string account;  // --account NAME
  std::string password_file, ca, pin, certificate, key;

  // Adds the options to a program's.
  void add_to(CommandLine& line);

  // What the client needs; the password comes from the file, else $XBUS_PASSWORD, else the person
  // at the terminal, and is asked for only where the address or the account needs one. The error is
  // one line that says what to do.
  Result<client::Options, std::string> options() const;

  // Yes on a unix socket.
  KernelIdentity kernel_identity() const;

  // Where the bus is: the option, else $XBUS_BUS; empty: the per-user or the system's bus.
  std::string address() const;
};

// What is wrong with the address that was given, else with $XBUS_BUS: a line that says which of them, why, and how
// addresses are written. Nothing where it is one, or none is given.
std::optional<std::string> wrong_address(const std::string& given);

// The address that was given, else $XBUS_BUS, else empty.
std::string bus_address(const std::string& given);

}  // namespace xbus::common
