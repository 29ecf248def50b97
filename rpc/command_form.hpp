// A method as a form to fill in (XEP-0004, XEP-0122), and its result as one to read.
#pragma once
#include <vector>

#include "bus/xmpp/forms.hpp"
#include "rpc/description.hpp"
#include "rpc/value.hpp"

namespace xbus {

// One field a parameter, required unless it is optional: list-single for enumerations, boolean, numbers and times with
// their datatype and range, text-multi for lists of what fits a line; what has parts is JSON in a text-multi.
xmpp::Form form_of(const MethodDescription& method, const Types& types);

// The arguments that the submission states, in order; those left out at the end are not there, one left out before
// another is nil. A Fault of kind invalid names what is missing or does not fit.
std::vector<Value> arguments_from(const xmpp::Form& submitted, const MethodDescription& method, const Types& types);

// A field for each member of a structure, a table for a list of structures, else the field `result`; JSON where parts
// have parts.
xmpp::Form result_form(const Value& result, const MethodDescription& method);

}  // namespace xbus
