#include "services/xbus/failure.hpp"

#include "services/common/printable.hpp"

namespace xbus::cli {
namespace {

// What whoever reads the line can do about it; empty where the message says it all.
std::string_view advice(FaultKind kind) {
  switch (kind) {
    case FaultKind::unavailable:
      return "`xbus list` shows who is there";
    case FaultKind::no_such_method:
      return "`xbus describe SERVICE` shows its methods";
    case FaultKind::invalid:
      return "`xbus describe SERVICE METHOD` shows what it takes";
    case FaultKind::timeout:
      return "--timeout SECONDS allows more";
    case FaultKind::lost:
      return "it may have run: look before calling again";
    case FaultKind::busy:
      return "try again later";
    case FaultKind::not_logged_in:
      return "check --account and the password";
    case FaultKind::forbidden:
      return "whoever runs it decides who may";
    default:
      return {};
  }
}

}  // namespace

std::string failure_line(std::string_view doing, const Fault& fault) {
  const bool no_bus = doing == doing_connect && fault.kind() == FaultKind::unavailable;
  std::string line = "xbus: " + std::string(doing) + ": " + std::string(fault.kind_name());
  if (fault.kind() == Fault::Kind::custom) line += " " + std::to_string(fault.code());
  if (!fault.message().empty()) line += ": " + fault.message();
  const std::string_view hint =
      no_bus ? "start xbusd, or say with --bus where the bus is" : advice(fault.kind());
  if (!hint.empty()) line += "; " + std::string(hint);
  return common::printable(line);
}

}  // namespace xbus::cli
