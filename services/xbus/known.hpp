// What is known of a bus without asking it: the services that were on it lately, for completion.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/description.hpp"
#include "rpc/registry/protocol.hpp"
#include "rpc/value.hpp"

namespace xbus::cli {

struct KnownService {
  std::string name, hash;  // the hash of its interface, empty where it has none
  std::vector<std::string> instances, jids, methods;
  std::optional<Description> description;
};

struct Known {
  std::string domain;
  std::vector<KnownService> services;
  std::vector<std::string> topics = {};

  // Names compare as typed.
  const KnownService* find(std::string_view name) const;
  // Takes over what the registry says is live; descriptions stay with their hashes.
  void update(const std::vector<registry::ServiceInfo>& live);
};

// As JSON and back; what is not understood is left out. A description is read as far as completion
// needs it.
Value to_value(const Known& known);
Known known_from(const Value& value);

}  // namespace xbus::cli
