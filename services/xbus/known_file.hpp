// Where what is known of a bus is kept between runs: a file each bus and account in the person's
// cache folder.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "services/common/connection.hpp"
#include "services/xbus/known.hpp"

namespace xbus::cli {

// $XDG_CACHE_HOME/xbus, else ~/.cache/xbus; mode 0700. A folder or file that is another's, or that
// others may write, is not used.
class KnownFile {
 public:
  // The file of the bus and account that these options reach: what an account may see is its own.
  explicit KnownFile(const common::Connection& connection);

  // What stands there; empty where there is nothing, or nothing that can be read.
  Known read() const;
  // Since it was written; nothing where there is none.
  std::optional<std::chrono::system_clock::duration> age() const;
  // A descriptor that says "I am asking the bus" for as long as it is open, here or in a child of
  // this process; nothing where another process says so.
  std::optional<int> claim() const;
  // Replaces it whole, so that no reader sees half of it. Beyond limits::stanza_bytes_max it is
  // left out. False when it cannot be written, which matters to nobody.
  bool write(const Known& known) const;

 private:
  std::string folder_, path_;
};

}  // namespace xbus::cli
