// Metrics: numbers that a program tells of itself, in the text format of Prometheus (version 0.0.4).
#pragma once
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace xbus {

// Collects families of samples and gives the text. Names and label names are constants of the program, values of labels
// may be anything. What it is given is a snapshot: it knows no counter and no clock.
class MetricsText {
 public:
  using Label = std::pair<std::string_view, std::string_view>;
  using Labels = std::initializer_list<Label>;

  // Begins a family; the samples that follow belong to it. A family stands once.
  void counter(std::string_view name, std::string_view help);
  void gauge(std::string_view name, std::string_view help);
  void histogram(std::string_view name, std::string_view help);

  // Samples of the last family.
  void add(Labels labels, uint64_t value);
  void add(Labels labels, double value);
  // `counts[i]` are those up to `bounds[i]` and above the bound before it; one more count for those beyond the last.
  void add(Labels labels, std::span<const double> bounds, std::span<const int64_t> counts, double sum);

  std::string take() { return std::move(text_); }

 private:
  void family(std::string_view name, std::string_view type, std::string_view help);
  void line(std::string_view suffix, Labels labels, const Label* one_more, std::string_view value);

  std::string text_;
  std::string name_;  // of the last family
};

}  // namespace xbus
