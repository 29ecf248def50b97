#include "bus/xmpp/payloads/payload_reader.hpp"

#include <algorithm>
#include <charconv>

#include "bus/crypto/base64.hpp"
#include "bus/xmpp/datetime.hpp"

namespace xbus::xmpp {

namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

// XML Schema takes a plus sign, which from_chars does not; what follows it is no second sign.
std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

template <class Number, class... Format>
std::optional<PayloadFault> parse(std::string_view text, Number& value, Format... format) {
  text = without_plus(text);
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, format...);
  if (error == std::errc::result_out_of_range && end == text.data() + text.size())
    return PayloadFault::out_of_range;
  if (error != std::errc() || end != text.data() + text.size()) return PayloadFault::malformed;
  return std::nullopt;
}

// CCYYMMDD, CCYYMMDDThhmmss and what follows with the dashes and colons of XEP-0082; another text
// as it is.
std::string extended(std::string text) {
  if (text.size() < 8 || !all_digits(std::string_view(text).substr(0, 8))) return text;
  text.insert(6, "-").insert(4, "-");
  if (text.size() < 17 || text[10] != 'T' || !all_digits(std::string_view(text).substr(11, 6)))
    return text;
  text.insert(15, ":").insert(13, ":");
  // An offset of hours and minutes, without its colon.
  if (text.size() == 24 && (text[19] == '+' || text[19] == '-')) text.insert(22, ":");
  return text;
}

// --MM, --MMDD, ---DD, CCYY and CCYY-MM (RFC 6350 section 4.3.1): a day nobody can put on a
// calendar.
bool is_partial(std::string_view text) {
  if (text.starts_with("--")) {
    text.remove_prefix(text.starts_with("---") ? 3 : 2);
    return (text.size() == 2 || text.size() == 4) && all_digits(text);
  }
  if (text.size() == 7 && text[4] == '-')
    return all_digits(text.substr(0, 4)) && all_digits(text.substr(5));
  return text.size() == 4 && all_digits(text);
}

}  // namespace

PayloadReader::PayloadReader(const xml::Element& element) : element_(&element) {
  if (element.element_count() > limits::payload_children_max) fail(PayloadFault::too_many, {});
}

void PayloadReader::fail(PayloadFault fault, std::string_view part) {
  if (!error_) error_ = PayloadError{fault, part};
}

void PayloadReader::fail_as(const PayloadReader& inner) {
  if (inner.error_) fail(inner.error_->fault, inner.error_->part);
}

void PayloadReader::need(std::string_view part, bool is_there) {
  if (!is_there) fail(PayloadFault::missing, part);
}

bool PayloadReader::is_empty() const {
  const auto children = element_->elements();
  return std::none_of(children.begin(), children.end(),
                      [&](const xml::Element* child) { return child->ns() == element_->ns(); });
}

std::optional<std::string> PayloadReader::raw(std::string_view part) const {
  if (error_) return std::nullopt;
  if (place_ == Place::own_text) return element_->text();
  if (place_ == Place::attribute) {
    const std::string* value = element_->attr(part);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }
  const xml::Element* child = element_->first(part, element_->ns());
  return child ? std::optional<std::string>(child->text()) : std::nullopt;
}

std::optional<std::string> PayloadReader::typed(std::string_view part) {
  auto text = raw(part);
  if (!text) return std::nullopt;
  const size_t begin = text->find_first_not_of(blanks);
  if (begin == std::string::npos) return std::nullopt;
  text = text->substr(begin, text->find_last_not_of(blanks) + 1 - begin);
  if (text->size() > limits::payload_text_bytes_max) {
    fail(PayloadFault::too_long, part);
    return std::nullopt;
  }
  return text;
}

void PayloadReader::text(std::string_view part, std::string& out, size_t bytes_most) {
  auto text = raw(part);
  if (!text) return;
  if (text->size() > bytes_most) return fail(PayloadFault::too_long, part);
  out = std::move(*text);
}

void PayloadReader::required(std::string_view part, std::string& out) {
  need(part, raw(part).has_value());
  text(part, out);
}

void PayloadReader::uri(std::string_view part, std::string& out) {
  auto text = typed(part);
  if (!text) return;
  if (text->size() > limits::payload_uri_bytes_max) return fail(PayloadFault::too_long, part);
  const bool clean = std::all_of(text->begin(), text->end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
  });
  if (!clean) return fail(PayloadFault::malformed, part);
  out = std::move(*text);
}

void PayloadReader::jid(std::string_view part, Jid& out) {
  const auto text = typed(part);
  if (!text) return;
  auto parsed = Jid::parse(*text);
  if (!parsed) return fail(PayloadFault::malformed, part);
  out = std::move(*parsed);
}

void PayloadReader::decimal(std::string_view part, std::optional<double>& out,
                            const Decimals& range) {
  const auto text = typed(part);
  if (!text) return;
  // from_chars has names of its own for what is no number.
  if (text->find_first_not_of("0123456789.+-") != std::string::npos)
    return fail(PayloadFault::malformed, part);
  double value = 0;
  if (const auto fault = parse(*text, value, std::chars_format::fixed)) return fail(*fault, part);
  if (value < range.least || value > range.most) return fail(PayloadFault::out_of_range, part);
  out = value;
}

void PayloadReader::whole(std::string_view part, std::optional<uint32_t>& out, const Whole& range) {
  const auto text = typed(part);
  if (!text) return;
  int64_t value = 0;
  if (const auto fault = parse(*text, value)) return fail(*fault, part);
  if (value < range.least || value > range.most) return fail(PayloadFault::out_of_range, part);
  out = static_cast<uint32_t>(value);
}

void PayloadReader::seconds(std::string_view part, std::optional<std::chrono::seconds>& out,
                            const Whole& range) {
  std::optional<uint32_t> count;
  whole(part, count, range);
  if (count) out = std::chrono::seconds(*count);
}

void PayloadReader::time(std::string_view part, std::optional<Timestamp>& out, DateStyle style) {
  const auto text = typed(part);
  if (!text) return;
  const std::string full = extended(*text);
  if (const auto moment = parse_datetime(full)) {
    out = style == DateStyle::basic ? std::chrono::floor<std::chrono::seconds>(*moment) : *moment;
  } else if (const auto day = parse_date(full)) {
    out = std::chrono::sys_days(*day);
  } else {
    fail(PayloadFault::malformed, part);
  }
}

void PayloadReader::date(std::string_view part, std::optional<std::chrono::year_month_day>& out,
                         DateStyle) {
  const auto text = typed(part);
  if (!text || is_partial(*text)) return;
  const std::string full = extended(*text);
  if (const auto day = parse_date(full)) {
    out = *day;
  } else if (parse_datetime(full)) {
    out = *parse_date(std::string_view(full).substr(0, 10));  // the day where it was written
  } else {
    fail(PayloadFault::malformed, part);
  }
}

void PayloadReader::zone(std::string_view part, std::optional<std::chrono::minutes>& out) {
  const auto text = typed(part);
  if (!text) return;
  const auto ahead = parse_zone(*text);
  if (!ahead) return fail(PayloadFault::malformed, part);
  out = *ahead;
}

void PayloadReader::bytes(std::string_view part, std::string& out) {
  auto text = raw(part);
  if (!text) return;
  std::erase_if(*text, [](char c) { return blanks.find(c) != std::string_view::npos; });
  if (text->size() > limits::payload_binary_bytes_max / 3 * 4 + 4)
    return fail(PayloadFault::too_long, part);
  auto decoded = crypto::base64_decode(*text);
  if (!decoded) return fail(PayloadFault::malformed, part);
  if (decoded->size() > limits::payload_binary_bytes_max) return fail(PayloadFault::too_long, part);
  out = std::move(*decoded);
}

const xml::Element* PayloadReader::chosen(std::string_view part, Words words,
                                          std::string_view beside, size_t& index) {
  const xml::Element* found = nullptr;
  for (const xml::Element* child : element_->elements()) {
    if (child->ns() != element_->ns() || child->name() == beside) continue;
    const auto word = std::find(words.begin(), words.end(), child->name());
    if (found || word == words.end()) {
      fail(word == words.end() ? PayloadFault::unknown_word : PayloadFault::malformed, part);
      return nullptr;
    }
    found = child;
    index = static_cast<size_t>(word - words.begin());
  }
  return found;
}

}  // namespace xbus::xmpp
