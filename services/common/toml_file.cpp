#include "services/common/toml_file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace xbus::common {
namespace {

// What the library says, in words for who wrote the file.
std::string in_plain_words(std::string_view said) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 13> known = {{
      {"cannot redefine", "this stands above already"},
      {"utf-8", "this is not UTF-8"},
      {"not representable", "this number is beyond 64 bits"},
      {"parsing string", "this text does not end, or has an escape that is none"},
      {"parsing table header", "the heading of a table is [NAME]"},
      {"expected '='", "a line is KEY = VALUE"},
      {"key-value pair: expected value", "a value is missing, or is none: texts stand in quotation marks"},
      {"parsing boolean", "this is no value: texts stand in quotation marks"},
      {"value type", "this is no value: texts stand in quotation marks"},
      {"integer", "this is no number: texts stand in quotation marks"},
      {"floating-point", "this is no number: texts stand in quotation marks"},
      {"parsing array", "a list is [VALUE, VALUE]"},
      {"comment or whitespace", "something stands behind the value"},
  }};
  for (const auto& [part, words] : known)
    if (said.find(part) != said.npos) return std::string(words);
  return "this is not TOML";
}

}  // namespace

Result<toml::table, std::string> read_toml(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Err{path + ": is a folder"};
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) return Err{path + ": cannot be read"};
  // Up to its end, and where that meets an assertion, line by line to find the place.
  for (size_t line = 0, end = text.size();;
       end = std::min(text.find('\n', end), text.size() - 1) + 1) {
    try {
      auto table = toml::parse(std::string_view(text).substr(0, end), path);
      if (line == 0) return table;
    } catch (const toml::parse_error& wrong) {
      if (line == 0) return Err{place_of(path, wrong.source()) + in_plain_words(wrong.description())};
    } catch (const std::logic_error&) {
      if (line != 0) return Err{path + ":" + std::to_string(line) + ": this is not TOML"};
      end = 0;
    }
    ++line;
  }
}

std::string place_of(const std::string& path, const toml::source_region& source) {
  return path + ":" + std::to_string(source.begin.line) + ": ";
}

}  // namespace xbus::common
