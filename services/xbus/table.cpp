#include "services/xbus/table.hpp"

#include <algorithm>

#include "rpc/printable.hpp"

namespace xbus::cli {
namespace {

constexpr size_t gap = 2;  // spaces between columns

// `shown` is the text with its colour, `width` what the text itself takes.
void append_cell(std::string& line, const std::string& shown, size_t width, size_t wanted,
                 Align align) {
  const size_t pad = wanted - std::min(width, wanted);
  if (align == Align::right) line.append(pad, ' ');
  line += shown;
  if (align == Align::left) line.append(pad, ' ');
}

void end_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line;
  out += '\n';
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (Column& column : columns_) column.name = printable(column.name);
}

void Table::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::text(const Terminal& terminal) const {
  if (rows_.empty()) return {};
  std::vector<size_t> widths;
  size_t total = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = columns(columns_[i].name);
    for (const auto& row : rows_) width = std::max(width, columns(row[i]));
    widths.push_back(width);
    total += width + (i == 0 ? 0 : gap);
  }
  if (terminal.person && total > terminal.width) return blocks_text(terminal);
  return rows_text(terminal, widths);
}

std::string Table::rows_text(const Terminal& terminal, const std::vector<size_t>& widths) const {
  std::string out, line;
  const auto add = [&](size_t i, const std::string& shown, const std::string& plain) {
    if (i > 0) line.append(gap, ' ');
    append_cell(line, shown, columns(plain), widths[i], columns_[i].align);
  };
  for (size_t i = 0; i < columns_.size(); ++i) {
    const std::string& name = columns_[i].name;
    add(i, terminal.bold(name), name);
  }
  end_line(out, std::move(line));
  for (const auto& row : rows_) {
    line.clear();
    for (size_t i = 0; i < columns_.size(); ++i) add(i, row[i], row[i]);
    end_line(out, std::move(line));
  }
  return out;
}

std::string Table::blocks_text(const Terminal& terminal) const {
  size_t widest = 0;
  for (const Column& column : columns_) widest = std::max(widest, columns(column.name));
  std::string out;
  for (const auto& row : rows_) {
    if (&row != rows_.data()) out += '\n';
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (row[i].empty()) continue;
      const std::string& name = columns_[i].name;
      std::string line;
      append_cell(line, terminal.bold(name), columns(name), widest + gap, Align::left);
      end_line(out, line + row[i]);
    }
  }
  return out;
}

}  // namespace xbus::cli
