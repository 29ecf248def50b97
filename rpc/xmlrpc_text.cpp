#include "rpc/xmlrpc_text.hpp"

#include <charconv>
#include <cmath>
#include <cstring>

#include "bus/crypto/base64.hpp"

namespace xbus::xmlrpc {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class T>
std::optional<T> read_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.empty() || !is_digit(text[0])) return {};  // from_chars would take "+-5"
  }
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// Takes digits and fixed letters from the front of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool at(char c) const { return !rest_.empty() && rest_[0] == c; }
  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `count` digits; -1 otherwise.
  int number(size_t count) {
    if (rest_.size() < count) return -1;
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return -1;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  // One digit or more, as microseconds; -1 without a digit.
  int64_t fraction() {
    if (rest_.empty() || !is_digit(rest_[0])) return -1;
    int64_t value = 0;
    int64_t scale = 100'000;
    while (!rest_.empty() && is_digit(rest_[0])) {
      value += (rest_[0] - '0') * scale;
      scale /= 10;
      rest_.remove_prefix(1);
    }
    return value;
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::optional<int32_t> read_int(std::string_view text) { return read_integer<int32_t>(text); }
std::optional<int64_t> read_i8(std::string_view text) { return read_integer<int64_t>(text); }

std::string write_double(double value) {
  char digits[400];  // the longest: sign, 309 digits, or 0. and 324 digits
  const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr;
  std::string text(digits, end);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::optional<double> read_double(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return {};
  }
  // Only digits may begin it: from_chars also reads "inf" and "nan".
  std::string_view number = text;
  if (number.starts_with('-')) number.remove_prefix(1);
  if (number.starts_with('.')) number.remove_prefix(1);
  if (number.empty() || !is_digit(number[0])) return {};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return {};
  if (error == std::errc::result_out_of_range) {
    // Too small is zero, too large is refused; from_chars does not say which, strtod does.
    value = std::strtod(std::string(text).c_str(), nullptr);
    return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
  }
  if (error != std::errc()) return {};
  return value;
}

std::optional<std::string> write_time(Timestamp time, Fraction fraction) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const int year = static_cast<int>(date.year());
  if (year < 1 || year > 9999) return {};
  const std::chrono::hh_mm_ss clock(time - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d%02u%02uT%02d:%02d:%02d", year, static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  std::string out = text;
  const auto micros = clock.subseconds().count();
  if (fraction == Fraction::kept && micros != 0) {
    std::snprintf(text, sizeof text, ".%06d", static_cast<int>(micros));
    out += text;
  }
  return out;
}

std::optional<Timestamp> read_time(std::string_view text) {
  Cursor at(text);
  const int year = at.number(4);
  const bool dashes = at.take('-');
  const int month = at.number(2);
  if (dashes && !at.take('-')) return {};
  const int day = at.number(2);
  if (!at.take('T')) return {};
  const int hour = at.number(2);
  if (!at.take(':')) return {};
  const int minute = at.number(2);
  if (!at.take(':')) return {};
  const int second = at.number(2);
  if (year < 1 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0) return {};
  if (hour > 23 || minute > 59 || second > 59) return {};
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return {};
  int64_t micros = 0;
  if (at.take('.') && (micros = at.fraction()) < 0) return {};
  int zone = 0;  // minutes east
  if (!at.done() && !at.take('Z')) {
    const bool east = at.take('+');
    if (!east && !at.take('-')) return {};
    const int hours = at.number(2);
    if (!at.take(':')) return {};
    const int minutes = at.number(2);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return {};
    zone = (east ? 1 : -1) * (hours * 60 + minutes);
  }
  if (!at.done()) return {};
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute - zone) +
         std::chrono::seconds(second) + std::chrono::microseconds(micros);
}

std::string write_bytes(const Bytes& bytes) {
  return crypto::base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<Bytes> read_bytes(std::string_view text) {
  std::string packed;
  packed.reserve(text.size());
  for (const char c : text)
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') packed += c;
  const auto decoded = crypto::base64_decode(packed);
  if (!decoded) return {};
  Bytes bytes(decoded->size());
  if (!bytes.empty()) std::memcpy(bytes.data(), decoded->data(), bytes.size());
  return bytes;
}

bool is_method_name(std::string_view name) {
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
    if (!letter && c != '_' && c != '.' && c != ':' && c != '/') return false;
  }
  return !name.empty();
}

}  // namespace xbus::xmlrpc
