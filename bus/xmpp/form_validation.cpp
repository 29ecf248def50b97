#include "bus/xmpp/form_validation.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <compare>

#include "bus/xmpp/datetime.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::xmpp {

namespace {

// One whole number or decimal, exact at any length: xs:integer and xs:decimal have no bounds.
struct Decimal {
  bool negative = false;
  std::string whole;     // without leading zeros, empty for 0
  std::string fraction;  // without trailing zeros
};

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Decimal> decimal_of(std::string_view text) {
  Decimal out;
  if (text.starts_with('-') || text.starts_with('+')) {
    out.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if ((whole.empty() && fraction.empty()) || !is_digits(whole) || !is_digits(fraction))
    return std::nullopt;
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  out.whole = whole;
  out.fraction = fraction;
  if (whole.empty() && fraction.empty()) out.negative = false;
  return out;
}

std::strong_ordering compare(const Decimal& a, const Decimal& b) {
  if (a.negative != b.negative)
    return a.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  std::strong_ordering sizes = a.whole.size() <=> b.whole.size();
  if (sizes == 0) sizes = a.whole <=> b.whole;
  if (sizes == 0) sizes = a.fraction <=> b.fraction;
  return a.negative ? 0 <=> sizes : sizes;
}

bool is_integer(std::string_view text) {
  return text.find('.') == std::string_view::npos && decimal_of(text).has_value();
}

// from_chars takes no plus sign. What follows the one taken here is no second sign.
std::string_view without_plus(std::string_view text) {
  return text.size() > 1 && text[0] == '+' && text[1] != '-' ? text.substr(1) : text;
}

template <class Int>
bool fits(std::string_view text) {
  if (!is_integer(text)) return false;
  text = without_plus(text);
  Int value = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size();
}

std::optional<double> double_of(std::string_view text) {
  if (text == "INF") return HUGE_VAL;
  if (text == "-INF") return -HUGE_VAL;
  // from_chars takes names of its own and no plus sign; XML Schema takes a mantissa and an
  // exponent.
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  text = without_plus(text);
  double value = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

// RFC 1766: groups of one to eight letters, digits in all but the first, joined by hyphens.
bool is_language(std::string_view text) {
  size_t group = 0;
  bool first = true;
  for (char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c == '-') {
      if (group == 0) return false;
      group = 0;
      first = false;
    } else if (!letter && (first || c < '0' || c > '9')) {
      return false;
    } else if (++group > 8) {
      return false;
    }
  }
  return group > 0;
}

// How two values of a datatype stand to each other; unordered where the datatype has no order or a
// value is none.
std::partial_ordering compare(std::string_view datatype, std::string_view a, std::string_view b) {
  auto order = [](const auto& x, const auto& y) {
    return x && y ? std::partial_ordering(*x <=> *y) : std::partial_ordering::unordered;
  };
  if (datatype == "xs:dateTime") return order(parse_datetime(a), parse_datetime(b));
  if (datatype == "xs:date") return order(parse_date(a), parse_date(b));
  if (datatype == "xs:time") {
    auto x = parse_time(a), y = parse_time(b);
    if (!x || !y || x->zone.has_value() != y->zone.has_value())
      return std::partial_ordering::unordered;
    const auto zero = std::chrono::minutes(0);
    return x->since_midnight - x->zone.value_or(zero) <=>
           y->since_midnight - y->zone.value_or(zero);
  }
  if (datatype == "xs:double") return order(double_of(a), double_of(b));
  auto x = decimal_of(a), y = decimal_of(b);
  if (!x || !y) return std::partial_ordering::unordered;
  return compare(*x, *y);
}

bool in_range(const Validation& rule, std::string_view value) {
  // A bound that is no value of the datatype bounds nothing: the mistake is the asker's.
  const bool below = !rule.min.empty() && compare(rule.datatype, value, rule.min) < 0;
  const bool above = !rule.max.empty() && compare(rule.datatype, value, rule.max) > 0;
  return !below && !above;
}

std::optional<FieldFault> check_value(const Field& asked, FieldType type, std::string_view value) {
  if (type == FieldType::boolean && !boolean_of(value)) return FieldFault::bad_boolean;
  if ((type == FieldType::jid_single || type == FieldType::jid_multi) && !Jid::parse(value))
    return FieldFault::bad_jid;
  const bool is_list = type == FieldType::list_single || type == FieldType::list_multi;
  // On a list every method but basic opens it to other values (XEP-0122 section 3.2).
  const bool is_open = asked.validation && asked.validation->method != Validation::Method::basic;
  if (is_list && !is_open) {
    const bool offered = std::any_of(asked.options.begin(), asked.options.end(),
                                     [&](const Option& option) { return option.value == value; });
    if (!offered) return FieldFault::not_offered;
  }
  if (!asked.validation) return std::nullopt;
  if (!is_of_datatype(asked.validation->datatype, value)) return FieldFault::bad_datatype;
  if (asked.validation->method == Validation::Method::range &&
      !in_range(*asked.validation, value)) {
    return FieldFault::out_of_range;
  }
  return std::nullopt;
}

bool takes_several(FieldType type) {
  return type == FieldType::jid_multi || type == FieldType::list_multi ||
         type == FieldType::text_multi || type == FieldType::hidden;
}

std::optional<FieldFault> check_field(const Field& asked, const Field* submitted) {
  const FieldType type = asked.type.value_or(FieldType::text_single);
  if (type == FieldType::fixed) return std::nullopt;
  // An empty value is how some clients say "none" (XEP-0004 section 3.6).
  const bool given = submitted && std::any_of(submitted->values.begin(), submitted->values.end(),
                                              [](const auto& v) { return !v.empty(); });
  if (!given) return asked.required ? std::optional(FieldFault::missing) : std::nullopt;
  if (submitted->values.size() > 1 && !takes_several(type)) return FieldFault::wrong_count;
  if (type == FieldType::list_multi && asked.validation) {
    const size_t count = submitted->values.size();
    if (count < asked.validation->list_min.value_or(0)) return FieldFault::wrong_count;
    if (asked.validation->list_max && count > *asked.validation->list_max)
      return FieldFault::wrong_count;
  }
  for (const std::string& value : submitted->values) {
    if (auto fault = check_value(asked, type, value)) return fault;
  }
  return std::nullopt;
}

}  // namespace

bool is_of_datatype(std::string_view datatype, std::string_view text) {
  if (datatype == "xs:byte") return fits<int8_t>(text);
  if (datatype == "xs:short") return fits<int16_t>(text);
  if (datatype == "xs:int") return fits<int32_t>(text);
  if (datatype == "xs:long") return fits<int64_t>(text);
  if (datatype == "xs:integer") return is_integer(text);
  if (datatype == "xs:decimal") return decimal_of(text).has_value();
  if (datatype == "xs:double") return text == "NaN" || double_of(text).has_value();
  if (datatype == "xs:boolean") return boolean_of(text).has_value();
  if (datatype == "xs:date") return parse_date(text).has_value();
  if (datatype == "xs:dateTime") return parse_datetime(text).has_value();
  if (datatype == "xs:time") return parse_time(text).has_value();
  if (datatype == "xs:language") return is_language(text);
  // xs:anyURI takes any text by now (XML Schema 1.1 part 2), and what is not understood is
  // xs:string.
  return true;
}

std::optional<FormFault> check_submission(const Form& asked, const Form& submitted) {
  for (const Field& field : asked.fields) {
    const Field* answer = field.var.empty() ? nullptr : submitted.field(field.var);
    if (auto fault = check_field(field, answer))
      return FormFault{.var = field.var, .fault = *fault};
  }
  return std::nullopt;
}

}  // namespace xbus::xmpp
