// A table for a person: columns in line under their names, nothing in a cell that acts on the
// terminal.
#pragma once
#include <string>
#include <vector>

#include "services/xbus/terminal.hpp"

namespace xbus::cli {

enum class Align { left, right };

class Table {
 public:
  struct Column {
    std::string name;
    Align align = Align::left;
  };

  // Their names are made printable.
  explicit Table(std::vector<Column> columns);

  // A row; missing cells are empty, cells beyond the columns are left out. Each is made printable.
  void add(std::vector<std::string> cells);
  size_t size() const { return rows_.size(); }

  // The rows under a line of names, each line with its line feed. Where the rows are wider than the
  // terminal, one block a row instead, a line a cell. Without rows, the empty string.
  std::string text(const Terminal& terminal) const;

 private:
  std::string rows_text(const Terminal& terminal, const std::vector<size_t>& widths) const;
  std::string blocks_text(const Terminal& terminal) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace xbus::cli
