// The service `agent`: what this host's kernel says, as methods.
#pragma once
#include <optional>
#include <string>

#include "rpc/acl.hpp"
#include "rpc/service.hpp"

namespace xbus::agent {

struct AgentOptions {
  std::string proc = "/proc";          // where procfs is mounted
  std::string journal;                 // a folder of journals; empty: the host's own
  std::optional<Acl> processes, logs;  // who may call these; else the service's admins alone
};

// Adds interfaces, load, memory, disks, processes, uptime, and logs where there is a journal.
// Command arguments are told to the service's admins only, whoever else may call `processes`.
void add_agent_methods(Service& service, const AgentOptions& options);

}  // namespace xbus::agent
