#include "services/common/toml_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace xbus::common {

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
      if (line == 0) return Err{place_of(path, wrong.source()) + std::string(wrong.description())};
    } catch (const std::logic_error& wrong) {
      if (line != 0) return Err{path + ":" + std::to_string(line) + ": " + wrong.what()};
      end = 0;
    }
    ++line;
  }
}

std::string place_of(const std::string& path, const toml::source_region& source) {
  return path + ":" + std::to_string(source.begin.line) + ": ";
}

}  // namespace xbus::common
