#include "services/common/key_shape.hpp"

#include <algorithm>

namespace xbus::common {
namespace {

constexpr size_t columns = 100;

// As lines of a comment.
std::string comment(std::string_view text) {
  std::string out, line = "#";
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (line.size() > 1 && line.size() + 1 + end > columns) {
      out += line + "\n";
      line = "#";
    }
    line += " " + std::string(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + line + "\n";
}

std::string out_of_effect(const std::string& lines) {
  std::string out = "#";
  for (const char c : lines) {
    out += c;
    if (c == '\n') out += '#';
  }
  return out + "\n";
}

std::string annotated_key(const KeyShape& key) {
  if (key.table) return comment(key.about) + out_of_effect("[" + key.name + "]\n" + key.shown);
  return comment(key.about) +
         out_of_effect(key.name + " = " + (key.shown.empty() ? key.value : key.shown));
}

}  // namespace

void add_keys(ManPage& page, const std::vector<KeyGroup>& groups) {
  for (const KeyGroup& group : groups) {
    page.heading(group.title);
    for (const KeyShape& key : group.keys) {
      const std::string term = key.table ? "[" + key.name + "]" : key.name;
      const std::string standard = key.value.empty() ? "" : "; default " + key.value;
      page.entry(term, "(" + key.type + standard + ") " + key.about);
    }
  }
}

std::string annotated_file(std::string_view head, const std::vector<KeyGroup>& groups) {
  std::string out = comment(head), tables;
  for (const KeyGroup& group : groups) {
    std::string plain;
    for (const KeyShape& key : group.keys)
      (key.table ? tables : plain) += "\n" + annotated_key(key);
    if (!plain.empty()) out += "\n#### " + group.title + "\n" + plain;
  }
  return tables.empty() ? out
                        : out + "\n#### Tables; what stands below one belongs to it\n" + tables;
}

}  // namespace xbus::common
