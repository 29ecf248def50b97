// A hop of `xbus trace`: an entity on the way of a stanza, whether it answers and how fast, or what
// its error means.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/client/answer.hpp"
#include "bus/clock.hpp"
#include "rpc/fault.hpp"
#include "rpc/value.hpp"
#include "services/xbus/terminal.hpp"

namespace xbus::cli {

struct Hop {
  enum class Role : uint8_t { server, domain, registry, service, instance, account, resource };
  Role role = Role::server;
  std::string name = {};  // its JID
  std::string is = {};    // what it says that it is: identities of disco, as it spells them

  // How often it was asked, how often it answered, and in what time.
  size_t asked = 0, answered = 0;
  Duration least{}, most{}, sum{};

  // Why it did not answer, or with which error; absent where it is well.
  std::optional<Fault> fault = {};
  std::string means = {};

  bool well() const { return !fault; }
  // An answer, after so long. An error that only an entity which is there can give counts as one.
  void note(const client::Answer& answer, Duration took);
};

// What an error of this entity, or silence, tells about the way to it.
std::string meaning(Hop::Role role, const client::Answer& answer);

// One line, with its line feed, printable: "ok      instance  agent@localhost/h  0.4 ms  ...".
std::string hop_line(const Hop& hop, const Terminal& terminal);
// hop, jid, result, is, asked, answered, milliseconds (the mean), least, most; of a failure
// condition, means, message, kind and status.
Value hop_value(const Hop& hop);

}  // namespace xbus::cli
