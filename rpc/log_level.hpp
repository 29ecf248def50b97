// LogLevel: how much a program says of itself.
#pragma once
#include <cstdint>

#include "rpc/members.hpp"

namespace xbus {

enum class LogLevel : uint8_t { debug, info, warn, error };
XBUS_ENUM(LogLevel, debug, info, warn, error)

constexpr std::string_view name_of(LogLevel level) {
  return xbus_values(static_cast<const LogLevel*>(nullptr))[static_cast<size_t>(level)].name;
}

}  // namespace xbus
