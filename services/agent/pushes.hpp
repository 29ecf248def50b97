// What the agent publishes by itself: its topics, each with what watches for it.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rpc/bus.hpp"
#include "rpc/service.hpp"
#include "services/agent/thresholds.hpp"
#include "services/common/log.hpp"

namespace xbus::agent {

struct PushOptions {
  std::vector<std::string> topics = {"link", "load", "disk", "memory"};  // which of them
  std::string alert;  // a JID that is told of what people should know; empty: none
  Limits limits;
  std::string proc = "/proc";
  std::optional<int>
      log_priority;     // lines of the journal from this priority up (0 to 7) go to the topic log; none: none do
  std::string journal;  // as in AgentOptions
};

// The words that `topics` may hold.
const std::vector<std::string>& push_topics();

// Says in the service's description what it publishes.
void add_agent_events(Service& service, const PushOptions& options);

// From its making to its end. Lives on the bus's loop, and ends before the bus.
class Pushes {
 public:
  // The topics are NAME/link and so on, NAME being the service's; the host is named by the bus's resource.
  Pushes(Bus& bus, const Service& service, const PushOptions& options, const common::Log& log);
  ~Pushes();
  Pushes(const Pushes&) = delete;
  Pushes& operator=(const Pushes&) = delete;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace xbus::agent
