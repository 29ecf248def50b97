// The description of a service in a file: for where the service does not say itself what it offers.
#pragma once
#include <optional>
#include <string>

#include "rpc/description.hpp"

namespace xbus::cli {

// Reads a FileDescriptorSet of one service, as `xbus describe --save` and
// `protoc --include_imports --descriptor_set_out` write it; nothing where the path is empty. Throws a Fault of kind
// invalid that names the file when it cannot be read, is longer than limits::message_bytes_max, or is no such set.
std::optional<Description> description_in(const std::string& path);

// Writes one. Empty when it is done, else what is wrong, with the file's name.
std::string save_description(const std::string& path, const Description& description);

}  // namespace xbus::cli
