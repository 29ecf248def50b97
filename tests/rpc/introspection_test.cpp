// system.*: what a service says of itself, to whom.
#include "rpc/introspection.hpp"

#include <gtest/gtest.h>

#include "rpc/describe.hpp"
#include "rpc/service.hpp"

namespace xbus {
namespace {

struct Point {
  int x = 0, y = 0;
};
XBUS_STRUCT(Point, x, y)

Value ask(const Service& service, const std::string& method, Value::Array args = {},
          const std::string& caller = "user@localhost/a") {
  Call call;
  call.caller = caller;
  return service.find(method)->handler().plain(call, args);
}

class IntrospectionTest : public testing::Test {
 protected:
  IntrospectionTest() : service("geo") {
    service.allow({"*@localhost"}).version("1.2").doc("Places.");
    service.method("move", {"point", "by"}, [](Point p, std::optional<int64_t>) { return p; }).doc("Moves a point.");
    service.method("reset", [] {}).allow({"root@localhost"});
    add_introspection(service);
  }
  Service service;
};

TEST_F(IntrospectionTest, lists_the_methods_that_the_caller_may_call) {
  EXPECT_EQ(ask(service, "system.listMethods"),
            Value::array({"move", "system.describe", "system.listMethods", "system.methodHelp", "system.methodSignature"}));
  EXPECT_EQ(ask(service, "system.listMethods", {}, "root@localhost/x").as_array().size(), 6u);
}

TEST_F(IntrospectionTest, gives_a_signature_for_each_number_of_arguments) {
  EXPECT_EQ(ask(service, "system.methodSignature", {"move"}),
            Value::array({Value::array({"struct", "struct", "i8"}), Value::array({"struct", "struct"})}));
  EXPECT_EQ(ask(service, "system.methodSignature", {"reset"}, "root@localhost"), Value::array({Value::array({"nil"})}));
}

TEST_F(IntrospectionTest, gives_help) {
  EXPECT_EQ(ask(service, "system.methodHelp", {"move"}), Value("Moves a point."));
  EXPECT_EQ(ask(service, "system.methodHelp", {"system.methodHelp"}), Value("What a method does."));
}

TEST_F(IntrospectionTest, what_a_caller_may_not_call_is_not_there) {
  for (const char* method : {"reset", "nothing"}) {
    try {
      ask(service, "system.methodHelp", {method});
      FAIL();
    } catch (const Fault& fault) {
      EXPECT_EQ(fault.kind(), Fault::Kind::no_such_method);
    }
  }
}

TEST_F(IntrospectionTest, describes_everything) {
  const auto description = description_from(ask(service, describe_method, {}, "root@localhost").as_bytes());
  ASSERT_TRUE(description) << description.error().what();
  EXPECT_EQ(*description, service.describe());
  EXPECT_EQ(description->version, "1.2");
  const auto seen = description_from(ask(service, describe_method).as_bytes());
  ASSERT_EQ(seen->methods.size(), 1u);
  EXPECT_EQ(Description::signature(seen->methods[0]), "move(point: Point, by: int64?) -> Point");
}

TEST_F(IntrospectionTest, is_added_once) {
  add_introspection(service);
  EXPECT_EQ(service.methods().size(), 6u);
}

}  // namespace
}  // namespace xbus
