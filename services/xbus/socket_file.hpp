// The socket of a bus as the file system has it: whose it is, and who may connect.
#pragma once
#include <string>

namespace xbus::cli {

struct SocketFile {
  int error = 0;  // errno of the look at it; the rest is then not known
  bool is_socket = false;
  std::string owner = {};  // a login name, or "uid 7"
  unsigned mode = 0;       // of permissions
};

// Links are followed, as connect() follows them.
SocketFile socket_file(const std::string& path);

// "belongs to root, mode 0600".
std::string belongs_text(const SocketFile& file);

}  // namespace xbus::cli
