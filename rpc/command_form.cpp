#include "rpc/command_form.hpp"

#include <algorithm>
#include <optional>

#include "bus/xmpp/form_validation.hpp"
#include "rpc/arguments.hpp"
#include "rpc/fault.hpp"
#include "rpc/json.hpp"
#include "rpc/printable.hpp"

namespace xbus {

namespace {

using Kind = Type::Kind;
using xmpp::FieldType;
using xmpp::Validation;

const Type& held(const Type& type) { return type.is_optional() ? held(type.element.at(0)) : type; }

std::optional<Validation> validation_of(Kind kind) {
  const auto basic = [](const char* datatype) {
    Validation validation;
    validation.datatype = datatype;
    return validation;
  };
  const auto range = [&](const char* datatype, const char* max) {
    Validation validation = basic(datatype);
    validation.method = Validation::Method::range;
    validation.min = "0";
    validation.max = max;
    return validation;
  };
  switch (kind) {
    case Kind::int8: return basic("xs:byte");
    case Kind::int16: return basic("xs:short");
    case Kind::int32: return basic("xs:int");
    case Kind::int64: return basic("xs:long");
    case Kind::uint8: return range("xs:short", "255");
    case Kind::uint16: return range("xs:int", "65535");
    case Kind::uint32: return range("xs:long", "4294967295");
    case Kind::uint64: return range("xs:long", "9223372036854775807");
    case Kind::real32:
    case Kind::real64:
    case Kind::duration: return basic("xs:double");
    case Kind::timestamp: return basic("xs:dateTime");
    default: return {};
  }
}

// What a person must know that the field's type does not say.
std::string hint_of(const Type& type) {
  switch (type.kind) {
    case Kind::bytes: return "base64";
    case Kind::duration: return "seconds";
    case Kind::timestamp: return "such as 2030-01-31T12:00:00Z";
    default: return type.text();
  }
}

bool fits_a_line(Kind kind) {
  return kind != Kind::list && kind != Kind::map && kind != Kind::structure && kind != Kind::any &&
         kind != Kind::optional;
}

void add_options(xmpp::Field& field, const NamedType* named) {
  if (!named) return;
  for (const std::string& value : named->values) field.options.push_back({value, value});
}

xmpp::Field field_of(const Field& param, const Types& types) {
  const Type& type = held(param.type);
  xmpp::Field field;
  field.var = param.name;
  field.label = param.name;
  field.required = !param.type.is_optional();
  field.desc = hint_of(type);
  field.type = FieldType::text_single;
  field.validation = validation_of(type.kind);
  if (type.kind == Kind::boolean && param.type.is_optional()) {
    // A boolean field always says one of two, and this one may say neither.
    field.type = FieldType::list_single;
    field.options = {{"true", "true"}, {"false", "false"}};
  } else if (type.kind == Kind::boolean) {
    field.type = FieldType::boolean;
  } else if (type.kind == Kind::enumeration) {
    field.type = FieldType::list_single;
    add_options(field, types.find(type.name));
  } else if (type.kind == Kind::list && type.element.at(0).kind == Kind::enumeration) {
    field.type = FieldType::list_multi;
    add_options(field, types.find(type.element.at(0).name));
  } else if (type.kind == Kind::list && fits_a_line(type.element.at(0).kind)) {
    field.type = FieldType::text_multi;
    field.desc = hint_of(type.element.at(0)) + ", one a line";
    field.required = false;  // a list may be empty
  } else if (!fits_a_line(type.kind)) {
    field.type = FieldType::text_multi;
    field.desc = type.text() + " as JSON";
  }
  return field;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

Value value_of(const xmpp::Field& given, const Type& type, const Types& types) {
  if (type.kind == Kind::list && fits_a_line(type.element.at(0).kind)) {
    Value::Array out;
    for (const std::string& line : given.values) out.push_back(typed_word(line, type.element.at(0), types));
    return out;
  }
  const std::string text = joined(given.values);
  if (type.kind == Kind::boolean)
    if (const auto yes = xmpp::boolean_of(text)) return *yes;
  return typed_word(text, type, types);
}

std::string_view reason_of(xmpp::FieldFault fault) {
  using F = xmpp::FieldFault;
  switch (fault) {
    case F::missing: return "missing";
    case F::wrong_count: return "the wrong number of values";
    case F::not_offered: return "none of those offered";
    case F::bad_boolean: return "neither true nor false";
    case F::bad_jid: return "no JID";
    case F::bad_datatype: return "not of that type";
    case F::out_of_range: break;
  }
  return "out of range";
}

bool has_parts(const Value& value) { return value.is(Value::Type::array) || value.is(Value::Type::structure); }

xmpp::Field shown(std::string var, const Value& value) {
  xmpp::Field field;
  field.var = std::move(var);
  field.type = has_parts(value) ? FieldType::text_multi : FieldType::text_single;
  std::string text;
  if (const auto* string = value.get_if<std::string>()) {
    text = printable(*string, Lines::many);
  } else if (!value.is_nil()) {
    text = json_text(value, has_parts(value) ? JsonLayout::indented : JsonLayout::compact);
    // Bytes and times without the quotes of JSON.
    if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
  }
  if (text.find('\n') != std::string::npos) field.type = FieldType::text_multi;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    field.values.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return field;
}

bool is_table(const Value::Array& rows) {
  return !rows.empty() && std::all_of(rows.begin(), rows.end(),
                                      [](const Value& row) { return row.is(Value::Type::structure); });
}

void add_table(xmpp::Form& form, const Value::Array& rows) {
  for (const Value& row : rows) {
    for (const Value::Member& member : *row.get_if<Value::Struct>()) {
      const bool known = std::any_of(form.reported.begin(), form.reported.end(),
                                     [&](const xmpp::Field& field) { return field.var == member.name; });
      if (known) continue;
      xmpp::Field column;
      column.var = column.label = member.name;
      column.type = FieldType::text_single;
      form.reported.push_back(std::move(column));
    }
  }
  for (const Value& row : rows) {
    std::vector<xmpp::Field> cells;
    for (const xmpp::Field& column : form.reported) {
      const Value* value = row.find(column.var);
      xmpp::Field cell;
      cell.var = column.var;
      if (value && has_parts(*value)) {
        cell.values = {json_text(*value)};
      } else {
        cell.values = {joined(shown(column.var, value ? *value : Value()).values)};
      }
      cells.push_back(std::move(cell));
    }
    form.items.push_back(std::move(cells));
  }
}

}  // namespace

xmpp::Form form_of(const MethodDescription& method, const Types& types) {
  xmpp::Form form;
  form.title = method.name;
  if (!method.doc.empty()) form.instructions = {method.doc};
  for (const Field& param : method.params) form.fields.push_back(field_of(param, types));
  return form;
}

std::vector<Value> arguments_from(const xmpp::Form& submitted, const MethodDescription& method, const Types& types) {
  if (const auto fault = xmpp::check_submission(form_of(method, types), submitted))
    throw Fault(Fault::Kind::invalid, fault->var + ": " + std::string(reason_of(fault->fault)));
  std::vector<Value> out;
  size_t last = 0;  // arguments that are there
  for (const Field& param : method.params) {
    const Type& type = held(param.type);
    const xmpp::Field* given = submitted.field(param.name);
    // An empty line says nothing where it may, but for a list: what is there is a list without items.
    const bool empty = !given || given->values.empty() || (given->values.size() == 1 && given->value().empty());
    Value value;
    if (empty && param.type.is_optional()) {
      out.emplace_back();
      continue;
    }
    if (empty && type.kind == Kind::list) {
      value = Value::Array{};
    } else if (empty && type.kind != Kind::string) {
      throw Fault(Fault::Kind::invalid, param.name + ": missing");
    } else {
      try {
        value = given ? value_of(*given, type, types) : Value("");
      } catch (const Fault& fault) {
        throw Fault(fault.kind(), param.name + ": " + fault.message());
      }
    }
    out.push_back(std::move(value));
    last = out.size();
  }
  out.resize(last);
  return out;
}

xmpp::Form result_form(const Value& result, const MethodDescription& method) {
  xmpp::Form form;
  form.type = xmpp::FormType::result;
  form.title = method.name;
  if (const auto* members = result.get_if<Value::Struct>(); members && !members->empty()) {
    for (const Value::Member& member : *members) form.fields.push_back(shown(member.name, member.value));
    return form;
  }
  const auto* items = result.get_if<Value::Array>();
  if (items && is_table(*items)) {
    add_table(form, *items);
    return form;
  }
  if (items && std::none_of(items->begin(), items->end(), has_parts)) {
    xmpp::Field field;
    field.var = "result";
    field.type = FieldType::text_multi;
    for (const Value& item : *items) field.values.push_back(joined(shown("", item).values));
    form.fields.push_back(std::move(field));
    return form;
  }
  form.fields.push_back(shown("result", result));
  return form;
}

}  // namespace xbus
