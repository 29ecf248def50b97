#include "rpc/value.hpp"

#include <algorithm>
#include <charconv>

#include "rpc/fault.hpp"

namespace xbus {

namespace {

[[noreturn]] void wrong_type(Value::Type wanted, Value::Type found) {
  throw Fault(Fault::Kind::invalid, "expected " + std::string(name_of(wanted)) + ", found " + std::string(name_of(found)));
}

template <class T>
const T& inside(const Value& value, Value::Type wanted) {
  const T* found = value.get_if<T>();
  if (!found) wrong_type(wanted, value.type());
  return *found;
}

bool same_members(const Value::Struct& a, const Value::Struct& b) {
  if (a.size() != b.size()) return false;
  if (a == b) return true;
  auto sorted = [](const Value::Struct& members) {
    std::vector<const Value::Member*> out;
    for (const auto& member : members) out.push_back(&member);
    std::sort(out.begin(), out.end(), [](auto* x, auto* y) { return x->name < y->name; });
    return out;
  };
  const auto x = sorted(a), y = sorted(b);
  return std::equal(x.begin(), x.end(), y.begin(), [](auto* p, auto* q) { return *p == *q; });
}

constexpr size_t text_bytes = 200;

void text_to(std::string& out, const Value& value);

void text_of_items(std::string& out, const Value::Array& items) {
  out += '[';
  for (size_t i = 0; i < items.size() && out.size() < text_bytes; ++i) {
    if (i > 0) out += ", ";
    text_to(out, items[i]);
  }
  out += ']';
}

void text_of_members(std::string& out, const Value::Struct& members) {
  out += '{';
  for (size_t i = 0; i < members.size() && out.size() < text_bytes; ++i) {
    if (i > 0) out += ", ";
    out += members[i].name + ": ";
    text_to(out, members[i].value);
  }
  out += '}';
}

void text_to(std::string& out, const Value& value) {
  switch (value.type()) {
    case Value::Type::nil: out += "nil"; break;
    case Value::Type::boolean: out += value.as_bool() ? "true" : "false"; break;
    case Value::Type::int32:
    case Value::Type::int64: out += std::to_string(value.as_int()); break;
    case Value::Type::real: {
      char digits[32];
      const auto end = std::to_chars(digits, digits + sizeof digits, value.as_double()).ptr;
      out.append(digits, end);
      break;
    }
    case Value::Type::string: out += '"' + value.as_string() + '"'; break;
    case Value::Type::bytes: out += "bytes(" + std::to_string(value.as_bytes().size()) + ")"; break;
    case Value::Type::timestamp:
      out += "@" + std::to_string(value.as_timestamp().time_since_epoch().count()) + "us";
      break;
    case Value::Type::array: text_of_items(out, value.as_array()); break;
    case Value::Type::structure: text_of_members(out, value.as_struct()); break;
  }
}

}  // namespace

std::string_view name_of(Value::Type type) {
  constexpr std::string_view names[] = {"nil",    "bool",  "int32",     "int64", "double",
                                        "string", "bytes", "timestamp", "array", "struct"};
  return names[static_cast<size_t>(type)];
}

Value Value::array(std::initializer_list<Value> values) { return Value(Array(values)); }
Value Value::structure(std::initializer_list<Member> members) { return Value(Struct(members)); }

bool Value::as_bool() const { return inside<bool>(*this, Type::boolean); }

int64_t Value::as_int() const {
  if (const auto* narrow = get_if<int32_t>()) return *narrow;
  return inside<int64_t>(*this, Type::int64);
}

double Value::as_double() const {
  if (const auto* whole = get_if<int32_t>()) return *whole;
  return inside<double>(*this, Type::real);
}

const std::string& Value::as_string() const { return inside<std::string>(*this, Type::string); }
const Bytes& Value::as_bytes() const { return inside<Bytes>(*this, Type::bytes); }
Timestamp Value::as_timestamp() const { return inside<Timestamp>(*this, Type::timestamp); }
const Value::Array& Value::as_array() const { return inside<Array>(*this, Type::array); }
const Value::Struct& Value::as_struct() const { return inside<Struct>(*this, Type::structure); }

const Value* Value::find(std::string_view name) const {
  const auto* members = get_if<Struct>();
  if (!members) return nullptr;
  for (const Member& member : *members)
    if (member.name == name) return &member.value;
  return nullptr;
}

Value& Value::set(std::string_view name, Value value) {
  if (is_nil()) data_.emplace<Struct>();
  auto* members = get_if<Struct>();
  if (!members) wrong_type(Type::structure, type());
  for (Member& member : *members) {
    if (member.name != name) continue;
    member.value = std::move(value);
    return *this;
  }
  members->push_back({std::string(name), std::move(value)});
  return *this;
}

Value& Value::push(Value value) {
  if (is_nil()) data_.emplace<Array>();
  auto* items = get_if<Array>();
  if (!items) wrong_type(Type::array, type());
  items->push_back(std::move(value));
  return *this;
}

bool Value::operator==(const Value& other) const {
  if (type() != other.type()) return false;
  if (const auto* members = get_if<Struct>()) return same_members(*members, *other.get_if<Struct>());
  return data_ == other.data_;
}

size_t Value::depth() const {
  size_t below = 0;
  if (const auto* items = get_if<Array>())
    for (const Value& item : *items) below = std::max(below, item.depth());
  if (const auto* members = get_if<Struct>())
    for (const Member& member : *members) below = std::max(below, member.value.depth());
  return below + 1;
}

std::string Value::text() const {
  std::string out;
  text_to(out, *this);
  if (out.size() > text_bytes) {
    size_t cut = text_bytes;
    while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0) == 0x80) --cut;
    out.resize(cut);
    out += "...";
  }
  return out;
}

}  // namespace xbus
