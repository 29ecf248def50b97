// Data Forms (XEP-0004) with field standardization (XEP-0068) and validation rules (XEP-0122).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_data = "jabber:x:data";
inline constexpr std::string_view ns_data_validate = "http://jabber.org/protocol/xdata-validate";

enum class FormType : uint8_t { form, submit, cancel, result };

enum class FieldType : uint8_t {
  boolean,
  fixed,
  hidden,
  jid_multi,
  jid_single,
  list_multi,
  list_single,
  text_multi,
  text_private,
  text_single,
};

std::string_view name_of(FormType type);
std::string_view name_of(FieldType type);

// XEP-0122. A regular expression is carried, not run: it is a stranger's program.
struct Validation {
  enum class Method : uint8_t { basic, open, range, regex };
  std::string datatype = "xs:string";
  Method method = Method::basic;
  std::string min, max;  // of range, empty: no bound
  std::string regex;
  std::optional<uint32_t> list_min, list_max;  // how many values of a list-multi
  bool operator==(const Validation&) const = default;
};

struct Option {
  std::string label, value;
  bool operator==(const Option&) const = default;
};

struct Field {
  std::string var;
  std::optional<FieldType> type;  // absent: to be inferred, text-single in a form of type form
  std::string label, desc;
  bool required = false;
  std::vector<std::string> values;
  std::vector<Option> options;
  std::optional<Validation> validation;

  // The first value; empty without one.
  std::string_view value() const {
    return values.empty() ? std::string_view() : std::string_view(values.front());
  }
  bool operator==(const Field&) const = default;
};

struct Form {
  FormType type = FormType::form;
  std::string title;
  std::vector<std::string> instructions;
  std::vector<Field> fields;
  std::vector<Field> reported;            // the columns of a report (XEP-0004 section 3.4)
  std::vector<std::vector<Field>> items;  // its rows

  // The value of FORM_TYPE (XEP-0068): a hidden field, or in a submission one without a type. Empty
  // when there is none; with two different values there is none either.
  std::string_view form_type() const;
  // The field of that name; nullptr when there is none.
  const Field* field(std::string_view var) const;
  // The first value of the field; nullopt when the field is absent, empty when it has no value.
  std::optional<std::string_view> value(std::string_view var) const;
  // Adds a field and returns *this, for building in one expression.
  Form& add(std::string_view var, std::string_view value, std::optional<FieldType> type = {});
  bool operator==(const Form&) const = default;
};

// A form of that FORM_TYPE, the field already in it.
Form make_form(FormType type, std::string_view form_type);

enum class FormError {
  not_a_form,  // another element, or a type that is none
  field_without_var,
  too_many,  // above limits::form_fields_max or form_values_max
};

xml::Element to_element(const Form& form);
Result<Form, FormError> form_from(const xml::Element& x);

// "1" and "true" are true, "0" and "false" false (XML Schema), anything else is neither.
std::optional<bool> boolean_of(std::string_view value);

}  // namespace xbus::xmpp
