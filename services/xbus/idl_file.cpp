#include "services/xbus/idl_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "bus/limits.hpp"
#include "rpc/describe.hpp"

namespace xbus::cli {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Fault(Fault::Kind::invalid, path + ": " + why);
}

}  // namespace

std::optional<Description> description_in(const std::string& path) {
  if (path.empty()) return std::nullopt;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) refuse(path, "is a folder");
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, std::strerror(errno));
  std::string text;
  for (std::istreambuf_iterator<char> at(file), end; at != end; ++at) {
    if (text.size() >= limits::message_bytes_max)
      refuse(path, "longer than " + std::to_string(limits::message_bytes_max) + " bytes");
    text += *at;
  }
  const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
  auto description = description_from(Bytes(bytes, bytes + text.size()));
  if (!description)
    refuse(path, "no FileDescriptorSet of one service, as `xbus describe SERVICE --save FILE` and protoc write it");
  return std::move(*description);
}

std::string save_description(const std::string& path, const Description& description) {
  const Bytes bytes = to_descriptor_set(description);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file) return path + ": " + std::strerror(errno);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  return file ? std::string() : path + ": cannot be written";
}

}  // namespace xbus::cli
