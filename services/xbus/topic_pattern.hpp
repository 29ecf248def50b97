// Patterns of topics as a person types them: "agent/+/link", "agent/#".
#pragma once
#include <string_view>

namespace xbus::cli {

// Whether it means more than the topic of that name: a level that is + stands for any one, # at the end for whatever
// follows, nothing too.
bool is_topic_pattern(std::string_view text);
bool matches_topic(std::string_view pattern, std::string_view topic);

}  // namespace xbus::cli
