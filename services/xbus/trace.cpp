#include "services/xbus/trace.hpp"

#include <algorithm>
#include <array>

#include "rpc/printable.hpp"

namespace xbus::cli {
namespace {

constexpr size_t line_columns = 100;  // what is shorter stays on one line

// The elements of SASL, and those of ours that hold a password.
bool is_secret(std::string_view stanza) {
  constexpr std::array<std::string_view, 4> secrets = {"<auth", "<response", "<success",
                                                       "<challenge"};
  return std::any_of(secrets.begin(), secrets.end(),
                     [&](std::string_view start) { return stanza.starts_with(start); });
}

std::string without_passwords(std::string_view stanza) {
  std::string out(stanza);
  for (size_t at = 0; (at = out.find("<password", at)) != std::string::npos;) {
    const size_t from = out.find('>', at);
    const size_t to = out.find("</password", at);
    if (from == std::string::npos || to == std::string::npos || to < from) break;
    out.replace(from + 1, to - from - 1, "...");
    at = out.find("</password", at) + 1;
  }
  return out;
}

}  // namespace

std::string laid_out(std::string_view stanza) {
  std::string out;
  size_t depth = 0;
  bool text_before = false;
  for (size_t at = 0; at < stanza.size();) {
    if (stanza[at] != '<') {
      const size_t end = std::min(stanza.find('<', at), stanza.size());
      out += stanza.substr(at, end - at);
      text_before = true;
      at = end;
      continue;
    }
    // A '>' may stand in an attribute's value.
    size_t end = at;
    for (char quote = 0; end < stanza.size() && (quote != 0 || stanza[end] != '>'); ++end) {
      if (quote == 0 && (stanza[end] == '"' || stanza[end] == '\'')) {
        quote = stanza[end];
      } else if (stanza[end] == quote) {
        quote = 0;
      }
    }
    const std::string_view tag = stanza.substr(at, end + 1 - at);
    const bool closing = tag.starts_with("</");
    const bool after_start = !out.empty() && closing && out.back() == '\x01';
    if (closing && depth > 0) --depth;
    if (!out.empty() && out.back() == '\x01') out.pop_back();
    if (!out.empty() && !text_before && !after_start) out += "\n" + std::string(2 * depth, ' ');
    out += tag;
    text_before = false;
    if (!closing && !tag.ends_with("/>")) {
      ++depth;
      out += '\x01';  // a start tag: its end may follow on the same line
    }
    at = end + 1;
  }
  std::erase(out, '\x01');
  return out;
}

std::string trace_text(bool outbound, std::string_view stanza, const Terminal& terminal) {
  const std::string arrow = outbound ? "--> " : "<-- ";
  std::string text;
  if (is_secret(stanza)) {
    text = std::string(stanza.substr(0, stanza.find_first_of(" >/"))) + " ...>";
  } else {
    text = without_passwords(stanza);
    if (text.size() > line_columns) text = laid_out(text);
  }
  std::string out;
  text = printable(text, Lines::many);
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    out += terminal.dim((at == 0 ? arrow : "    ") + text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace xbus::cli
