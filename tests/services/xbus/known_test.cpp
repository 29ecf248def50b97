#include "services/xbus/known.hpp"

#include <gtest/gtest.h>

#include "rpc/json.hpp"

namespace xbus::cli {
namespace {

registry::ServiceInfo live(const std::string& name, const std::string& hash) {
  registry::InstanceInfo instance;
  instance.id = "one";
  instance.jid = *xmpp::Jid::parse("u@localhost/one");
  instance.hash = hash;
  instance.methods = {"go"};
  registry::ServiceInfo out;
  out.name = name;
  out.instances = {instance};
  return out;
}

Description described() {
  Description out;
  out.name = "lamp";
  out.doc = "Lights.";
  out.types.add(Type::Kind::enumeration, "Colour");
  out.types.fill("Colour", {Type::Kind::enumeration, "Colour", {}, {"red", "green"}});
  MethodDescription set;
  set.name = "set";
  set.doc = "Switches.";
  set.params = {{"colour", Type::optional(Type::named(Type::Kind::enumeration, "Colour"))},
                {"levels", Type::list(Type::Kind::int32)}};
  out.methods = {set};
  return out;
}

TEST(Known, a_description_stays_while_its_hash_does) {
  Known known;
  known.update({live("lamp", "h1"), live("other", "h1")});
  ASSERT_NE(known.find("lamp"), nullptr);
  EXPECT_EQ(known.find("lamp")->instances, std::vector<std::string>{"one"});
  known.services[0].description = described();
  known.update({live("lamp", "h1")});
  EXPECT_TRUE(known.find("lamp")->description);
  EXPECT_EQ(known.find("other"), nullptr);
  known.update({live("lamp", "h2")});
  EXPECT_FALSE(known.find("lamp")->description);
}

TEST(Known, goes_through_json_and_back) {
  Known known;
  known.domain = "localhost";
  known.update({live("lamp", "h1")});
  known.services[0].description = described();
  const auto value = json_value(json_text(to_value(known)));
  ASSERT_TRUE(value);
  const Known back = known_from(*value);
  ASSERT_EQ(back.services.size(), 1u);
  EXPECT_EQ(back.domain, "localhost");
  EXPECT_EQ(back.services[0].jids, std::vector<std::string>{"u@localhost/one"});
  ASSERT_TRUE(back.services[0].description);
  const Description& description = *back.services[0].description;
  EXPECT_EQ(description.methods.at(0).params, described().methods.at(0).params);
  EXPECT_EQ(description.types.find("Colour")->values, (std::vector<std::string>{"red", "green"}));
}

TEST(Known, what_is_not_understood_is_left_out) {
  for (const char* text :
       {"null", "[]", "{\"services\": 1}", "{\"services\": [1, {}, {\"name\": 2}]}",
        "{\"services\": [{\"name\": \"\", \"hash\": []}]}"}) {
    const auto value = json_value(text);
    ASSERT_TRUE(value);
    EXPECT_TRUE(known_from(*value).services.empty()) << text;
  }
  const auto odd = json_value(
      "{\"services\": [{\"name\": \"a\", \"description\": {\"methods\": [7, {\"params\": [1, "
      "\"list<\", \"x\", "
      "\"list<\"]}], \"enumerations\": [{}]}}]}");
  ASSERT_TRUE(odd);
  EXPECT_EQ(known_from(*odd).services.size(), 1u);
}

}  // namespace
}  // namespace xbus::cli
