// The methods that every service has: XML-RPC introspection for any client, the whole description for ours.
#pragma once

namespace xbus {

class Service;

// The name of the method that gives the description as bytes (rpc/describe.hpp).
inline constexpr const char* describe_method = "system.describe";

// Adds system.listMethods, system.methodSignature, system.methodHelp and system.describe, once. Whoever may call the
// service may call them; a caller is told only of methods that it may call itself.
void add_introspection(Service& service);

}  // namespace xbus
