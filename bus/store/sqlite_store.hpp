// A Store in one SQLite file: write-ahead log, every commit synced, one writer thread that puts all
// writes asked for since the last commit into the next one.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
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
    in_use,       // another process has it open
  } kind = Kind::cannot_open;
  std::string text;  // for the log
};

// Writes that could not be done.
struct StoreTrouble {
  std::string path;
  std::string error;    // what SQLite says
  uint64_t writes = 0;  // how many since the last word
};
// Told from the writer thread, before those who wait for the writes: at once, and while it goes on
// every trouble_report_time.
using ReportTrouble = std::function<void(const StoreTrouble&)>;
inline constexpr auto trouble_report_time = std::chrono::seconds(10);

// Opens or makes the file (mode 0600), for this process alone: PATH.lock is held as long as the
// store lives. The folder must be there.
Result<std::unique_ptr<Store>, StoreError> open_sqlite_store(const std::string& path,
                                                             ReportTrouble report = {});

}  // namespace xbus::store
