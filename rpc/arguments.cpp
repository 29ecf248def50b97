#include "rpc/arguments.hpp"

#include <algorithm>
#include <utility>

#include "rpc/fault.hpp"
#include "rpc/xmlrpc_text.hpp"
#include "rpc/json.hpp"

namespace xbus {
namespace {

using Kind = Type::Kind;

[[noreturn]] void refuse(const std::string& why) { throw Fault(Fault::Kind::invalid, why); }

[[noreturn]] void refuse_type(const Type& type, const Value& found) {
  refuse("expected " + type.text() + ", found " + found.text());
}

// Puts the place before what is refused inside it.
template <class F>
auto at(const std::string& place, F convert) {
  try {
    return convert();
  } catch (const Fault& fault) {
    const bool deeper = fault.message().starts_with('[') || fault.find_detail("inside") != nullptr;
    const std::string between = !deeper ? ": " : fault.message().starts_with('[') ? "" : ".";
    throw Fault(fault.kind(), place + between + fault.message()).detail("inside", place);
  }
}

struct Range {
  int64_t least, most;
};

Range range_of(Kind kind) {
  switch (kind) {
    case Kind::int8:
      return {INT8_MIN, INT8_MAX};
    case Kind::int16:
      return {INT16_MIN, INT16_MAX};
    case Kind::int32:
      return {INT32_MIN, INT32_MAX};
    case Kind::uint8:
      return {0, UINT8_MAX};
    case Kind::uint16:
      return {0, UINT16_MAX};
    case Kind::uint32:
      return {0, UINT32_MAX};
    case Kind::uint64:
      return {0, INT64_MAX};
    default:
      return {INT64_MIN, INT64_MAX};
  }
}

bool is_whole(Kind kind) { return kind >= Kind::int8 && kind <= Kind::uint64; }

[[noreturn]] void refuse_range(const std::string& number, const Type& type) {
  const auto [least, most] = range_of(type.kind);
  refuse(number + " is out of range for " + type.text() + " (" + std::to_string(least) + " to " +
         std::to_string(most) + ")");
}

bool is_wide(Kind kind) {
  return kind == Kind::int64 || kind == Kind::uint32 || kind == Kind::uint64;
}

Value typed_whole(const Value& json, const Type& type) {
  int64_t number = 0;
  if (const auto* narrow = json.get_if<int32_t>()) {
    number = *narrow;
  } else if (const auto* wide = json.get_if<int64_t>()) {
    number = *wide;
  } else if (const auto* text = json.get_if<std::string>(); text != nullptr && is_wide(type.kind)) {
    // As JSON writers do that keep whole numbers above 2^53 from becoming doubles.
    const auto read = xmlrpc::read_i8(*text);
    if (!read) refuse_type(type, json);
    number = *read;
  } else {
    refuse_type(type, json);
  }
  const auto [least, most] = range_of(type.kind);
  if (number < least || number > most)
    refuse_range(std::to_string(number), type);
  if (is_wide(type.kind)) return number;
  return static_cast<int32_t>(number);
}

Value typed_real(const Value& json, const Type& type) {
  if (const auto* real = json.get_if<double>()) return *real;
  if (const auto* narrow = json.get_if<int32_t>()) return static_cast<double>(*narrow);
  if (const auto* wide = json.get_if<int64_t>()) return static_cast<double>(*wide);
  refuse_type(type, json);
}

Value typed_text(const Value& json, const Type& type, const Types& types) {
  // What comes from a wire that has these types needs no reading.
  if (type.kind == Kind::bytes && json.is(Value::Type::bytes)) return json;
  if (type.kind == Kind::timestamp && json.is(Value::Type::timestamp)) return json;
  const auto* text = json.get_if<std::string>();
  if (text == nullptr) refuse_type(type, json);
  if (type.kind == Kind::bytes) {
    auto bytes = xmlrpc::read_bytes(*text);
    if (!bytes) refuse("expected bytes as base64");
    return std::move(*bytes);
  }
  if (type.kind == Kind::timestamp) {
    const auto time = xmlrpc::read_time(*text);
    if (!time) refuse("expected a timestamp such as 2030-01-31T12:00:00Z");
    return *time;
  }
  if (type.kind == Kind::enumeration) {
    const NamedType* named = types.find(type.name);
    if (named != nullptr &&
        std::find(named->values.begin(), named->values.end(), *text) == named->values.end()) {
      std::string known;
      for (const std::string& value : named->values) known += (known.empty() ? "" : ", ") + value;
      refuse("expected one of " + known);
    }
  }
  return *text;
}

Value typed_list(const Value& json, const Type& type, const Types& types) {
  const auto* items = json.get_if<Value::Array>();
  if (items == nullptr) refuse_type(type, json);
  Value::Array out;
  for (const Value& item : *items)
    out.push_back(at("[" + std::to_string(out.size()) + "]",
                     [&] { return typed_value(item, type.element.at(0), types); }));
  return out;
}

Value typed_map(const Value& json, const Type& type, const Types& types) {
  const auto* members = json.get_if<Value::Struct>();
  if (members == nullptr) refuse_type(type, json);
  Value::Struct out;
  for (const Value::Member& member : *members)
    out.push_back({member.name, at(member.name, [&] {
                     return typed_value(member.value, type.element.at(0), types);
                   })});
  return out;
}

Value typed_struct(const Value& json, const Type& type, const Types& types) {
  const auto* members = json.get_if<Value::Struct>();
  const NamedType* named = types.find(type.name);
  if (members == nullptr) refuse_type(type, json);
  if (named == nullptr) return json;  // described by a peer that left it out
  Value::Struct out;
  for (const Field& field : named->members) {
    const Value* found = json.find(field.name);
    if (found == nullptr && field.type.is_optional()) continue;
    if (found == nullptr)
      refuse(type.name + " needs " + field.name + " (" + field.type.text() + ")");
    out.push_back(
        {field.name, at(field.name, [&] { return typed_value(*found, field.type, types); })});
  }
  for (const Value::Member& member : *members) {
    const bool known = std::any_of(named->members.begin(), named->members.end(),
                                   [&](const Field& field) { return field.name == member.name; });
    if (!known) refuse(type.name + " has no member " + member.name);
  }
  return out;
}

const Type& held(const Type& type) { return type.is_optional() ? held(type.element.at(0)) : type; }

Value json_or_refuse(std::string_view text) {
  auto value = json_value(text);
  if (!value && value.error().range) refuse("the arguments: " + value.error().what);
  if (!value) {
    const size_t at = value.error().at;
    refuse("the arguments are no JSON: " + value.error().what +
           (at == 0 ? "" : " (byte " + std::to_string(at) + ")"));
  }
  return std::move(*value);
}

// A word without a type that is no JSON is a string; so is a whole number beyond int64, which keeps its digits that way.
// Inside an array or object it would be lost among values that are none.
Value untyped_word(const std::string& word, const JsonError& error) {
  const bool composed = word.find_first_of("[{") != std::string::npos;
  if (error.range && composed) refuse(error.what);
  return word;
}

std::string signature_text(const std::vector<Field>& parameters) {
  std::string out = "(";
  for (const Field& field : parameters)
    out += (out.size() > 1 ? ", " : "") + field.name + ": " + field.type.text();
  return out + ")";
}

// What is missing from `given` on must be optional.
void check_count(size_t given, const std::vector<Field>& parameters) {
  if (given > parameters.size())
    refuse(std::to_string(given) + " arguments for " + signature_text(parameters));
  for (size_t i = given; i < parameters.size(); ++i)
    if (!parameters[i].type.is_optional())
      refuse("missing " + parameters[i].name + " of " + signature_text(parameters));
}

}  // namespace

Value typed_word(const std::string& word, const Type& type, const Types& types) {
  if (type.is_optional() && word == "null") return {};
  const Type& inside = held(type);
  switch (inside.kind) {
    case Kind::string:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::enumeration:
      return typed_text(word, inside, types);
    default:
      break;
  }
  auto json = json_value(word);
  if (json) return typed_value(*json, type, types);
  if (inside.kind == Kind::any) return untyped_word(word, json.error());
  // As the double that is asked for, a whole number of any length is one.
  const bool real = inside.kind == Kind::real32 || inside.kind == Kind::real64 || inside.kind == Kind::duration;
  if (json.error().range && real)
    if (const auto point = json_value(word + ".0")) return typed_value(*point, type, types);
  if (json.error().range && is_whole(inside.kind)) refuse_range(word, inside);
  const bool deep =
      inside.kind == Kind::list || inside.kind == Kind::map || inside.kind == Kind::structure;
  if (deep) refuse("expected " + inside.text() + " as JSON: " + json.error().what);
  refuse_type(inside, word);
}

Value typed_value(const Value& json, const Type& type, const Types& types) {
  switch (type.kind) {
    case Kind::nothing:
    case Kind::any:
      return json;
    case Kind::boolean:
      if (!json.is(Value::Type::boolean)) refuse_type(type, json);
      return json;
    case Kind::real32:
    case Kind::real64:
    case Kind::duration:
      return typed_real(json, type);
    case Kind::string:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::enumeration:
      return typed_text(json, type, types);
    case Kind::optional:
      return json.is_nil() ? Value() : typed_value(json, type.element.at(0), types);
    case Kind::list:
      return typed_list(json, type, types);
    case Kind::map:
      return typed_map(json, type, types);
    case Kind::structure:
      return typed_struct(json, type, types);
    default:
      return typed_whole(json, type);
  }
}

std::vector<Value> typed_arguments(std::span<const std::string> words,
                                   const std::vector<Field>& parameters, const Types& types) {
  check_count(words.size(), parameters);
  std::vector<Value> out;
  for (size_t i = 0; i < words.size(); ++i)
    out.push_back(
        at(parameters[i].name, [&] { return typed_word(words[i], parameters[i].type, types); }));
  return out;
}

std::vector<Value> json_arguments(std::string_view text, const std::vector<Field>& parameters,
                                  const Types& types) {
  const Value json = json_or_refuse(text);
  std::vector<Value> out;
  const auto convert = [&](const Field& field, const Value& value) {
    out.push_back(at(field.name, [&] { return typed_value(value, field.type, types); }));
  };
  if (const auto* items = json.get_if<Value::Array>()) {
    check_count(items->size(), parameters);
    for (size_t i = 0; i < items->size(); ++i) convert(parameters[i], (*items)[i]);
    return out;
  }
  const auto* members = json.get_if<Value::Struct>();
  if (members == nullptr) refuse("the arguments must be a JSON array or object");
  for (const Value::Member& member : *members)
    if (std::none_of(parameters.begin(), parameters.end(),
                     [&](const Field& field) { return field.name == member.name; }))
      refuse("no parameter " + member.name + " in " + signature_text(parameters));
  // Those that are left out at the end are not sent; one left out before another is nil.
  size_t last = 0;
  for (size_t i = 0; i < parameters.size(); ++i)
    if (json.find(parameters[i].name) != nullptr) last = i + 1;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Value* value = json.find(parameters[i].name);
    if (value == nullptr && !parameters[i].type.is_optional())
      refuse("missing " + parameters[i].name + " of " + signature_text(parameters));
    if (i < last) convert(parameters[i], value == nullptr ? Value() : *value);
  }
  return out;
}

std::vector<Value> plain_arguments(std::span<const std::string> words) {
  std::vector<Value> out;
  for (const std::string& word : words) {
    auto json = json_value(word);
    out.push_back(json ? std::move(*json) : untyped_word(word, json.error()));
  }
  return out;
}

std::vector<Value> plain_json_arguments(std::string_view text) {
  Value json = json_or_refuse(text);
  auto* items = json.get_if<Value::Array>();
  if (items == nullptr)
    refuse("the arguments must be a JSON array: this service has no description of its parameters");
  return std::move(*items);
}

}  // namespace xbus
