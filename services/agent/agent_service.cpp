#include "services/agent/agent_service.hpp"

#include <utility>

#include "bus/limits.hpp"
#include "rpc/convert.hpp"
#include "rpc/fault.hpp"
#include "services/agent/disks.hpp"
#include "services/agent/interfaces.hpp"
#include "services/agent/journal.hpp"
#include "services/agent/load.hpp"
#include "services/agent/memory.hpp"
#include "services/agent/processes.hpp"
#include "services/agent/uptime.hpp"

namespace xbus::agent {
namespace {

template <class T>
T value_or_fault(Result<T, KernelError> found, const char* what) {
  if (found) return std::move(*found);
  const bool unreadable = found.error() == KernelError::unreadable;
  throw Fault(Fault::Kind::failed,
              std::string(what) + (unreadable ? " cannot be read on this host"
                                              : " is told in a form that is not known"));
}

std::string range_text(const char* name, size_t most) {
  return std::string(name) + " must be between 1 and " + std::to_string(most);
}

std::vector<LogLine> logs_or_fault(const std::string& unit, int32_t lines,
                                   const std::string& folder) {
  auto found = logs(unit, lines, folder);
  if (found) return std::move(*found);
  switch (found.error()) {
    case JournalError::bad_unit:
      throw Fault(Fault::Kind::invalid, "unit must be the name of a unit, such as ssh.service");
    case JournalError::bad_lines:
      throw Fault(Fault::Kind::invalid, range_text("lines", limits::agent_log_lines_max));
    case JournalError::none_here:
    case JournalError::unreadable:
      break;
  }
  throw Fault(Fault::Kind::failed, "the journal cannot be read on this host");
}

void allow(Method& method, const std::optional<Acl>& acl) {
  if (acl) {
    method.allow(*acl);
  } else {
    method.admins_only();
  }
}

void add_processes(Service& service, const AgentOptions& options) {
  const auto list = [proc = options.proc](Call& call, std::optional<int32_t> top) {
    const int32_t count = top.value_or(10);
    if (count < 1 || static_cast<size_t>(count) > limits::agent_processes_max)
      throw Fault(Fault::Kind::invalid, range_text("top", limits::agent_processes_max));
    ProcessSource source;
    source.proc = proc;
    return value_or_fault(
        processes(count, call.admin ? Arguments::shown : Arguments::hidden, source), "processes");
  };
  allow(service.method("processes", {"top"}, list)
            .doc("The processes that used most processor time, 10 unless `top` says otherwise.\n"
                 "Command arguments are told to admins only.")
            .idempotent()
            .blocking(),
        options.processes);
}

void add_logs(Service& service, const AgentOptions& options) {
  const auto list = [folder = options.journal](const std::string& unit,
                                               std::optional<int32_t> lines) {
    return logs_or_fault(unit, lines.value_or(20), folder);
  };
  allow(service.method("logs", {"unit", "lines"}, list)
            .doc("The last lines of one unit in the journal, oldest first, 20 unless `lines` says "
                 "otherwise.")
            .idempotent()
            .blocking(),
        options.logs);
}

}  // namespace

void add_agent_methods(Service& service, const AgentOptions& options) {
  const std::string proc = options.proc;
  service.doc("What the kernel of this host says about it.");
  service.method("interfaces", [] { return value_or_fault(interfaces(), "interfaces"); })
      .doc("The network interfaces: state, addresses and counters since they were made.")
      .idempotent();
  service.method("load", [proc] { return value_or_fault(load(proc), "the load"); })
      .doc("How busy the processors are.")
      .idempotent();
  service.method("memory", [proc] { return value_or_fault(memory(proc), "memory"); })
      .doc("The memory, in bytes.")
      .idempotent();
  service.method("disks", [proc] { return value_or_fault(disks(proc), "disks"); })
      .doc("The filesystems that hold data, in bytes. Network filesystems are left out.")
      .idempotent()
      .blocking();
  service.method("uptime", [proc] { return value_or_fault(uptime(proc), "uptime"); })
      .doc("Since when the host runs, and what it is.")
      .idempotent();
  add_processes(service, options);
  if (has_journal(options.journal)) add_logs(service, options);
}

}  // namespace xbus::agent
