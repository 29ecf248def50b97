// C++ types as Values and back, and what they are called: Convert<T> for every T that may stand in a method's
// signature.
//
//   bool, integers of any width, float, double     chrono durations: a double of seconds, rounded to the tick
//   std::string, std::string_view (sending only)   Timestamp
//   Bytes                                          std::optional<T>: nil, or absent
//   std::vector<T>, std::map<std::string, T>       structs by XBUS_STRUCT, enums by XBUS_ENUM
//   Value itself
//
// from_value throws a Fault of kind invalid that names the place: "days[2].city: expected string, found int32".
// Nothing wraps: an integer outside its type is a Fault, so is an unsigned one above 2^63 - 1 when sending, and a
// double that is NaN or infinite. Where the wire has only 32 bits, wider integers also come as decimal strings.
#pragma once
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "rpc/fault.hpp"
#include "rpc/members.hpp"
#include "rpc/type.hpp"
#include "rpc/value.hpp"

namespace xbus {

// Specialise for a type of your own when a member list does not do: to(), from() and type().
template <class T>
struct Convert;

template <class T>
Value to_value(const T& value) {
  return Convert<T>::to(value);
}
template <class T>
T from_value(const Value& value) {
  return Convert<T>::from(value);
}
// The type, with the structures it uses entered in `types`.
template <class T>
Type type_of(Types& types) {
  return Convert<T>::type(types);
}

// Types that Value converts.
template <class T>
concept Convertible = requires(const T& value, const Value& from, Types& types) {
  { Convert<T>::to(value) } -> std::same_as<Value>;
  { Convert<T>::type(types) } -> std::same_as<Type>;
};

namespace detail {

[[noreturn]] void wrong_type(const Type& wanted, const Value& found);
[[noreturn]] void out_of_range(const Type& wanted, const std::string& found);
// The fault again, with `place` before the place it names: "city: ...", "[2].city: ...".
[[noreturn]] void at_place(const Fault& fault, const std::string& place);
[[noreturn]] void missing_member(std::string_view name);

int64_t signed_from(const Value& value, const Type& wanted);  // also from a decimal string when wider than 32 bits
double real_from(const Value& value, const Type& wanted);
double checked_real(double value);
Value integer_value(int64_t value, bool narrow);
[[noreturn]] void no_such_value(std::string_view type, int64_t number);
[[noreturn]] void no_such_name(std::string_view type, const std::string& found);

template <class F>
auto at(const std::string& place, F convert) {
  try {
    return convert();
  } catch (const Fault& fault) {
    at_place(fault, place);
  }
}

template <class T>
constexpr Type::Kind integer_kind() {
  using K = Type::Kind;
  constexpr K kinds[2][4] = {{K::uint8, K::uint16, K::uint32, K::uint64}, {K::int8, K::int16, K::int32, K::int64}};
  return kinds[std::is_signed_v<T>][sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3];
}

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && sizeof(T) <= 8;

}  // namespace detail

template <>
struct Convert<Value> {
  static Value to(const Value& value) { return value; }
  static Value from(const Value& value) { return value; }
  static Type type(Types&) { return Type::Kind::any; }
};

template <>
struct Convert<bool> {
  static Value to(bool value) { return value; }
  static bool from(const Value& value) {
    if (const bool* found = value.get_if<bool>()) return *found;
    detail::wrong_type(Type::Kind::boolean, value);
  }
  static Type type(Types&) { return Type::Kind::boolean; }
};

template <detail::Integer T>
struct Convert<T> {
  static Value to(T value) {
    if (!std::in_range<int64_t>(value)) detail::out_of_range(Type::Kind::int64, std::to_string(value));
    return detail::integer_value(static_cast<int64_t>(value), narrow);
  }
  static T from(const Value& value) {
    const int64_t found = detail::signed_from(value, kind);
    if (!std::in_range<T>(found)) detail::out_of_range(kind, std::to_string(found));
    return static_cast<T>(found);
  }
  static Type type(Types&) { return kind; }

 private:
  static constexpr Type::Kind kind = detail::integer_kind<T>();
  static constexpr bool narrow = sizeof(T) < 4 || (sizeof(T) == 4 && std::is_signed_v<T>);
};

template <std::floating_point T>
struct Convert<T> {
  static Value to(T value) { return detail::checked_real(static_cast<double>(value)); }
  static T from(const Value& value) {
    const double found = detail::real_from(value, kind);
    if (found > std::numeric_limits<T>::max() || found < std::numeric_limits<T>::lowest())
      detail::out_of_range(kind, value.text());
    return static_cast<T>(found);
  }
  static Type type(Types&) { return kind; }

 private:
  static constexpr Type::Kind kind = sizeof(T) == 4 ? Type::Kind::real32 : Type::Kind::real64;
};

template <>
struct Convert<std::string> {
  static Value to(const std::string& value) { return value; }
  static std::string from(const Value& value) {
    if (const auto* found = value.get_if<std::string>()) return *found;
    detail::wrong_type(Type::Kind::string, value);
  }
  static Type type(Types&) { return Type::Kind::string; }
};

template <>
struct Convert<std::string_view> {
  static Value to(std::string_view value) { return value; }
  static Type type(Types&) { return Type::Kind::string; }
};

template <>
struct Convert<const char*> {
  static Value to(const char* value) { return value; }
  static Type type(Types&) { return Type::Kind::string; }
};

template <size_t n>
struct Convert<char[n]> : Convert<const char*> {};

template <>
struct Convert<Bytes> {
  static Value to(const Bytes& value) { return value; }
  static Bytes from(const Value& value) {
    if (const auto* found = value.get_if<Bytes>()) return *found;
    detail::wrong_type(Type::Kind::bytes, value);
  }
  static Type type(Types&) { return Type::Kind::bytes; }
};

template <>
struct Convert<Timestamp> {
  static Value to(Timestamp value) { return value; }
  static Timestamp from(const Value& value) {
    if (const auto* found = value.get_if<Timestamp>()) return *found;
    detail::wrong_type(Type::Kind::timestamp, value);
  }
  static Type type(Types&) { return Type::Kind::timestamp; }
};

// Seconds, so that 0.25 is a quarter of a second in any language.
template <class Rep, class Period>
struct Convert<std::chrono::duration<Rep, Period>> {
  using Span = std::chrono::duration<Rep, Period>;
  static Value to(const Span& value) {
    return detail::checked_real(std::chrono::duration<double>(value).count());
  }
  static Span from(const Value& value) {
    const double seconds = detail::real_from(value, Type::Kind::duration);
    const double ticks = seconds * static_cast<double>(Period::den) / static_cast<double>(Period::num);
    if constexpr (std::is_floating_point_v<Rep>) {
      return Span(static_cast<Rep>(ticks));
    } else {
      // The limits of an integer are not doubles: the power of two above the largest one is.
      const double end = -static_cast<double>(std::numeric_limits<Rep>::lowest());
      if (!(ticks > -end && ticks < end)) detail::out_of_range(Type::Kind::duration, value.text());
      return Span(static_cast<Rep>(ticks < 0 ? ticks - 0.5 : ticks + 0.5));
    }
  }
  static Type type(Types&) { return Type::Kind::duration; }
};

template <class T>
struct Convert<std::optional<T>> {
  static Value to(const std::optional<T>& value) { return value ? to_value(*value) : Value(); }
  static std::optional<T> from(const Value& value) {
    if (value.is_nil()) return {};
    return from_value<T>(value);
  }
  static Type type(Types& types) { return Type::optional(type_of<T>(types)); }
};

template <class T>
struct Convert<std::vector<T>> {
  static Value to(const std::vector<T>& values) {
    Value::Array out;
    out.reserve(values.size());
    for (const auto& value : values) out.push_back(to_value<T>(value));
    return out;
  }
  static std::vector<T> from(const Value& value) {
    const auto* found = value.get_if<Value::Array>();
    if (!found) detail::wrong_type(Type::Kind::list, value);
    std::vector<T> out;
    out.reserve(found->size());
    for (const Value& item : *found)
      out.push_back(detail::at("[" + std::to_string(out.size()) + "]", [&] { return from_value<T>(item); }));
    return out;
  }
  static Type type(Types& types) { return Type::list(type_of<T>(types)); }
};

template <class T>
struct Convert<std::map<std::string, T>> {
  static Value to(const std::map<std::string, T>& values) {
    Value::Struct out;
    out.reserve(values.size());
    for (const auto& [name, value] : values) out.push_back({name, to_value(value)});
    return out;
  }
  static std::map<std::string, T> from(const Value& value) {
    const auto* found = value.get_if<Value::Struct>();
    if (!found) detail::wrong_type(Type::Kind::map, value);
    std::map<std::string, T> out;
    for (const auto& member : *found)
      out.emplace(member.name, detail::at(member.name, [&] { return from_value<T>(member.value); }));
    return out;
  }
  static Type type(Types& types) { return Type::map(type_of<T>(types)); }
};

template <Named T>
struct Convert<T> {
  static Value to(T value) {
    for (const auto& entry : xbus_values(static_cast<const T*>(nullptr)))
      if (entry.value == value) return entry.name;
    detail::no_such_value(name(), static_cast<int64_t>(value));
  }
  static T from(const Value& value) {
    const auto* found = value.get_if<std::string>();
    if (!found) detail::wrong_type(Type::named(Type::Kind::enumeration, std::string(name())), value);
    for (const auto& entry : xbus_values(static_cast<const T*>(nullptr)))
      if (entry.name == *found) return entry.value;
    detail::no_such_name(name(), *found);
  }
  static Type type(Types& types) {
    if (types.add(Type::Kind::enumeration, name())) {
      NamedType named{Type::Kind::enumeration, std::string(name()), {}, {}};
      for (const auto& entry : xbus_values(static_cast<const T*>(nullptr))) named.values.emplace_back(entry.name);
      types.fill(name(), std::move(named));
    }
    return Type::named(Type::Kind::enumeration, std::string(name()));
  }

 private:
  static constexpr std::string_view name() { return xbus_name(static_cast<const T*>(nullptr)); }
};

namespace detail {
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
}  // namespace detail

// An empty optional member is left out. A member that is not there and not optional is bad arguments; members that the
// struct does not have are ignored.
template <Described T>
struct Convert<T> {
  static Value to(const T& value) {
    Value::Struct out;
    each([&](const auto& member) {
      const auto& inside = value.*member.pointer;
      using M = std::remove_cvref_t<decltype(inside)>;
      if constexpr (detail::is_optional<M>) {
        if (!inside) return;
      }
      out.push_back({std::string(member.name), to_value<M>(inside)});
    });
    return out;
  }
  static T from(const Value& value) {
    const auto* found = value.get_if<Value::Struct>();
    if (!found) detail::wrong_type(Type::named(Type::Kind::structure, std::string(name())), value);
    T out{};
    each([&](const auto& member) {
      using M = std::remove_cvref_t<decltype(out.*member.pointer)>;
      if (const Value* inside = value.find(member.name)) {
        out.*member.pointer = detail::at(std::string(member.name), [&] { return from_value<M>(*inside); });
      } else if constexpr (!detail::is_optional<M>) {
        detail::missing_member(member.name);
      }
    });
    return out;
  }
  static Type type(Types& types) {
    // The name first: a member may be a list of this same struct.
    if (types.add(Type::Kind::structure, name())) {
      NamedType named{Type::Kind::structure, std::string(name()), {}, {}};
      each([&](const auto& member) {
        using M = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
        named.members.push_back({std::string(member.name), type_of<M>(types)});
      });
      types.fill(name(), std::move(named));
    }
    return Type::named(Type::Kind::structure, std::string(name()));
  }

 private:
  static constexpr std::string_view name() { return xbus_name(static_cast<const T*>(nullptr)); }
  template <class F>
  static void each(F use) {
    std::apply([&](const auto&... member) { (use(member), ...); }, xbus_members(static_cast<const T*>(nullptr)));
  }
};

}  // namespace xbus
