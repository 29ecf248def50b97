#include "bus/xmpp/datetime.hpp"

#include <algorithm>
#include <cstdio>

namespace xbus::xmpp {

namespace {

using namespace std::chrono;

// Takes the text from the front, piece by piece; the first piece that does not fit makes all that
// follow fail.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }
  std::string_view rest() const { return rest_; }

  bool next_is(char c) const { return ok_ && !rest_.empty() && rest_.front() == c; }
  void expect(char c) {
    ok_ = next_is(c);
    if (ok_) rest_.remove_prefix(1);
  }
  int digits(size_t count) {
    int value = 0;
    ok_ = ok_ && rest_.size() >= count;
    for (size_t i = 0; ok_ && i < count; ++i) {
      ok_ = is_digit(rest_[i]);
      value = value * 10 + (rest_[i] - '0');
    }
    if (ok_) rest_.remove_prefix(count);
    return ok_ ? value : 0;
  }
  int digits(size_t count, int max) {
    int value = digits(count);
    ok_ = ok_ && value <= max;
    return value;
  }
  // Any number of digits after the point, as microseconds.
  microseconds fraction() {
    int64_t value = 0, scale = 100'000;
    size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      value += scale * (rest_[count] - '0');
      scale /= 10;
    }
    ok_ = ok_ && count > 0;
    rest_.remove_prefix(count);
    return microseconds(value);
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  std::string_view rest_;
  bool ok_ = true;
};

year_month_day date(Cursor& in) {
  int y = in.digits(4);
  in.expect('-');
  int m = in.digits(2);
  in.expect('-');
  int d = in.digits(2);
  return year(y) / month(static_cast<unsigned>(m)) / day(static_cast<unsigned>(d));
}

microseconds time_of_day(Cursor& in) {
  int h = in.digits(2, 23);
  in.expect(':');
  int m = in.digits(2, 59);
  in.expect(':');
  int s = in.digits(2, 59);
  microseconds out = hours(h) + minutes(m) + seconds(s);
  if (in.next_is('.')) {
    in.expect('.');
    out += in.fraction();
  }
  return out;
}

minutes zone(Cursor& in) {
  if (in.next_is('Z')) {
    in.expect('Z');
    return minutes(0);
  }
  const bool behind = in.next_is('-');
  in.expect(behind ? '-' : '+');
  int h = in.digits(2, 14);
  in.expect(':');
  int m = in.digits(2, h == 14 ? 0 : 59);
  return behind ? -(hours(h) + minutes(m)) : hours(h) + minutes(m);
}

std::string clock_text(microseconds since_midnight) {
  const hh_mm_ss parts(since_midnight);
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%02d:%02d:%02d", static_cast<int>(parts.hours().count()),
                static_cast<int>(parts.minutes().count()),
                static_cast<int>(parts.seconds().count()));
  std::string out = buffer;
  if (parts.subseconds().count() != 0) {
    std::snprintf(buffer, sizeof buffer, ".%06d", static_cast<int>(parts.subseconds().count()));
    out += buffer;
    while (out.back() == '0') out.pop_back();
  }
  return out;
}

}  // namespace

std::optional<Timestamp> parse_datetime(std::string_view text) {
  Cursor in(text);
  const year_month_day day = date(in);
  in.expect('T');
  const microseconds clock = time_of_day(in);
  const minutes ahead = zone(in);
  if (!in.at_end() || !day.ok()) return std::nullopt;
  return Timestamp(sys_days(day)) + clock - ahead;
}

std::string format_datetime(Timestamp time) {
  // Four digits of year are all the profile has.
  constexpr Timestamp first = sys_days(year(0) / 1 / 1);
  constexpr Timestamp last = Timestamp(sys_days(year(10000) / 1 / 1)) - microseconds(1);
  time = std::clamp(time, first, last);
  const sys_days day = floor<days>(time);
  return format_date(year_month_day(day)) + "T" + clock_text(time - day) + "Z";
}

std::optional<year_month_day> parse_date(std::string_view text) {
  Cursor in(text);
  const year_month_day day = date(in);
  if (!in.at_end() || !day.ok()) return std::nullopt;
  return day;
}

std::string format_date(year_month_day date) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return buffer;
}

std::optional<TimeOfDay> parse_time(std::string_view text) {
  Cursor in(text);
  TimeOfDay out;
  out.since_midnight = time_of_day(in);
  if (in.ok() && !in.rest().empty()) out.zone = zone(in);
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::string format_time(const TimeOfDay& time) {
  return clock_text(time.since_midnight) + (time.zone ? format_zone(*time.zone) : "");
}

std::optional<minutes> parse_zone(std::string_view text) {
  Cursor in(text);
  const minutes ahead = zone(in);
  if (!in.at_end()) return std::nullopt;
  return ahead;
}

std::string format_zone(minutes ahead_of_utc) {
  if (ahead_of_utc.count() == 0) return "Z";
  const int total = static_cast<int>(std::abs(ahead_of_utc.count()));
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%c%02d:%02d", ahead_of_utc.count() < 0 ? '-' : '+',
                total / 60, total % 60);
  return buffer;
}

}  // namespace xbus::xmpp
