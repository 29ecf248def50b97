// The keys of config.toml: the one table that its reader and its manual page are made of.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "services/common/man_page.hpp"
#include "services/xbus/contexts.hpp"

namespace xbus::cli {

// A string of [context.NAME].
struct ContextKey {
  std::string name, about;
  std::variant<std::string Context::*, std::string Credentials::*> member;
  bool path = false;   // of a file
  bool login = false;  // of an account: it may stand in [context.NAME.as.ACCOUNT] too
  std::string (*wrong)(const std::string& value) = nullptr;  // what is wrong with a value, else empty
};

std::vector<ContextKey> context_keys();

// xbus-config.toml(5); `version` names program and version at its foot.
common::ManPage contexts_page(const std::string& version);

}  // namespace xbus::cli
