#include "bus/metrics.hpp"

#include <array>
#include <cassert>
#include <charconv>

namespace xbus {

namespace {

// Room for any number that to_chars writes.
using Digits = std::array<char, 32>;

template <class Number>
std::string_view text_of(Digits& digits, Number value) {
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  assert(error == std::errc());
  return {digits.data(), static_cast<size_t>(end - digits.data())};
}

enum class Quotes : uint8_t { escaped, kept };

// A label's value has its quotes escaped as well.
void escape(std::string& out, std::string_view text, Quotes quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (c == '"' && quotes == Quotes::escaped)) {
      (out += '\\') += c;
    } else {
      out += c;
    }
  }
}

}  // namespace

void MetricsText::counter(std::string_view name, std::string_view help) { family(name, "counter", help); }
void MetricsText::gauge(std::string_view name, std::string_view help) { family(name, "gauge", help); }
void MetricsText::histogram(std::string_view name, std::string_view help) { family(name, "histogram", help); }

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ");
  escape(text_, help, Quotes::kept);
  text_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void MetricsText::add(Labels labels, uint64_t value) {
  Digits digits;
  line("", labels, nullptr, text_of(digits, value));
}

void MetricsText::add(Labels labels, double value) {
  Digits digits;
  line("", labels, nullptr, text_of(digits, value));
}

void MetricsText::add(Labels labels, std::span<const double> bounds, std::span<const int64_t> counts, double sum) {
  assert(counts.size() == bounds.size() + 1);
  Digits bound, digits;
  int64_t below = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    below += counts[i];
    const Label le = {"le", i < bounds.size() ? text_of(bound, bounds[i]) : std::string_view("+Inf")};
    line("_bucket", labels, &le, text_of(digits, below));
  }
  line("_sum", labels, nullptr, text_of(digits, sum));
  line("_count", labels, nullptr, text_of(digits, below));
}

void MetricsText::line(std::string_view suffix, Labels labels, const Label* one_more, std::string_view value) {
  text_.append(name_).append(suffix);
  char before = '{';
  const auto put = [&](const Label& label) {
    text_ += before;
    before = ',';
    text_.append(label.first).append("=\"");
    escape(text_, label.second, Quotes::escaped);
    text_ += '"';
  };
  for (const Label& label : labels) put(label);
  if (one_more) put(*one_more);
  if (before == ',') text_ += '}';
  text_.append(" ").append(value).append("\n");
}

}  // namespace xbus
