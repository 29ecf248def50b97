#include "services/xbus/typed_line.hpp"

#include <algorithm>

namespace xbus::cli {
namespace {

using common::CommandShape;
using common::OptionShape;
using Takes = OptionShape::Takes;

// "-o,--output" has two names.
bool has_name(const OptionShape& option, std::string_view name) {
  std::string_view names = option.name;
  while (!names.empty()) {
    const size_t end = std::min(names.find(','), names.size());
    if (names.substr(0, end) == name) return true;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return false;
}

std::string long_name(const OptionShape& option) {
  return option.name.substr(option.name.rfind(',') + 1);
}

void take_option(TypedLine& line, const std::string& word) {
  const size_t equals = word.find('=');
  const OptionShape* option = line.option(word.substr(0, equals));
  if (option == nullptr) return;
  if (equals != std::string::npos) {
    line.options[long_name(*option)] = word.substr(equals + 1);
  } else if (option->takes == Takes::nothing) {
    line.options[long_name(*option)] = "";
  } else {
    line.pending = option;
  }
}

void take_word(TypedLine& line, const std::string& word) {
  const bool dashed = word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9');
  if (line.pending != nullptr && !(line.pending->takes == Takes::maybe && dashed)) {
    line.options[long_name(*line.pending)] = word;
    line.pending = nullptr;
    return;
  }
  line.pending = nullptr;
  if (!line.only_positions && word == "--") {
    line.only_positions = true;
  } else if (!line.only_positions && dashed) {
    take_option(line, word);
  } else if (const CommandShape* verb =
                 line.positions.empty() ? line.shape().find(word) : nullptr) {
    line.path.push_back(verb);
  } else {
    line.positions.push_back(word);
  }
}

}  // namespace

const OptionShape* TypedLine::option(std::string_view name) const {
  for (auto shape = path.rbegin(); shape != path.rend(); ++shape)
    for (const OptionShape& each : (*shape)->options)
      if (!each.is_position() && has_name(each, name)) return &each;
  return nullptr;
}

const OptionShape* TypedLine::position() const {
  size_t index = 0;
  for (const OptionShape& each : shape().options) {
    if (!each.is_position()) continue;
    if (index == positions.size() || each.takes == Takes::many) return &each;
    ++index;
  }
  return nullptr;
}

std::string TypedLine::at(std::string_view position_name) const {
  size_t index = 0;
  for (const OptionShape& each : shape().options) {
    if (!each.is_position()) continue;
    if (each.name == position_name) return index < positions.size() ? positions[index] : "";
    ++index;
  }
  return {};
}

TypedLine typed_line(const CommandShape& program, std::span<const std::string> words) {
  TypedLine line;
  line.path.push_back(&program);
  for (const std::string& word : words.first(words.size() - 1)) take_word(line, word);
  line.last = words.back();
  if (line.pending != nullptr || line.only_positions || !line.last.starts_with("--")) return line;
  // "--output=j": a value is being typed.
  const size_t equals = line.last.find('=');
  if (equals == std::string::npos) return line;
  line.pending = line.option(line.last.substr(0, equals));
  line.before = line.last.substr(0, equals + 1);
  line.last = line.last.substr(equals + 1);
  return line;
}

std::vector<std::string> words_of_line(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool inside = false;  // a word has begun
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote != '\'' && c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      inside = true;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      inside = true;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (inside) words.push_back(std::move(word));
      word.clear();
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  words.push_back(std::move(word));
  return words;
}

}  // namespace xbus::cli
