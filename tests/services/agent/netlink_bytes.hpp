// Writes what the kernel would say over rtnetlink: padding, headers, attributes.
#pragma once
#include <linux/rtnetlink.h>

#include <cstdint>
#include <string>

namespace xbus::agent {

template <class T>
std::string bytes_of(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

inline std::string padded(std::string text) {
  text.resize((text.size() + 3) & ~size_t{3});
  return text;
}

inline std::string attribute(uint16_t type, const std::string& value) {
  const rtattr header{static_cast<uint16_t>(sizeof(rtattr) + value.size()), type};
  return padded(bytes_of(header) + value);
}

inline std::string message(uint16_t type, const std::string& payload) {
  const nlmsghdr header{static_cast<uint32_t>(sizeof(nlmsghdr) + payload.size()), type, 0, 1, 0};
  return padded(bytes_of(header) + payload);
}

}  // namespace xbus::agent
