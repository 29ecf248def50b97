#include "services/xbus/value_view.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "rpc/json.hpp"
#include "rpc/printable.hpp"
#include "services/xbus/table.hpp"

namespace xbus::cli {
namespace {

bool is_scalar(const Value& value) {
  return !value.is(Value::Type::array) && !value.is(Value::Type::structure);
}

bool is_number(const Value& value) {
  return value.is(Value::Type::int32) || value.is(Value::Type::int64) ||
         value.is(Value::Type::real);
}

std::string scalar_text(const Value& value) {
  if (value.is_nil()) return {};
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* time = value.get_if<Timestamp>()) return time_text(*time);
  std::string text = json_text(value);
  if (value.is(Value::Type::bytes)) return text.substr(1, text.size() - 2);
  // A whole double reads better without its ".0".
  if (value.is(Value::Type::real) && text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

// A cell: scalars as they are, a list of scalars with commas, anything deeper as JSON.
std::string cell_text(const Value& value) {
  if (is_scalar(value)) return scalar_text(value);
  const auto* items = value.get_if<Value::Array>();
  if (items == nullptr || !std::all_of(items->begin(), items->end(), is_scalar))
    return json_text(value);
  std::string out;
  for (const Value& item : *items) {
    if (&item != items->data()) out += ", ";
    out += scalar_text(item);
  }
  return out;
}

using Cells = std::vector<std::pair<std::string, const Value*>>;

// The members, with those that are structures taken apart.
void flatten(const Value::Struct& members, const std::string& before, Cells& out) {
  for (const Value::Member& member : members) {
    const auto* inside = member.value.get_if<Value::Struct>();
    if (inside != nullptr && !inside->empty()) {
      flatten(*inside, before + member.name + ".", out);
    } else {
      out.emplace_back(before + member.name, &member.value);
    }
  }
}

std::string table_view(const Value::Array& items, const Terminal& terminal) {
  std::vector<Cells> rows;
  std::vector<Table::Column> columns;
  for (const Value& item : items) {
    Cells& row = rows.emplace_back();
    flatten(*item.get_if<Value::Struct>(), "", row);
    for (const auto& [name, value] : row) {
      const std::string& wanted = name;
      auto column = std::find_if(columns.begin(), columns.end(),
                                 [&](const Table::Column& other) { return other.name == wanted; });
      if (column == columns.end()) column = columns.insert(columns.end(), {name, Align::right});
      if (!is_number(*value) && !value->is_nil()) column->align = Align::left;
    }
  }
  Table table(columns);
  for (const Cells& row : rows) {
    std::vector<std::string> cells(columns.size());
    for (const auto& [name, value] : row)
      for (size_t i = 0; i < columns.size(); ++i)
        if (columns[i].name == name) cells[i] = cell_text(*value);
    table.add(std::move(cells));
  }
  return table.text(terminal);
}

std::string struct_view(const Value::Struct& members, const Terminal& terminal) {
  Cells cells;
  flatten(members, "", cells);
  size_t widest = 0;
  for (const auto& cell : cells) widest = std::max(widest, columns(printable(cell.first)));
  std::string out;
  for (const auto& [name, value] : cells) {
    const std::string shown = printable(name);
    const std::string text = printable(cell_text(*value));
    out += terminal.bold(shown);
    if (!text.empty()) out.append(widest + 2 - columns(shown), ' ');
    out += text;
    out += '\n';
  }
  return out;
}

}  // namespace

std::string value_view(const Value& value, const Terminal& terminal) {
  if (value.is_nil()) return {};
  if (const auto* members = value.get_if<Value::Struct>()) return struct_view(*members, terminal);
  if (const auto* items = value.get_if<Value::Array>()) {
    const auto is_struct = [](const Value& item) {
      return item.is(Value::Type::structure) && !item.get_if<Value::Struct>()->empty();
    };
    if (!items->empty() && std::all_of(items->begin(), items->end(), is_struct))
      return table_view(*items, terminal);
    std::string out;
    for (const Value& item : *items) out += printable(cell_text(item)) + "\n";
    return out;
  }
  std::string text = printable(scalar_text(value), Lines::many);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace xbus::cli
