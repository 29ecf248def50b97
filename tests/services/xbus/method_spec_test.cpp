#include "services/xbus/method_spec.hpp"

#include <gtest/gtest.h>

#include "bus/limits.hpp"
#include "rpc/fault.hpp"

namespace xbus::cli {
namespace {

std::string signatures(const char* text) {
  std::string out;
  for (const MethodDescription& method : method_specs(text))
    out += Description::signature(method) + ";";
  return out;
}

TEST(MethodSpec, names_alone_take_anything) {
  const auto methods = method_specs("greet, mail.send_all");
  ASSERT_EQ(methods.size(), 2u);
  EXPECT_EQ(methods[0].name, "greet");
  EXPECT_EQ(methods[1].name, "mail.send_all");
  EXPECT_EQ(methods[0].params.size(), limits::exec_arguments_max);
  EXPECT_EQ(methods[0].params[0].type, Type::optional(Type::Kind::any));
  EXPECT_EQ(methods[0].result, Type(Type::Kind::any));
}

TEST(MethodSpec, signatures_are_read_as_they_are_shown) {
  for (const char* text :
       {"add(a: int32, b: int32) -> int64", "f(l: list<map<string>>, o: double?) -> any",
        "g() -> bool?", "h(t: timestamp, d: duration, b: bytes) -> list<any>"})
    EXPECT_EQ(signatures(text), std::string(text) + ";");
  EXPECT_EQ(signatures(" a ( x:int32 )->string , b() "), "a(x: int32) -> string;b() -> any;");
  EXPECT_EQ(method_specs("a() -> nothing")[0].result, Type(Type::Kind::nothing));
}

TEST(MethodSpec, what_is_not_understood_is_refused_with_its_place) {
  for (const char* bad : {"",
                          ",",
                          "a,",
                          "a b",
                          "1a",
                          "-a",
                          ".a",
                          "a(",
                          "a(x)",
                          "a(x:)",
                          "a(x: int)",
                          "a(x: list)",
                          "a(x: list<int32)",
                          "a() ->",
                          "a(x: nothing)",
                          "a(x: int32?, y: int32)",
                          "a(x: int32, x: int32)",
                          "a,a",
                          "a;b",
                          "a\nb",
                          "é",
                          "a/b",
                          "a(x: structure)"}) {
    try {
      method_specs(bad);
      ADD_FAILURE() << bad;
    } catch (const Fault& fault) {
      EXPECT_EQ(fault.kind(), Fault::Kind::invalid);
    }
  }
  try {
    method_specs("a(x: int) -> string");
    ADD_FAILURE();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.message(), "methods: there is no type int at \") -> string\"");
  }
}

TEST(MethodSpec, methods_parameters_and_nesting_are_bounded) {
  std::string many = "m0";
  for (size_t i = 1; i < limits::exec_methods_max; ++i) many += ",m" + std::to_string(i);
  EXPECT_EQ(method_specs(many).size(), limits::exec_methods_max);
  EXPECT_THROW(method_specs(many + ",more"), Fault);
  std::string parameters = "p0: any";
  for (size_t i = 1; i < limits::exec_arguments_max; ++i)
    parameters += ", p" + std::to_string(i) + ": any";
  EXPECT_NO_THROW(method_specs("m(" + parameters + ")"));
  EXPECT_THROW(method_specs("m(" + parameters + ", more: any)"), Fault);
  const auto nested = [](size_t depth) {
    std::string text = "m() -> ";
    for (size_t i = 1; i < depth; ++i) text += "list<";
    return text + "any" + std::string(depth - 1, '>');
  };
  EXPECT_NO_THROW(method_specs(nested(limits::value_depth_max)));
  EXPECT_THROW(method_specs(nested(limits::value_depth_max + 1)), Fault);
}

}  // namespace
}  // namespace xbus::cli
