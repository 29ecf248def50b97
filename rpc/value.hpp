// Value: what calls carry, whatever the wire. One of ten types, copied and compared like an int.
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "bus/clock.hpp"

namespace xbus {

using Bytes = std::vector<std::byte>;

class Value {
 public:
  enum class Type : uint8_t { nil, boolean, int32, int64, real, string, bytes, timestamp, array, structure };

  struct Member;
  using Array = std::vector<Value>;
  // In the order in which they were written; a name stands once. Order does not count in comparisons (XML-RPC).
  using Struct = std::vector<Member>;

  Value();  // nil
  Value(std::nullptr_t);
  // Only a bool: a pointer is not taken for one.
  template <class B>
    requires std::is_same_v<B, bool>
  Value(B value);
  Value(int32_t value);
  Value(int64_t value);
  Value(double value);
  Value(std::string value);
  Value(std::string_view value);
  Value(const char* value);
  Value(Bytes value);
  Value(Timestamp value);
  Value(Array value);
  Value(Struct value);
  // Value::array({1, "two"}), Value::structure({{"a", 1}}): named, since braces alone would not say which.
  static Value array(std::initializer_list<Value> values);
  static Value structure(std::initializer_list<Member> members);

  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  Type type() const { return static_cast<Type>(data_.index()); }
  bool is_nil() const { return type() == Type::nil; }
  bool is(Type type_asked) const { return type() == type_asked; }

  // The pointer to what is inside when it is exactly a T, else nullptr: `if (auto* text = value.get_if<std::string>())`.
  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&data_);
  }
  template <class T>
  T* get_if() {
    return std::get_if<T>(&data_);
  }

  // What is inside; a Fault of kind invalid that names both types when it is something else.
  bool as_bool() const;
  int64_t as_int() const;    // int32 or int64
  double as_double() const;  // also from an int32
  const std::string& as_string() const;
  const Bytes& as_bytes() const;
  Timestamp as_timestamp() const;
  const Array& as_array() const;
  const Struct& as_struct() const;

  // The member of a struct; nullptr when there is none or this is no struct.
  const Value* find(std::string_view name) const;
  // Replaces or appends a member. A nil value becomes an empty struct first; any other type is a Fault.
  Value& set(std::string_view name, Value value);
  // Appends to an array. A nil value becomes an empty array first.
  Value& push(Value value);

  // Exact: int32 5 is not int64 5. NaN does not occur.
  bool operator==(const Value& other) const;

  // Levels of nesting: 1 for a scalar or an empty array.
  size_t depth() const;
  // JSON-like text for logs and failures, cut at about 200 bytes.
  std::string text() const;

 private:
  std::variant<std::monostate, bool, int32_t, int64_t, double, std::string, Bytes, Timestamp, Array, Struct> data_;
};

struct Value::Member {
  std::string name;
  Value value;
  bool operator==(const Member&) const = default;
};

std::string_view name_of(Value::Type type);

// Here, where Member is complete.
inline Value::Value() = default;
inline Value::Value(std::nullptr_t) {}
template <class B>
  requires std::is_same_v<B, bool>
Value::Value(B value) : data_(std::in_place_type<bool>, value) {}
inline Value::Value(int32_t value) : data_(value) {}
inline Value::Value(int64_t value) : data_(value) {}
inline Value::Value(double value) : data_(value) {}
inline Value::Value(std::string value) : data_(std::move(value)) {}
inline Value::Value(std::string_view value) : data_(std::string(value)) {}
inline Value::Value(const char* value) : data_(std::string(value)) {}
inline Value::Value(Bytes value) : data_(std::move(value)) {}
inline Value::Value(Timestamp value) : data_(value) {}
inline Value::Value(Array value) : data_(std::move(value)) {}
inline Value::Value(Struct value) : data_(std::move(value)) {}
inline Value::Value(const Value&) = default;
inline Value::Value(Value&&) noexcept = default;
inline Value& Value::operator=(const Value&) = default;
inline Value& Value::operator=(Value&&) noexcept = default;
inline Value::~Value() = default;

}  // namespace xbus
