// Checks what was submitted against the form that asked for it (XEP-0004 sections 3.2, 3.3 and 5,
// XEP-0122).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "bus/xmpp/forms.hpp"

namespace xbus::xmpp {

enum class FieldFault {
  missing,      // required, and not there or without a value
  wrong_count,   // several values of a single, or outside the list-range
  not_offered,  // no option of the list
  bad_boolean,
  bad_jid,
  bad_datatype,  // not of the datatype; unknown datatypes are xs:string (XEP-0122 section 3.4)
  out_of_range,
};

struct FormFault {
  std::string var;
  FieldFault fault;
  bool operator==(const FormFault&) const = default;
};

// The first fault, in the order of the fields asked for; fields that were not asked for are ignored
// (section 3.1). The answer to a fault is not-acceptable.
std::optional<FormFault> check_submission(const Form& asked, const Form& submitted);

// Whether the text is a value of an XML Schema datatype of XEP-0122 section 6.4: xs:int,
// xs:dateTime, ...
bool is_of_datatype(std::string_view datatype, std::string_view text);

}  // namespace xbus::xmpp
