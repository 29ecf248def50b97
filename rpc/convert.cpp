#include "rpc/convert.hpp"

#include <charconv>
#include <cmath>

namespace xbus::detail {

void wrong_type(const Type& wanted, const Value& found) {
  throw Fault(Fault::Kind::invalid, "expected " + wanted.text() + ", found " + std::string(name_of(found.type())));
}

void out_of_range(const Type& wanted, const std::string& found) {
  throw Fault(Fault::Kind::invalid, found + " is out of range for " + wanted.text());
}

void at_place(const Fault& fault, const std::string& place) {
  const std::string* below = fault.find_detail("place");
  std::string whole = place;
  if (below) whole += (below->starts_with('[') ? "" : ".") + *below;
  // The message proper stands behind the place that the level below has put before it.
  const size_t skip = below ? below->size() + 2 : 0;
  throw Fault(fault.kind(), whole + ": " + fault.message().substr(skip)).detail("place", whole);
}

void missing_member(std::string_view name) {
  throw Fault(Fault::Kind::invalid, std::string(name) + ": missing").detail("place", std::string(name));
}

void no_such_name(std::string_view type, const std::string& found) {
  throw Fault(Fault::Kind::invalid, "\"" + found + "\" is no " + std::string(type));
}

void no_such_value(std::string_view type, int64_t number) {
  throw Fault(Fault::Kind::invalid, std::to_string(number) + " is no " + std::string(type));
}

int64_t signed_from(const Value& value, const Type& wanted) {
  if (const auto* narrow = value.get_if<int32_t>()) return *narrow;
  if (const auto* wide = value.get_if<int64_t>()) return *wide;
  const bool is_wide = wanted.kind == Type::Kind::int64 || wanted.kind == Type::Kind::uint64 ||
                       wanted.kind == Type::Kind::uint32;
  const auto* text = value.get_if<std::string>();
  if (!is_wide || !text) wrong_type(wanted, value);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc::result_out_of_range) out_of_range(wanted, *text);
  if (error != std::errc() || end != text->data() + text->size() || text->empty()) wrong_type(wanted, value);
  return number;
}

double real_from(const Value& value, const Type& wanted) {
  if (const auto* real = value.get_if<double>()) return checked_real(*real);
  if (const auto* narrow = value.get_if<int32_t>()) return *narrow;
  if (const auto* wide = value.get_if<int64_t>()) {
    // Beyond 2^53 a double does not hold every integer.
    constexpr int64_t exact = int64_t{1} << 53;
    if (*wide > exact || *wide < -exact) out_of_range(wanted, std::to_string(*wide));
    return static_cast<double>(*wide);
  }
  wrong_type(wanted, value);
}

double checked_real(double value) {
  if (!std::isfinite(value)) throw Fault(Fault::Kind::invalid, "a double must be finite");
  return value;
}

Value integer_value(int64_t value, bool narrow) {
  if (narrow) return static_cast<int32_t>(value);
  return value;
}

}  // namespace xbus::detail
