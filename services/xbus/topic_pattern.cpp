#include "services/xbus/topic_pattern.hpp"

namespace xbus::cli {
namespace {

// Takes the first level off.
std::string_view level_of(std::string_view& path, bool& more) {
  const size_t slash = path.find('/');
  const std::string_view level = path.substr(0, slash);
  more = slash != std::string_view::npos;
  path.remove_prefix(more ? slash + 1 : path.size());
  return level;
}

}  // namespace

bool is_topic_pattern(std::string_view text) {
  for (bool more = true; more;) {
    const std::string_view level = level_of(text, more);
    if (level == "+" || (level == "#" && !more)) return true;
  }
  return false;
}

bool matches_topic(std::string_view pattern, std::string_view topic) {
  bool more_pattern = true, more_topic = true;
  while (more_pattern && more_topic) {
    const std::string_view wanted = level_of(pattern, more_pattern);
    if (wanted == "#" && !more_pattern) return true;
    const std::string_view level = level_of(topic, more_topic);
    if (wanted != "+" && wanted != level) return false;
  }
  return more_pattern == more_topic || (more_pattern && pattern == "#");
}

}  // namespace xbus::cli
