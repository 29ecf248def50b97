// Type::text() read back.
#include "rpc/type_text.hpp"

#include <gtest/gtest.h>

namespace xbus {
namespace {

TEST(TypeText, comes_back_as_it_went) {
  Types types;
  types.add(Type::Kind::enumeration, "State");
  for (const char* text : {"nothing", "any", "bool", "int8", "uint64", "float", "double", "string", "bytes", "timestamp",
                           "duration", "Point", "State", "int32?", "list<int32>", "map<list<Point?>>?", "list<list<State>>"}) {
    const auto type = type_from_text(text, types);
    ASSERT_TRUE(type) << text;
    EXPECT_EQ(type->text(), text);
  }
  EXPECT_EQ(type_from_text("State", types)->kind, Type::Kind::enumeration);
  EXPECT_EQ(type_from_text("Point", types)->kind, Type::Kind::structure);
}

TEST(TypeText, what_is_none_is_refused) {
  for (const char* text : {"", "?", "list<", "list<>", "a b", "list<int32", "int32>", "<"})
    EXPECT_FALSE(type_from_text(text, {})) << text;
  EXPECT_FALSE(type_from_text("x" + std::string(100'000, '?'), {}));
}

}  // namespace
}  // namespace xbus
