// Handler: a C++ callable as something that takes Values and gives one, with the types it was written with.
#pragma once
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "bus/task.hpp"
#include "rpc/call.hpp"
#include "rpc/convert.hpp"

namespace xbus {

// Exactly one of the two is set.
struct Handler {
  std::function<Value(Call&, const Value::Array&)> plain;
  std::function<Task<Value>(Call&, Value::Array)> coroutine;
};

namespace detail {

// How a callable was written: R(A...), whatever kind of callable it is.
template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
template <class R, class... A>
struct Signature<R(A...)> {
  using Result = R;
  using Args = std::tuple<A...>;
};
template <class R, class... A>
struct Signature<R (*)(A...)> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...)> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) noexcept> : Signature<R(A...)> {};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const noexcept> : Signature<R(A...)> {};

template <class R>
struct Unwrapped {
  using type = R;
  static constexpr bool is_task = false;
};
template <class R>
struct Unwrapped<Task<R>> {
  using type = R;
  static constexpr bool is_task = true;
};

// The parameters behind an optional leading Call&.
template <class Args>
struct Parameters {
  static constexpr bool takes_call = false;
  using Values = std::tuple<>;
};
template <class First, class... Rest>
struct Parameters<std::tuple<First, Rest...>> {
  static constexpr bool takes_call = std::is_same_v<std::remove_cvref_t<First>, Call>;
  using Values = std::conditional_t<takes_call, std::tuple<std::remove_cvref_t<Rest>...>,
                                    std::tuple<std::remove_cvref_t<First>, std::remove_cvref_t<Rest>...>>;
};

// Faults: too many arguments, or too few where what is missing is not optional.
void check_arguments(const std::vector<Field>& params, size_t given);
// The names against the C++ signature: a mistake in the program, thrown as std::invalid_argument.
void check_names(const std::string& method, size_t names, size_t params);

template <class T>
T argument(const std::vector<Field>& params, const Value::Array& args, size_t i) {
  if (i >= args.size()) return from_value<T>(Value());  // check_arguments has seen that it is optional
  return at(params[i].name, [&] { return from_value<T>(args[i]); });
}

template <class Tuple, size_t... i>
Tuple arguments(const std::vector<Field>& params, const Value::Array& args, std::index_sequence<i...>) {
  check_arguments(params, args.size());
  return Tuple{argument<std::tuple_element_t<i, Tuple>>(params, args, i)...};
}

// What a handler has returned cannot be a Value: that is no fault of its caller.
[[noreturn]] void bad_result(const Fault& why);

template <class T>
Value result_value(const T& result) {
  try {
    return to_value<T>(result);
  } catch (const Fault& fault) {
    bad_result(fault);
  }
}

template <class F>
class Invoker {
 public:
  using Signed = Signature<F>;
  using Result = typename Unwrapped<typename Signed::Result>::type;
  using Split = Parameters<typename Signed::Args>;
  using Values = typename Split::Values;
  static constexpr bool is_task = Unwrapped<typename Signed::Result>::is_task;
  static constexpr auto indices = std::make_index_sequence<std::tuple_size_v<Values>>();

  Invoker(F handler, std::vector<Field> params) : handler_(std::move(handler)), params_(std::move(params)) {}

  Value run(Call& call, const Value::Array& args) {
    auto values = arguments<Values>(params_, args, indices);
    if constexpr (std::is_void_v<Result>) {
      start(call, values);
      return {};
    } else {
      decltype(auto) result = start(call, values);
      return result_value<std::remove_cvref_t<Result>>(result);
    }
  }

  // The arguments live in this frame, so a handler may take them by reference. `self` keeps the callable, and with it
  // what it has captured, until the handler has ended.
  static Task<Value> run_task(std::shared_ptr<Invoker> self, Call& call, Value::Array args) {
    auto values = arguments<Values>(self->params_, args, indices);
    if constexpr (std::is_void_v<Result>) {
      co_await self->start(call, values);
      co_return Value();
    } else {
      auto result = co_await self->start(call, values);
      co_return result_value<std::remove_cvref_t<Result>>(result);
    }
  }

  static void fields(const std::vector<std::string>& names, std::vector<Field>& params, Types& types) {
    add_fields(names, params, types, indices);
  }

 private:
  // By-value parameters are moved into, references bind to `values`.
  decltype(auto) start(Call& call, Values& values) {
    return std::apply(
        [&](auto&... value) -> decltype(auto) {
          if constexpr (Split::takes_call) {
            return handler_(call, static_cast<std::remove_reference_t<decltype(value)>&&>(value)...);
          } else {
            return handler_(static_cast<std::remove_reference_t<decltype(value)>&&>(value)...);
          }
        },
        values);
  }
  template <size_t... i>
  static void add_fields([[maybe_unused]] const std::vector<std::string>& names,
                         [[maybe_unused]] std::vector<Field>& params, [[maybe_unused]] Types& types,
                         std::index_sequence<i...>) {
    (params.push_back({names[i], type_of<std::tuple_element_t<i, Values>>(types)}), ...);
  }

  F handler_;
  std::vector<Field> params_;
};

}  // namespace detail

// Makes the handler and enters its parameters, result and the types they use.
template <class F>
Handler make_handler(const std::string& method, const std::vector<std::string>& names, F callable,
                     std::vector<Field>& params, Type& result, Types& types) {
  using Invoker = detail::Invoker<std::decay_t<F>>;
  detail::check_names(method, names.size(), std::tuple_size_v<typename Invoker::Values>);
  Invoker::fields(names, params, types);
  if constexpr (!std::is_void_v<typename Invoker::Result>) {
    result = type_of<std::remove_cvref_t<typename Invoker::Result>>(types);
  }
  auto invoker = std::make_shared<Invoker>(std::move(callable), params);
  Handler handler;
  if constexpr (Invoker::is_task) {
    handler.coroutine = [invoker](Call& call, Value::Array args) {
      return Invoker::run_task(invoker, call, std::move(args));
    };
  } else {
    handler.plain = [invoker](Call& call, const Value::Array& args) { return invoker->run(call, args); };
  }
  return handler;
}

}  // namespace xbus
