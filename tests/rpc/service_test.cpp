// Service: definitions, what may be defined, and what is told to whom.
#include "rpc/service.hpp"

#include <gtest/gtest.h>

namespace xbus {
namespace {

int twice(int n) { return n * 2; }

TEST(Service, takes_any_kind_of_callable) {
  Service service("s");
  service.method("lambda", {"n"}, [](int n) { return n; });
  service.method("function", {"n"}, twice);
  service.method("std", {"n"}, std::function<int(int)>(twice));
  service.method("mutable", [n = 0]() mutable { return ++n; });
  service.method("call", {"n"}, [](const Call& call, int n) { return call.method + std::to_string(n); });
  Call call;
  call.method = "call";
  const auto ask = [&](const char* method, const Value::Array& args) {
    return service.find(method)->handler().plain(call, args);
  };
  EXPECT_EQ(ask("lambda", {5}), Value(5));
  EXPECT_EQ(ask("function", {5}), Value(10));
  EXPECT_EQ(ask("std", {5}), Value(10));
  EXPECT_EQ(ask("mutable", {}), Value(1));
  EXPECT_EQ(ask("mutable", {}), Value(2));
  EXPECT_EQ(ask("call", {5}), Value("call5"));
}

TEST(Service, mistakes_in_the_program_are_found_at_the_definition) {
  for (const char* name : {"", " calc", "calc ", "x y/z@", "a@b", "a/b"})
    EXPECT_THROW(Service{name}, std::invalid_argument) << name;
  EXPECT_EQ(Service("billing of d'Artagnan").name(), "billing of d'Artagnan");
  Service service("s");
  service.method("m", [] {});
  EXPECT_THROW(service.method("m", [] {}), std::invalid_argument);
  EXPECT_THROW(service.method("a b", [] {}), std::invalid_argument);
  EXPECT_THROW(service.method("system.describe", [] {}), std::invalid_argument);
  EXPECT_THROW(service.method("system.mine", [] {}), std::invalid_argument);
  EXPECT_THROW(service.allow({"*@localhost", "@@"}), std::invalid_argument);
  EXPECT_THROW(service.admins({"a@b@c"}), std::invalid_argument);
  EXPECT_THROW(service.method("mine", [] {}).allow({""}), std::invalid_argument);
  EXPECT_THROW(service.method("n", {"a", "b"}, twice), std::invalid_argument);
  EXPECT_THROW(service.find("m") == nullptr ? throw 1 : service.method("t", [] {}).on_threads(0), std::invalid_argument);
}

TEST(Service, who_may_call_what) {
  Service service("s");
  service.admins({"root@localhost"});
  service.method("home", [] {});
  service.method("ops", [] {}).allow({"ops@*"});
  service.method("admin", [] {}).admins_only();
  service.set_home({"*@localhost"});
  const auto may = [&](const char* jid, const char* method) { return service.allows(*xmpp::Jid::parse(jid), method); };
  EXPECT_TRUE(may("user@localhost/a", "home"));
  EXPECT_FALSE(may("user@far.example/a", "home"));
  EXPECT_TRUE(may("ops@far.example/a", "ops"));
  EXPECT_FALSE(may("user@localhost/a", "ops"));
  EXPECT_TRUE(may("root@localhost/a", "admin"));
  EXPECT_FALSE(may("user@localhost/a", "admin"));
  // What is not there is as the service's own list says.
  EXPECT_TRUE(may("user@localhost/a", "nothing"));
  EXPECT_FALSE(may("user@far.example/a", "nothing"));
  service.allow({"*"});
  EXPECT_TRUE(may("user@far.example/a", "home"));
}

struct Flood {
  std::string river;
  double metres = 0;
};
XBUS_STRUCT(Flood, river, metres)

TEST(Service, says_what_it_publishes) {
  Service service("rivers");
  service.publishes<Flood>("flood", "A river is high.").publishes<int32_t>("drought", "Days without rain.");
  const Description description = service.describe();
  ASSERT_EQ(description.events.size(), 2u);
  EXPECT_EQ(description.events[0].name, "drought");
  EXPECT_EQ(description.events[1].doc, "A river is high.");
  EXPECT_EQ(description.events[1].type.text(), "Flood");
  EXPECT_NE(description.types.find("Flood"), nullptr);
  EXPECT_NE(description.hash(), Service("rivers").describe().hash());
  EXPECT_THROW(service.publishes<int32_t>("flood", ""), std::invalid_argument);
  EXPECT_THROW(service.publishes<int32_t>("a flood", ""), std::invalid_argument);
}

TEST(Service, made_at_run_time_from_a_description) {
  Service service("s");
  MethodDescription description;
  description.name = "echo";
  description.params = {{"what", Type::Kind::any}};
  description.result = Type::Kind::any;
  Handler handler;
  handler.plain = [](Call&, const Value::Array& args) { return args.at(0); };
  service.method(description, handler);
  EXPECT_EQ(service.describe().methods[0], description);
  Call call;
  EXPECT_EQ(service.find("echo")->handler().plain(call, {Value("x")}), Value("x"));
}

TEST(Service, is_described_by_its_types) {
  Service service("s");
  service.method("b", {"n"}, [](std::optional<uint16_t>) { return std::vector<std::string>(); }).retry({3, std::chrono::seconds(1)});
  service.method("a", [] {});
  const Description description = service.describe();
  ASSERT_EQ(description.methods.size(), 2u);
  EXPECT_EQ(Description::signature(description.methods[0]), "a()");
  EXPECT_EQ(Description::signature(description.methods[1]), "b(n: uint16?) -> list<string>");
  EXPECT_TRUE(description.methods[1].idempotent);
  EXPECT_EQ(description.methods[1].retry.attempts, 3u);
}

}  // namespace
}  // namespace xbus
