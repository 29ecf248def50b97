// Reads the parts of one payload into typed members. The first thing that is wrong is kept, and
// what follows is read for nothing.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/limits_payloads.hpp"
#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"
#include "bus/xmpp/payloads/payload_parts.hpp"

namespace xbus::xmpp {

// Of several children of one name the first counts, unless the part is a list; children that nobody
// asks for are passed over. An absent or empty part leaves its member as it is. Names of parts are
// literals. The element must outlive the reader.
class PayloadReader {
 public:
  explicit PayloadReader(const xml::Element& element);

  // From here on; children at first.
  void look_in(Place place) { place_ = place; }

  void text(std::string_view part, std::string& out,
            size_t bytes_most = limits::payload_text_bytes_max);
  // Written even when empty; may be absent all the same.
  void always(std::string_view part, std::string& out) { text(part, out); }
  // Must be there, and may be empty.
  void required(std::string_view part, std::string& out);
  // Without blanks and control characters inside.
  void uri(std::string_view part, std::string& out);
  void jid(std::string_view part, Jid& out);
  // xs:decimal: no exponent, no INF, no NaN.
  void decimal(std::string_view part, std::optional<double>& out, const Decimals& range = {});
  void whole(std::string_view part, std::optional<uint32_t>& out, const Whole& range = {});
  void seconds(std::string_view part, std::optional<std::chrono::seconds>& out,
               const Whole& range = {});
  // In the basic style, which has no fraction, to the second.
  void time(std::string_view part, std::optional<Timestamp>& out,
            DateStyle style = DateStyle::extended);
  // Of a date with a time the day; a date without its year or day (RFC 6350 section 4.3.1) leaves
  // the member as it is.
  void date(std::string_view part, std::optional<std::chrono::year_month_day>& out,
            DateStyle style = DateStyle::extended);
  void zone(std::string_view part, std::optional<std::chrono::minutes>& out);
  // Base64 with any white space in it.
  void bytes(std::string_view part, std::string& out);
  template <class Enum>
  void word(std::string_view part, Enum& out, Words words);

  // The members of `out` are in a child of its own, as `fields(reader of it, out)` reads them.
  template <class T, class Fields>
  void part(std::string_view part, T& out, Fields fields);
  // Likewise, as many as there are children of the name, up to limits::payload_list_max.
  template <class T, class Fields>
  void list(std::string_view part, std::vector<T>& out, Fields fields);

  // Those words of which there is a child, in the order of the words.
  template <class Enum>
  void marks(std::vector<Enum>& out, Words words);
  // The one child that is a word; `beside` is the name of a child that is none. Returns that child,
  // nullptr when there is none.
  template <class Enum>
  const xml::Element* choice(std::string_view part, std::optional<Enum>& out, Words words,
                             std::string_view beside = {});

  // No child of the payload's namespace: how most payloads say that nothing is published any more.
  bool is_empty() const;
  void need(std::string_view part, bool is_there);
  void fail(PayloadFault fault, std::string_view part);
  void fail_as(const PayloadReader& inner);
  const std::optional<PayloadError>& error() const { return error_; }

 private:
  std::optional<std::string> raw(std::string_view part) const;
  // Without the white space around it; nullopt when there is nothing else.
  std::optional<std::string> typed(std::string_view part);
  const xml::Element* chosen(std::string_view part, Words words, std::string_view beside,
                             size_t& index);
  bool has_child(std::string_view name) const { return element_->first(name, element_->ns()); }

  const xml::Element* element_;
  Place place_ = Place::child;
  std::optional<PayloadError> error_;
};

// The payload of that name as `fields(reader, value)` reads it.
template <class T, class Fields>
Result<T, PayloadError> read_payload(const xml::Element& element, std::string_view name,
                                     std::string_view ns, Fields fields) {
  if (!element.is(name, ns)) return Err{PayloadError{PayloadFault::other_element, {}}};
  PayloadReader reader(element);
  T value;
  fields(reader, value);
  if (reader.error()) return Err{*reader.error()};
  return value;
}

template <class Enum>
void PayloadReader::word(std::string_view part, Enum& out, Words words) {
  const auto text = typed(part);
  if (!text) return;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == *text) {
      out = static_cast<Enum>(i);
      return;
    }
  }
  fail(PayloadFault::unknown_word, part);
}

template <class T, class Fields>
void PayloadReader::part(std::string_view part, T& out, Fields fields) {
  const xml::Element* child = element_->first(part, element_->ns());
  if (!child) return;
  PayloadReader inner(*child);
  fields(inner, out);
  fail_as(inner);
}

template <class T, class Fields>
void PayloadReader::list(std::string_view part, std::vector<T>& out, Fields fields) {
  for (const xml::Element* child : element_->elements(part, element_->ns())) {
    if (out.size() == limits::payload_list_max) return fail(PayloadFault::too_many, part);
    PayloadReader inner(*child);
    fields(inner, out.emplace_back());
    fail_as(inner);
  }
}

template <class Enum>
void PayloadReader::marks(std::vector<Enum>& out, Words words) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (has_child(words[i])) out.push_back(static_cast<Enum>(i));
  }
}

template <class Enum>
const xml::Element* PayloadReader::choice(std::string_view part, std::optional<Enum>& out,
                                          Words words, std::string_view beside) {
  size_t index = 0;
  const xml::Element* child = chosen(part, words, beside, index);
  if (child) out = static_cast<Enum>(index);
  return child;
}

}  // namespace xbus::xmpp
