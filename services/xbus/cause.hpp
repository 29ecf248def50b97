// Why a step on the way to a service failed, and what it found where it did not.
#pragma once
#include <string>
#include <string_view>

#include "bus/client/answer.hpp"
#include "bus/client/progress.hpp"
#include "bus/clock.hpp"
#include "services/xbus/finding.hpp"
#include "services/xbus/gathering.hpp"

namespace xbus::cli {

// What the connection was asked for.
struct Asked {
  std::string address = {};  // as given; empty: the usual sockets
  std::string account = {};  // empty: as whom the kernel or the certificate says
  std::string domain = {};
  bool has_password = false;
  Duration time_max{};
};

// The step's name in a finding.
std::string_view word_of(client::Step::Kind kind);
Finding finding_of(const client::Step& step, const Asked& asked);

// Whether the registry is there: its answer to disco#info.
Finding registry_finding(const client::Answer& answer, const std::string& domain, Duration took);
// How one instance has answered a call.
Finding call_finding(const Reply& reply, Duration deadline);

}  // namespace xbus::cli
