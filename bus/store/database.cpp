#include "bus/store/database.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace xbus::store {

Statement::Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::bind(int position, std::string_view bytes) {
  // A null pointer would bind NULL; the empty value is an empty blob.
  sqlite3_bind_blob64(handle_, position, bytes.data() ? bytes.data() : "", bytes.size(),
                      SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind(int position, int64_t number) {
  sqlite3_bind_int64(handle_, position, number);
  return *this;
}

bool Statement::run() {
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(handle_);
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  return code == SQLITE_DONE;
}

bool Statement::next() {
  if (sqlite3_step(handle_) == SQLITE_ROW) return true;
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  return false;
}

std::string Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  auto size = static_cast<size_t>(sqlite3_column_bytes(handle_, column));
  return data ? std::string(data, size) : std::string();
}

int64_t Statement::number(int column) const { return sqlite3_column_int64(handle_, column); }

namespace {

// For whoever runs the program; the library's own words stand behind.
std::string_view in_words(int code) {
  switch (code & 0xff) {
    case SQLITE_CANTOPEN:
      return "it cannot be opened";
    case SQLITE_NOTADB:
      return "this is no database";
    case SQLITE_CORRUPT:
      return "the file is damaged";
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_IOERR:
      return "the disk does not read or write it";
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "it cannot be written";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program uses it";
    default:
      return "the database fails";
  }
}

}  // namespace

Database::~Database() { sqlite3_close(handle_); }

bool Database::open(const std::string& path) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr) != SQLITE_OK) return false;
  sqlite3_busy_timeout(handle_, 5000);
  return true;
}

bool Database::run(const char* sql) {
  return sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

Statement Database::prepare(const char* sql) {
  Statement statement;
  if (sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement.handle_,
                         nullptr) != SQLITE_OK) {
    std::fprintf(stderr, "store: %s: %s\n", sql, sqlite3_errmsg(handle_));
    std::abort();
  }
  return statement;
}

int64_t Database::number(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_, sql, -1, &raw, nullptr) != SQLITE_OK) return -1;
  int64_t value = sqlite3_step(raw) == SQLITE_ROW ? sqlite3_column_int64(raw, 0) : -1;
  sqlite3_finalize(raw);
  return value;
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

std::string Database::error() const {
  if (!handle_) return "out of memory";
  return std::string(in_words(sqlite3_errcode(handle_))) + " (" + sqlite3_errmsg(handle_) + ")";
}

}  // namespace xbus::store
