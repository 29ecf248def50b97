#include "rpc/registry/protocol.hpp"

#include <gtest/gtest.h>

namespace xbus::registry {
namespace {

InstanceInfo full() {
  InstanceInfo info;
  info.jid = *xmpp::Jid::parse("svc@localhost/one");
  info.id = "one";
  info.state = InstanceState::away;
  info.weight = 7;
  info.load = 3;
  info.version = "1.2";
  info.hash = "abc";
  info.methods = {"add", "pkg.Svc/Method"};
  info.since = Timestamp(std::chrono::seconds(1'700'000'000));
  return info;
}

TEST(RegistryProtocol, an_instance_comes_back_as_it_was_written) {
  EXPECT_EQ(instance_from(to_element(full())), full());
}

TEST(RegistryProtocol, services_come_back_and_bad_entries_are_left_out) {
  const std::vector<ServiceInfo> services{{"Calc", true, {full()}}, {"empty", false, {}}};
  xml::Element element = to_element("services", services);
  EXPECT_EQ(services_from(element), services);
  element.add("service").set("name", "");
  element.add("other");
  element.add("service").set("name", "bad").add("instance").set("jid", "@nowhere");
  auto read = services_from(element);
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[2].name, "bad");
  EXPECT_TRUE(read[2].instances.empty());
}

TEST(RegistryProtocol, CORE_44_a_list_stays_below_what_any_server_passes_on) {
  InstanceInfo wordy = full();
  wordy.methods.assign(1000, std::string(50, 'm'));
  std::vector<ServiceInfo> services;
  const auto bytes = [&] { return xml::write(to_element("services", services), ns_registry).size(); };
  while (bytes() + 60'000 < limits::registry_answer_bytes_max) services.push_back({"svc", false, {wordy}});
  EXPECT_EQ(services_from(to_element("services", services)), services) << "all of it while it fits";
  services.insert(services.end(), 20, {"svc", false, {wordy}});
  const xml::Element plain = to_element("services", services);
  EXPECT_LE(bytes(), limits::registry_answer_bytes_max);
  EXPECT_EQ(plain.attr("cut"), nullptr);
  ASSERT_EQ(services_from(plain).size(), services.size()) << "first the methods go";
  EXPECT_TRUE(services_from(plain).front().instances.front().methods.empty());
  // One who has many instances of long names does not hide the others.
  InstanceInfo endless = full();
  endless.id.assign(2000, 'i');
  services.assign(1, {"aaa", false, std::vector<InstanceInfo>(3000, endless)});
  services.insert(services.end(), 200, {"svc", false, {full(), full()}});
  const xml::Element cut = to_element("watch", services);
  EXPECT_LE(bytes(), limits::registry_answer_bytes_max);
  EXPECT_EQ(cut.attr_or("cut", ""), "true");
  const auto told = services_from(cut);
  ASSERT_EQ(told.size(), 201u) << "each service is there";
  EXPECT_EQ(told.back().instances.size(), 2u);
  EXPECT_GT(told.front().instances.size(), 10u);
}

TEST(RegistryProtocol, numbers_out_of_range_are_clipped) {
  xml::Element element = to_element(full());
  for (const auto& [text, weight] : {std::pair<const char*, uint32_t>{"0", 1}, {"101", 100},
                                     {"-1", 1}, {"99999999999", 1}, {"x", 1}, {"", 1}}) {
    element.set("weight", text);
    EXPECT_EQ(instance_from(element)->weight, weight) << text;
  }
}

TEST(RegistryProtocol, an_instance_needs_a_jid) {
  xml::Element element = to_element(full());
  element.set("jid", "");
  EXPECT_FALSE(instance_from(element));
  element.unset("jid");
  EXPECT_FALSE(instance_from(element));
}

TEST(RegistryProtocol, watches_and_names_come_back) {
  EXPECT_EQ(names_of_watch(watch_request({"a", "B c"})), (std::vector<std::string>{"a", "B c"}));
  const std::vector<NameInfo> names{{"Calc", *xmpp::Jid::parse("svc@localhost"), true},
                                    {"idle", *xmpp::Jid::parse("ops@localhost"), false}};
  EXPECT_EQ(names_from(to_element(names)), names);
}

TEST(RegistryProtocol, JID_04_names_become_addresses_by_escaping_where_they_need_it) {
  for (const auto& [name, address] :
       {std::pair<const char*, const char*>{"agent", "agent@services.localhost"},
        {"billing.Invoices", "billing.invoices@services.localhost"},
        {"a/b", "a\\2fb@services.localhost"},
        {"ops@home", "ops\\40home@services.localhost"}}) {
    const auto made = service_address(name, "services.localhost");
    ASSERT_TRUE(made) << name;
    EXPECT_EQ(made->str(), address);
  }
  EXPECT_EQ(name_of_address(*service_address("a/B", "services.localhost")), "a/b");
  EXPECT_FALSE(service_address("", "services.localhost"));
  EXPECT_FALSE(service_address(std::string(2000, 'x'), "services.localhost"));
}

}  // namespace
}  // namespace xbus::registry
