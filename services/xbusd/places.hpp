// Where xbusd keeps its socket and its data (design D9).
#pragma once
#include <string>

#include "bus/result.hpp"

namespace xbus::xbusd {

// The per-user socket: $XDG_RUNTIME_DIR/xbus/socket, else /run/xbus-0/socket for root, else
// /tmp/xbus-UID/socket. Its folder is made with mode 0700 and must belong to this user alone.
// Errors are a line for a person.
Result<std::string, std::string> user_socket();

// The system's: /run/xbus/socket; the folder is made where it is not there.
Result<std::string, std::string> system_socket();

// $XDG_STATE_HOME/xbus or ~/.local/state/xbus, made with mode 0700.
Result<std::string, std::string> user_data();

// $STATE_DIRECTORY or /var/lib/xbus.
Result<std::string, std::string> system_data();

// Makes a folder and those above it; what is there stays as it is.
Result<std::string, std::string> make_folder(const std::string& path, unsigned mode);

}  // namespace xbus::xbusd
