#include "rpc/words.hpp"

namespace xbus {

Result<std::vector<std::string>, std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  bool inside = false;  // a word, perhaps an empty one between quotes
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    const bool more = i + 1 < line.size();
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote == 0) {
      if (!more) return Err{std::string("a backslash at the end")};
      words.back() += line[++i];
    } else if (c == '\\' && quote == '"' && more && (line[i + 1] == '"' || line[i + 1] == '\\')) {
      words.back() += line[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return Err{std::string("a quote is not closed")};
  return words;
}

}  // namespace xbus
