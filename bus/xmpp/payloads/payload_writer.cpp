#include "bus/xmpp/payloads/payload_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "bus/crypto/base64.hpp"
#include "bus/xmpp/datetime.hpp"

namespace xbus::xmpp {

namespace {

// The shortest text that reads back as the same number; xs:decimal has no exponent, so the smallest
// has 326 characters.
std::string decimal_text(double value) {
  std::array<char, 512> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return error == std::errc() ? std::string(buffer.data(), end) : std::string();
}

std::string styled(std::string text, DateStyle style) {
  if (style == DateStyle::basic) std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

}  // namespace

void PayloadWriter::put(std::string_view part, std::string_view text) {
  if (place_ == Place::attribute) {
    element_.set(part, text);
  } else if (place_ == Place::own_text) {
    if (!text.empty()) element_.add_text(text);
  } else {
    xml::Element& child = element_.add(std::string(part));
    if (!text.empty()) child.add_text(text);
  }
}

void PayloadWriter::text(std::string_view part, const std::string& value, size_t) {
  if (!value.empty()) put(part, value);
}

void PayloadWriter::decimal(std::string_view part, const std::optional<double>& value,
                            const Decimals&) {
  if (value && std::isfinite(*value)) put(part, decimal_text(*value));
}

void PayloadWriter::whole(std::string_view part, const std::optional<uint32_t>& value,
                          const Whole&) {
  if (value) put(part, std::to_string(*value));
}

void PayloadWriter::seconds(std::string_view part, const std::optional<std::chrono::seconds>& value,
                            const Whole&) {
  if (value) put(part, std::to_string(value->count()));
}

void PayloadWriter::time(std::string_view part, const std::optional<Timestamp>& value,
                         DateStyle style) {
  if (!value) return;
  // The basic style has no fraction (RFC 6350 section 4.3.5).
  if (style == DateStyle::extended) return put(part, format_datetime(*value));
  put(part, styled(format_datetime(std::chrono::floor<std::chrono::seconds>(*value)), style));
}

void PayloadWriter::date(std::string_view part,
                         const std::optional<std::chrono::year_month_day>& value, DateStyle style) {
  if (value) put(part, styled(format_date(*value), style));
}

void PayloadWriter::zone(std::string_view part, const std::optional<std::chrono::minutes>& value) {
  if (value) put(part, format_zone(*value));
}

void PayloadWriter::bytes(std::string_view part, const std::string& value) {
  if (!value.empty()) put(part, crypto::base64_encode(value));
}

}  // namespace xbus::xmpp
