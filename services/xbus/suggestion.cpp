#include "services/xbus/suggestion.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "rpc/description.hpp"
#include "rpc/fault.hpp"
#include "services/common/similar.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

constexpr std::chrono::seconds patience{2};  // whoever waits has had an answer already

Task<std::vector<std::string>> names_of_services(Bus& bus) {
  std::vector<std::string> names;
  const auto services = co_await bus.list(patience);
  for (const registry::ServiceInfo& service : services) names.push_back(service.name);
  co_return names;
}

Task<std::vector<std::string>> names_of_methods(Bus& bus, std::string service) {
  CallOptions options;
  options.timeout = patience;
  options.idempotent = true;
  const Remote remote = remote_for(bus, service).with(options);
  const Description description = co_await remote.describe();
  std::vector<std::string> names;
  for (const MethodDescription& method : description.methods) names.push_back(method.name);
  co_return names;
}

// What is near to what was asked for; empty when nothing is, or nobody says.
Task<std::string> meant(Bus& bus, Fault::Kind kind, std::string service, std::string method) {
  try {
    if (kind == Fault::Kind::unavailable) {
      const auto names = co_await names_of_services(bus);
      co_return common::similar(service, names);
    }
    const auto names = co_await names_of_methods(bus, service);
    co_return common::similar(method, names);
  } catch (const Fault&) {
    co_return std::string();
  }
}

}  // namespace

Task<int> with_suggestion(Bus& bus, std::string service, std::string method, Task<int> work) {
  std::optional<Fault> fault;
  try {
    co_return co_await std::move(work);
  } catch (const Fault& caught) {
    fault = caught;
  }
  const bool no_service =
      fault->kind() == Fault::Kind::unavailable && service.find('@') == std::string::npos;
  const bool no_method = fault->kind() == Fault::Kind::no_such_method && !method.empty();
  if (no_service || no_method) {
    const std::string near = co_await meant(bus, fault->kind(), service, method);
    if (!near.empty()) fault->detail("did you mean", near);
  }
  throw std::move(*fault);
}

}  // namespace xbus::cli
