#include "services/xbus/method_spec.hpp"

#include <algorithm>
#include <array>

#include "bus/limits.hpp"
#include "rpc/fault.hpp"

namespace xbus::cli {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<MethodDescription> methods() {
    std::vector<MethodDescription> found;
    do {
      MethodDescription next = method();
      for (const MethodDescription& other : found)
        if (other.name == next.name) refuse("the method " + next.name + " stands twice");
      found.push_back(std::move(next));
      if (found.size() > limits::exec_methods_max) refuse("too many methods");
    } while (take(","));
    if (at_ != text_.size()) refuse("expected a comma");
    return found;
  }

 private:
  MethodDescription method() {
    MethodDescription method;
    method.name = name(".");
    method.result = Type::Kind::any;
    if (!take("(")) {
      for (size_t i = 1; i <= limits::exec_arguments_max; ++i)
        method.params.push_back({"a" + std::to_string(i), Type::optional(Type::Kind::any)});
    } else if (!take(")")) {
      do {
        parameter(method);
      } while (take(","));
      if (!take(")")) refuse("expected )");
    }
    if (take("->")) method.result = type(1);
    return method;
  }

  void parameter(MethodDescription& method) {
    Field field;
    field.name = name("");
    if (!take(":")) refuse("expected a colon and a type");
    field.type = type(1);
    if (field.type.kind == Type::Kind::nothing) refuse("a parameter holds something");
    if (!field.type.is_optional() && !method.params.empty() &&
        method.params.back().type.is_optional())
      refuse("after one that may be left out, the others may be too");
    for (const Field& other : method.params)
      if (other.name == field.name) refuse("the parameter " + field.name + " stands twice");
    if (method.params.size() == limits::exec_arguments_max) refuse("too many parameters");
    method.params.push_back(std::move(field));
  }

  Type type(size_t depth) {
    using Kind = Type::Kind;
    constexpr std::array<Kind, 10> plain = {
        Kind::any,    Kind::boolean, Kind::int32,     Kind::int64,    Kind::real64,
        Kind::string, Kind::bytes,   Kind::timestamp, Kind::duration, Kind::nothing};
    if (depth > limits::value_depth_max) refuse("nested too deeply");
    const std::string word = name("");
    Type found;
    if (word == "list" || word == "map") {
      if (!take("<")) refuse("expected <");
      found = word == "list" ? Type::list(type(depth + 1)) : Type::map(type(depth + 1));
      if (!take(">")) refuse("expected >");
    } else {
      const auto kind = std::find_if(plain.begin(), plain.end(),
                                     [&](Kind other) { return name_of(other) == word; });
      if (kind == plain.end()) refuse("there is no type " + word);
      found = *kind;
    }
    return take("?") ? Type::optional(std::move(found)) : found;
  }

  std::string name(std::string_view also) {
    space();
    const size_t from = at_;
    if (at_ < text_.size() && is_letter(text_[at_])) ++at_;
    while (at_ > from && at_ < text_.size() &&
           (is_letter(text_[at_]) || is_digit(text_[at_]) ||
            also.find(text_[at_]) != std::string_view::npos))
      ++at_;
    if (at_ == from) refuse("expected a name");
    return std::string(text_.substr(from, at_ - from));
  }

  bool take(std::string_view word) {
    space();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  void space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Fault(Fault::Kind::invalid,
                "methods: " + why + " at \"" + std::string(text_.substr(at_, 20)) + "\"");
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::vector<MethodDescription> method_specs(std::string_view text) {
  return Reader(text).methods();
}

}  // namespace xbus::cli
