// A Store in one SQLite file: write-ahead log, every commit synced, one writer thread that puts all
// writes asked for since the last commit into the next one.
#pragma once
#include <memory>
#include <string>

#include "bus/result.hpp"
#include "bus/store/store.hpp"

namespace xbus::store {

// The layout that this program writes. A file of a newer one is refused; an older one is brought up
// to it.
inline constexpr int schema_version = 2;

struct StoreError {
  enum class Kind {
    cannot_open,  // no such folder, no right, no SQLite file
    newer,        // written by a newer program
    broken,       // the file is damaged or of another program
  } kind = Kind::cannot_open;
  std::string text;  // for the log
};

// Opens or makes the file (mode 0600). The folder must be there.
Result<std::unique_ptr<Store>, StoreError> open_sqlite_store(const std::string& path);

}  // namespace xbus::store
