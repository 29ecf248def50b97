// A SQLite connection and its prepared statements, closed by their destructors.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace xbus::store {

// A prepared statement, bound by position from 1. After a run it is reset and can be bound again.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  Statement& bind(int position,
                  std::string_view bytes);  // as a blob; the bytes must live until the run
  Statement& bind(int position, int64_t number);
  // Runs it to its end; false when it failed.
  bool run();
  // The next row, or false at the end (the statement is then reset).
  bool next();
  std::string bytes(int column) const;
  int64_t number(int column) const;

 private:
  friend class Database;
  sqlite3_stmt* handle_ = nullptr;
};

class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();  // statements must be gone

  bool open(const std::string& path);
  bool run(const char* sql);  // statements without parameters
  // Aborts on SQL that does not fit the schema: that is a bug.
  Statement prepare(const char* sql);
  int64_t number(const char* sql);  // the first column of the first row; -1 on failure
  // Whether BEGIN still holds: some errors, a full disk among them, end the whole transaction.
  bool in_transaction() const;
  std::string error() const;  // of the last call that failed

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace xbus::store
