// Result<T, E>: a value or the small enum of what went wrong in the one function that returns it.
#pragma once
#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

namespace xbus {

// Wraps an error so that `return Err{JidError::empty_local};` says which side of the Result is meant.
template <class E>
struct Err {
  E error;
};
template <class E>
Err(E) -> Err<E>;

// Holds either a T or an E. Reading the wrong side is a bug and asserts.
template <class T, class E>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class F>
    requires std::is_convertible_v<F, E>
  Result(Err<F> err) : state_(std::in_place_index<1>, std::move(err.error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const E& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }
  T value_or(T other) const { return ok() ? **this : std::move(other); }

 private:
  T& value() {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  std::variant<T, E> state_;
};

// The Result of a function that only succeeds or fails.
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  template <class F>
    requires std::is_convertible_v<F, E>
  Result(Err<F> err) : error_(std::move(err.error)), ok_(false) {}
  explicit operator bool() const { return ok_; }
  bool ok() const { return ok_; }
  const E& error() const {
    assert(!ok_);
    return error_;
  }

 private:
  E error_{};
  bool ok_ = true;
};

}  // namespace xbus
