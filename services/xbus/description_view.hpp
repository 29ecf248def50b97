// What a service offers and who is on the bus, for a person and as values for JSON.
#pragma once
#include <string>
#include <vector>

#include "rpc/description.hpp"
#include "rpc/registry/protocol.hpp"
#include "rpc/value.hpp"
#include "services/xbus/terminal.hpp"

namespace xbus::cli {

// The whole description, or one method of it with the types it uses.
std::string description_view(const Description& description, const Terminal& terminal);
std::string method_view(const Description& description, const MethodDescription& method,
                        const Terminal& terminal);

Value description_value(const Description& description);
Value method_value(const Description& description, const MethodDescription& method);

// A line a service: how many instances, their state, load, since when, version; names whose
// instances differ are marked.
std::string services_view(const std::vector<registry::ServiceInfo>& services,
                          const Terminal& terminal);
Value services_value(const std::vector<registry::ServiceInfo>& services);

}  // namespace xbus::cli
