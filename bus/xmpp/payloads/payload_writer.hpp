// Writes typed members as the parts of one payload: the counterpart of PayloadReader, with the same
// functions.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/payloads/payload_parts.hpp"

namespace xbus::xmpp {

// What is empty is left out, and a number that is not finite; all else is written as it stands,
// whether a reader would take it or not.
class PayloadWriter {
 public:
  explicit PayloadWriter(xml::Element element) : element_(std::move(element)) {}

  void look_in(Place place) { place_ = place; }

  void text(std::string_view part, const std::string& value, size_t = 0);
  void always(std::string_view part, const std::string& value) { put(part, value); }
  void required(std::string_view part, const std::string& value) { put(part, value); }
  void uri(std::string_view part, const std::string& value) { text(part, value); }
  void jid(std::string_view part, const Jid& value) { text(part, value.str()); }
  void decimal(std::string_view part, const std::optional<double>& value, const Decimals& = {});
  void whole(std::string_view part, const std::optional<uint32_t>& value, const Whole& = {});
  void seconds(std::string_view part, const std::optional<std::chrono::seconds>& value,
               const Whole& = {});
  void time(std::string_view part, const std::optional<Timestamp>& value,
            DateStyle style = DateStyle::extended);
  void date(std::string_view part, const std::optional<std::chrono::year_month_day>& value,
            DateStyle style = DateStyle::extended);
  void zone(std::string_view part, const std::optional<std::chrono::minutes>& value);
  void bytes(std::string_view part, const std::string& value);
  template <class Enum>
  void word(std::string_view part, const Enum& value, Words words) {
    put(part, words[static_cast<size_t>(value)]);
  }

  template <class T, class Fields>
  void part(std::string_view part, const T& value, Fields fields) {
    if (value != T()) element_.add(written(part, value, fields));
  }
  template <class T, class Fields>
  void list(std::string_view part, const std::vector<T>& values, Fields fields) {
    for (const T& value : values) element_.add(written(part, value, fields));
  }

  template <class Enum>
  void marks(const std::vector<Enum>& values, Words words) {
    for (const Enum value : values) element_.add(std::string(words[static_cast<size_t>(value)]));
  }
  // The child added; nullptr when there is none.
  template <class Enum>
  xml::Element* choice(std::string_view, const std::optional<Enum>& value, Words words,
                       std::string_view = {}) {
    return value ? &element_.add(std::string(words[static_cast<size_t>(*value)])) : nullptr;
  }

  xml::Element take() { return std::move(element_); }

 private:
  void put(std::string_view part, std::string_view text);
  template <class T, class Fields>
  xml::Element written(std::string_view part, const T& value, Fields fields) {
    PayloadWriter inner(xml::Element(part, element_.ns()));
    fields(inner, value);
    return inner.take();
  }

  xml::Element element_;
  Place place_ = Place::child;
};

// The payload of that name as `fields(writer, value)` writes it.
template <class T, class Fields>
xml::Element write_payload(const T& value, std::string_view name, std::string_view ns,
                           Fields fields) {
  PayloadWriter writer(xml::Element(name, ns));
  fields(writer, value);
  return writer.take();
}

}  // namespace xbus::xmpp
