// MetricsText: the text format of Prometheus, version 0.0.4.
#include "bus/metrics.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace xbus {
namespace {

TEST(MetricsText, a_family_begins_with_help_and_type) {
  MetricsText text;
  text.counter("a_total", "How many.");
  text.add({}, uint64_t{3});
  text.gauge("b", "One \\ of\ntwo.");
  text.add({{"x", "1"}, {"y", "2"}}, 0.5);
  EXPECT_EQ(text.take(),
            "# HELP a_total How many.\n# TYPE a_total counter\na_total 3\n"
            "# HELP b One \\\\ of\\ntwo.\n# TYPE b gauge\nb{x=\"1\",y=\"2\"} 0.5\n");
}

TEST(MetricsText, a_label_cannot_leave_its_quotes) {
  MetricsText text;
  text.gauge("m", "h");
  text.add({{"l", "a\"b\\c\nd"}}, uint64_t{1});
  EXPECT_NE(text.take().find("m{l=\"a\\\"b\\\\c\\nd\"} 1\n"), std::string::npos);
}

TEST(MetricsText, a_histogram_adds_up) {
  MetricsText text;
  text.histogram("h", "help");
  const std::vector<double> bounds = {0.001, 10};
  const std::vector<int64_t> counts = {2, 3, 1};
  text.add({{"m", "x"}}, bounds, counts, 12.5);
  EXPECT_EQ(text.take(),
            "# HELP h help\n# TYPE h histogram\nh_bucket{m=\"x\",le=\"0.001\"} 2\nh_bucket{m=\"x\",le=\"10\"} 5\n"
            "h_bucket{m=\"x\",le=\"+Inf\"} 6\nh_sum{m=\"x\"} 12.5\nh_count{m=\"x\"} 6\n");
}

}  // namespace
}  // namespace xbus
