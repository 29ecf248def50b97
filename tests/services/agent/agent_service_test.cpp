#include "services/agent/agent_service.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "bus/limits.hpp"
#include "rpc/fault.hpp"
#include "tests/services/agent/collectors_fixture.hpp"

namespace xbus::agent {
namespace {

struct Agent {
  explicit Agent(AgentOptions options = {}) : service("agent") {
    service.admins({"ops@localhost"});
    service.allow({"*@localhost"});
    add_agent_methods(service, options);
  }
  Value call(std::string_view method, const Value::Array& arguments = {}, bool admin = false) {
    Call asked;
    asked.admin = admin;
    return service.find(method)->handler().plain(asked, arguments);
  }
  bool allows(const char* caller, const char* method) {
    return service.allows(*xmpp::Jid::parse(caller), method);
  }
  Service service;
};

AgentOptions fixture_options() {
  AgentOptions options;
  options.proc = fixture("proc");
  options.journal = "/nonexistent";
  return options;
}

TEST(AgentService, each_method_answers_from_the_kernel) {
  Agent agent;
  const Value links = agent.call("interfaces");
  const auto& list = links.as_array();
  EXPECT_TRUE(std::any_of(list.begin(), list.end(),
                          [](const Value& link) { return *link.find("name") == Value("lo"); }));
  EXPECT_GE(agent.call("load").find("processors")->as_int(), 1);
  EXPECT_GT(agent.call("memory").find("total")->as_int(), 0);
  EXPECT_NO_THROW(agent.call("disks").as_array());
  EXPECT_GT(agent.call("uptime").find("seconds")->as_double(), 0);
  EXPECT_FALSE(agent.call("processes").as_array().empty());
}

TEST(AgentService, arguments_of_commands_are_for_admins) {
  Agent agent(fixture_options());
  const Value for_all = agent.call("processes", {2}, false),
              for_admins = agent.call("processes", {2}, true);
  EXPECT_EQ(for_all.as_array().at(1).find("arguments"), nullptr);
  EXPECT_EQ(*for_admins.as_array().at(1).find("arguments"),
            Value::array({"/sbin/init", "--quiet"}));
}

TEST(AgentService, processes_and_logs_are_for_admins_unless_the_operator_says_otherwise) {
  Agent strict(fixture_options());
  EXPECT_TRUE(strict.allows("guest@localhost/x", "interfaces"));
  EXPECT_FALSE(strict.allows("guest@localhost/x", "processes"));
  EXPECT_TRUE(strict.allows("ops@localhost/x", "processes"));
  AgentOptions options = fixture_options();
  options.processes = Acl{"*@localhost"};
  Agent open(options);
  EXPECT_TRUE(open.allows("guest@localhost/x", "processes"));
}

TEST(AgentService, top_is_bounded) {
  Agent agent(fixture_options());
  EXPECT_EQ(agent.call("processes", {1}).as_array().size(), 1u);
  EXPECT_EQ(agent.call("processes", {static_cast<int32_t>(limits::agent_processes_max)})
                .as_array()
                .size(),
            2u);
  for (const int32_t bad : {0, -1, static_cast<int32_t>(limits::agent_processes_max) + 1}) {
    try {
      agent.call("processes", {bad});
      ADD_FAILURE() << bad;
    } catch (const Fault& fault) {
      EXPECT_EQ(fault.kind(), Fault::Kind::invalid);
    }
  }
}

TEST(AgentService, without_a_journal_there_are_no_logs) {
  Agent agent(fixture_options());
  EXPECT_EQ(agent.service.find("logs"), nullptr);
}

TEST(AgentService, a_host_that_does_not_tell_is_a_failure_not_a_crash) {
  AgentOptions options = fixture_options();
  options.proc = "/nonexistent";
  Agent agent(options);
  for (const char* method : {"load", "memory", "disks", "uptime", "processes"}) {
    try {
      agent.call(method);
      ADD_FAILURE() << method;
    } catch (const Fault& fault) {
      EXPECT_EQ(fault.kind(), Fault::Kind::failed);
    }
  }
}

}  // namespace
}  // namespace xbus::agent
