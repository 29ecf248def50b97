// XBUS_STRUCT and XBUS_ENUM: the one line that makes a struct or an enum a value of the bus.
//
//   struct Forecast { std::string city; int days; std::optional<double> rain; };
//   XBUS_STRUCT(Forecast, city, days, rain)
//   enum class State { up, down };
//   XBUS_ENUM(State, up, down)
//
// Each stands in the namespace of the type, after it. A struct travels as a struct of the members named, an enum as
// the name of its value. At most 64 names.
#pragma once
#include <array>
#include <string_view>
#include <tuple>

namespace xbus {

// A member of a struct: its name on the bus and where it is.
template <class S, class M>
struct MemberOf {
  std::string_view name;
  M S::*pointer;
};
template <class S, class M>
constexpr MemberOf<S, M> member(std::string_view name, M S::*pointer) {
  return {name, pointer};
}

template <class E>
struct EnumName {
  std::string_view name;
  E value;
};

// A type that XBUS_STRUCT has described.
template <class T>
concept Described = requires(const T* type) { xbus_members(type); };
// An enum that XBUS_ENUM has described.
template <class T>
concept Named = requires(const T* type) { xbus_values(type); };

}  // namespace xbus

#define XBUS_STRUCT(Type, ...)                                                                        \
  [[maybe_unused]] constexpr auto xbus_members(const Type*) {                                         \
    return std::tuple{XBUS_DETAIL_EACH(XBUS_DETAIL_MEMBER, Type, __VA_ARGS__)};                       \
  }                                                                                                   \
  [[maybe_unused]] constexpr std::string_view xbus_name(const Type*) { return ::xbus::detail::last_name(#Type); }

#define XBUS_ENUM(Type, ...)                                                                          \
  [[maybe_unused]] constexpr auto xbus_values(const Type*) {                                          \
    return std::array{XBUS_DETAIL_EACH(XBUS_DETAIL_VALUE, Type, __VA_ARGS__)};                        \
  }                                                                                                   \
  [[maybe_unused]] constexpr std::string_view xbus_name(const Type*) { return ::xbus::detail::last_name(#Type); }

namespace xbus::detail {
// "Forecast" of "weather::Forecast".
constexpr std::string_view last_name(std::string_view spelled) {
  const size_t colon = spelled.rfind(':');
  return colon == std::string_view::npos ? spelled : spelled.substr(colon + 1);
}
}  // namespace xbus::detail

#define XBUS_DETAIL_MEMBER(Type, name) ::xbus::member(#name, &Type::name)
#define XBUS_DETAIL_VALUE(Type, name) (::xbus::EnumName<Type>{#name, Type::name})

// EACH(what, with, a, b) is what(with, a), what(with, b): one name a round, and the four EXPANDs make 4^3 rounds.
#define XBUS_DETAIL_EXPAND(...) XBUS_DETAIL_EXPAND3(XBUS_DETAIL_EXPAND3(XBUS_DETAIL_EXPAND3(XBUS_DETAIL_EXPAND3(__VA_ARGS__))))
#define XBUS_DETAIL_EXPAND3(...) XBUS_DETAIL_EXPAND2(XBUS_DETAIL_EXPAND2(XBUS_DETAIL_EXPAND2(XBUS_DETAIL_EXPAND2(__VA_ARGS__))))
#define XBUS_DETAIL_EXPAND2(...) XBUS_DETAIL_EXPAND1(XBUS_DETAIL_EXPAND1(XBUS_DETAIL_EXPAND1(XBUS_DETAIL_EXPAND1(__VA_ARGS__))))
#define XBUS_DETAIL_EXPAND1(...) __VA_ARGS__
#define XBUS_DETAIL_PARENS ()
#define XBUS_DETAIL_EACH(what, with, ...) __VA_OPT__(XBUS_DETAIL_EXPAND(XBUS_DETAIL_ROUND(what, with, __VA_ARGS__)))
#define XBUS_DETAIL_ROUND(what, with, name, ...) \
  what(with, name) __VA_OPT__(, XBUS_DETAIL_AGAIN XBUS_DETAIL_PARENS(what, with, __VA_ARGS__))
#define XBUS_DETAIL_AGAIN() XBUS_DETAIL_ROUND
