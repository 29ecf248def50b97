#include "services/xbus/description_view.hpp"

#include <gtest/gtest.h>

#include "rpc/json.hpp"

namespace xbus::cli {
namespace {

using Kind = Type::Kind;
using namespace std::chrono_literals;

const Terminal plain{};

Description weather() {
  Description out;
  out.name = "weather";
  out.version = "1.2";
  out.doc = "Tells the weather.\nOf places.";
  out.types.add(Kind::structure, "Forecast");
  out.types.fill("Forecast",
                 {Kind::structure,
                  "Forecast",
                  {{"city", Kind::string}, {"sky", Type::named(Kind::enumeration, "Sky")}},
                  {}});
  out.types.add(Kind::enumeration, "Sky");
  out.types.fill("Sky", {Kind::enumeration, "Sky", {}, {"clear", "cloudy"}});
  MethodDescription forecast;
  forecast.name = "forecast";
  forecast.doc = "For some days.";
  forecast.params = {{"city", Kind::string}, {"days", Type::optional(Kind::int32)}};
  forecast.result = Type::list(Type::named(Kind::structure, "Forecast"));
  forecast.idempotent = true;
  forecast.retry = {3, 50ms};
  MethodDescription reset;
  reset.name = "reset";
  out.methods = {forecast, reset};
  out.events = {{"storm", "It comes.", Kind::string}};
  return out;
}

TEST(DescriptionView, everything_for_a_person) {
  EXPECT_EQ(description_view(weather(), plain),
            "weather 1.2\n    Tells the weather.\n    Of places.\n\n"
            "forecast(city: string, days: int32?) -> list<Forecast>\n    For some days.\n"
            "    idempotent, may be tried 3 times, 50 ms after the first\n\n"
            "reset()\n\n"
            "event storm: string\n    It comes.\n\n"
            "struct Forecast\n    city: string\n    sky: Sky\n\n"
            "enum Sky\n    clear, cloudy\n");
}

TEST(DescriptionView, one_method_with_the_types_it_uses) {
  const Description description = weather();
  EXPECT_EQ(method_view(description, *description.find("reset"), plain), "reset()\n");
  const std::string text = method_view(description, *description.find("forecast"), plain);
  EXPECT_NE(text.find("enum Sky"), std::string::npos);
  EXPECT_NE(text.find("struct Forecast"), std::string::npos);
}

TEST(DescriptionView, the_same_as_values) {
  const Value value = description_value(weather());
  EXPECT_EQ(*value.find("name"), Value("weather"));
  EXPECT_EQ(value.find("hash")->as_string(), weather().hash());
  const Value& method = value.find("methods")->as_array().at(0);
  EXPECT_EQ(*method.find("result"), Value("list<Forecast>"));
  EXPECT_EQ(*method.find("retry"), Value::structure({{"attempts", int64_t{3}}, {"wait", 0.05}}));
  EXPECT_EQ(method_value(weather(), weather().methods[0]).find("types")->as_array().size(), 2u);
}

TEST(DescriptionView, a_type_that_holds_itself_ends) {
  Description description;
  description.types.add(Kind::structure, "Tree");
  description.types.fill("Tree", {Kind::structure,
                                  "Tree",
                                  {{"children", Type::list(Type::named(Kind::structure, "Tree"))}},
                                  {}});
  MethodDescription method;
  method.name = "grow";
  method.result = Type::named(Kind::structure, "Tree");
  EXPECT_EQ(method_view(description, method, plain),
            "grow() -> Tree\n\nstruct Tree\n    children: list<Tree>\n");
}

std::vector<registry::ServiceInfo> services(const std::string& id) {
  registry::InstanceInfo instance;
  instance.jid = *xmpp::Jid::parse("root@localhost/host1");
  instance.id = id;
  instance.load = 2;
  instance.version = "0.1";
  instance.since = Timestamp(1'700'000'000s + 5ms);
  return {{"agent", false, {instance}}, {"both", true, {instance}}, {"none", false, {}}};
}

TEST(ServicesView, a_line_an_instance_and_marked_where_interfaces_differ) {
  EXPECT_EQ(services_view(services("host1"), plain),
            "SERVICE                   INSTANCE  STATE      LOAD  VERSION  SINCE\n"
            "agent                     host1     available     2  0.1      2023-11-14T22:13:20Z\n"
            "both (interfaces differ)  host1     available     2  0.1      2023-11-14T22:13:20Z\n"
            "none                                gone\n");
}

TEST(ServicesView, as_values_it_says_all) {
  const Value value = services_value(services("host1"));
  const Value& agent = value.as_array().at(0);
  EXPECT_EQ(*agent.find("instances")->as_array().at(0).find("jid"), Value("root@localhost/host1"));
  EXPECT_EQ(*value.as_array().at(1).find("mixed"), Value(true));
}

TEST(DescriptionView, nothing_of_a_peers_acts_on_the_terminal) {
  const std::string evil = "x\x1b[2J\u202e\u009b\r";
  Description description = weather();
  description.name = description.version = description.doc = evil;
  description.methods[0].name = description.methods[0].doc = evil;
  description.methods[0].params[0].name = evil;
  description.events[0].name = description.events[0].doc = evil;
  description.types.fill("Sky", {Kind::enumeration, evil, {}, {evil}});
  for (const std::string& text :
       {description_view(description, plain),
        method_view(description, description.methods[0], plain),
        services_view(services(evil), plain), json_text(description_value(description)),
        json_text(services_value(services(evil)))}) {
    EXPECT_EQ(text.find_first_of("\x1b\r"), std::string::npos);
    EXPECT_EQ(text.find("\u202e"), std::string::npos);
    EXPECT_EQ(text.find("\u009b"), std::string::npos);
  }
}

}  // namespace
}  // namespace xbus::cli
