#include "services/common/similar.hpp"

#include <algorithm>
#include <array>

namespace xbus::common {
namespace {

constexpr size_t longest = 64;  // longer ones are compared with nothing

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// How many letters were added, left out, changed or swapped with their neighbour.
size_t distance(std::string_view a, std::string_view b) {
  std::array<std::array<size_t, longest + 1>, 3> rows{};  // of `a`, the last three
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto &above = rows[(i + 2) % 3], &second = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], second[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string similar(std::string_view typed, const std::vector<std::string>& words) {
  if (typed.empty() || typed.size() > longest) return {};
  size_t nearest = typed.size() <= 5 ? 2 : 3;  // beyond what is near
  std::string found;
  for (const std::string& word : words) {
    if (word == typed) return {};
    if (word.size() > longest) continue;
    const size_t far = distance(typed, word);
    if (far >= nearest) continue;
    nearest = far;
    found = word;
  }
  return found;
}

}  // namespace xbus::common
