#include <algorithm>
#include <memory>

#include "bus/net/address.hpp"
#include "bus/xmpp/disco.hpp"
#include "services/common/counted.hpp"
#include "services/common/similar.hpp"
#include "services/xbus/diagnosis.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

using Result = Finding::Result;

// How long one instance may take to answer.
constexpr Duration call_time = std::chrono::seconds(3);
// Of all services together, where none is named: more would be a load test.
constexpr size_t instances_asked = 32;

Asked asked_of(const Invocation& invocation, const std::string& domain) {
  const common::Connection& connection = invocation.connection;
  Asked out;
  out.address = connection.address();
  out.account = connection.account;
  const auto address = net::parse_address(out.address);
  if (out.account.empty() && address) out.account = address->user;
  out.domain = domain;
  // Without one, an account that needs it does not get as far as here.
  out.has_password =
      !connection.password_file.empty() || (!out.account.empty() && connection.certificate.empty());
  out.time_max = invocation.time_max();
  return out;
}

// The services that are looked at: the named one, or all.
Task<std::vector<registry::ServiceInfo>> listed(Bus& bus, std::string service, Duration time,
                                                Finding& finding) {
  std::vector<registry::ServiceInfo> services;
  finding.step = "services";
  const Time begun = bus.loop().clock();
  try {
    auto listing = bus.list(time);
    services = co_await std::move(listing);
  } catch (const Fault& fault) {
    finding.result = Result::failed;
    finding.kind = fault.kind();
    finding.cause = fault.kind_name();
    finding.says = fault.message();
    finding.advice = "the registry is there and does not list: look at its log";
  }
  finding.took = bus.loop().clock() - begun;
  if (finding.result == Result::failed) co_return services;
  std::vector<std::string> names;
  size_t instances = 0;
  for (const registry::ServiceInfo& each : services) {
    instances += each.instances.size();
    finding.says += (names.empty() ? ": " : ", ") + each.name;
    names.push_back(each.name);
  }
  finding.says = services.empty() ? "none is listed"
                                  : common::counted(services.size(), "service") + ", " +
                                        common::counted(instances, "instance") + finding.says;
  if (service.empty()) co_return services;
  // Names compare without case, as localparts do.
  const auto wanted = registry::service_address(service, bus.registry_domain());
  std::erase_if(services, [&](const registry::ServiceInfo& each) {
    return !wanted || registry::service_address(each.name, bus.registry_domain()) != wanted;
  });
  if (services.empty()) {
    finding.result = Result::failed;
    finding.kind = FaultKind::unavailable;
    finding.cause = "not-listed";
    finding.says = service + " is not listed";
    const std::string near = common::similar(service, names);
    finding.advice =
        near.empty() ? "start it; `xbus list` shows who is there" : "did you mean " + near + "?";
  }
  co_return services;
}

// All at once, so that one that hangs holds up no other.
Task<void> call_all(Bus& bus, const std::vector<registry::ServiceInfo>& services,
                    Diagnosis& diagnosis, Duration time) {
  CallOptions options;
  options.timeout = std::min(call_time, time);
  Gathering gathering(bus.loop());
  size_t left_out = 0;
  for (const registry::ServiceInfo& service : services) {
    for (const registry::InstanceInfo& instance : service.instances) {
      if (gathering.open() == instances_asked) {
        ++left_out;
        continue;
      }
      gathering.ask(bus.entity(instance.jid.str()).with(options), "system.listMethods", {},
                    service.name + "/" + instance.id);
    }
  }
  while (gathering.open() > 0) {
    auto taking = gathering.next();
    const auto reply = co_await std::move(taking);
    if (reply) diagnosis.found(call_finding(*reply, options.timeout));
  }
  if (left_out > 0) {
    Finding rest{.result = Result::skipped, .step = "call"};
    rest.says = common::counted(left_out, "more instance") + "; name a service to ask all of its own";
    diagnosis.found(std::move(rest));
  }
}

Task<void> behind_login(Bus& bus, const std::string& service, Diagnosis& diagnosis, Time until) {
  client::Client& client = bus.client();
  Finding bound{.step = "limits"};
  bound.says = "stanzas of at most " + std::to_string(client.stanza_bytes_max()) + " bytes";
  diagnosis.found(std::move(bound));

  const auto left = [&bus, until] {
    return std::max(Duration::zero(), until - bus.loop().clock());
  };
  const Time begun = bus.loop().clock();
  auto asking = client.request(jid_or_fault(bus.registry_domain()), "get", xmpp::disco_info_query(),
                               std::min<Duration>(left(), limits::call_time_default / 2));
  const client::Answer answer = co_await std::move(asking);
  Finding registry = registry_finding(answer, bus.registry_domain(), bus.loop().clock() - begun);
  const bool there = registry.result == Result::ok;
  diagnosis.found(std::move(registry));
  if (!there) co_return;

  Finding found;
  auto listing = listed(bus, service, left(), found);
  const auto services = co_await std::move(listing);
  diagnosis.found(std::move(found));
  if (services.empty()) co_return;
  auto calling = call_all(bus, services, diagnosis, left());
  co_await std::move(calling);
}

Task<int> examine(Bus& bus, const Invocation& invocation, const std::string& service) {
  bool written = true;
  const auto tell = [&](const Finding& finding) {
    written = written && (invocation.wants_json()
                              ? invocation.print_line(finding_value(finding))
                              : invocation.print_text(finding_line(finding, invocation.out)));
  };
  Diagnosis diagnosis(asked_of(invocation, bus.client().domain()), tell);
  bus.client().on_step([&](const client::Step& step) { diagnosis.on_step(step); });
  const Time until = bus.loop().clock() + invocation.time_max();
  FaultKind kind = FaultKind::ok;
  try {
    auto connecting = bus.connect();
    co_await std::move(connecting);
    auto looking = behind_login(bus, service, diagnosis, until);
    co_await std::move(looking);
  } catch (const Fault& fault) {
    kind = fault.kind();
    if (diagnosis.kind() == FaultKind::ok) {
      // No step has failed: the connection was lost under what was asked.
      Finding lost{.result = Result::failed, .step = "call", .says = fault.message()};
      lost.cause = fault.kind_name();
      lost.kind = kind;
      diagnosis.found(std::move(lost));
    }
  }
  bus.client().on_step(nullptr);
  diagnosis.end();
  if (diagnosis.kind() != FaultKind::ok) kind = diagnosis.kind();
  co_return written ? exit_status(kind) : exit_local_trouble;
}

}  // namespace

Verb doctor_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("doctor", "each step from the address to a call: which fails, and why");
  const auto service = std::make_shared<std::string>();
  line.text("SERVICE", *service, "call its instances; without it those of all services");
  line.details(
          "A line a step, with its time: the address, SRV records, the host's addresses, the "
          "socket or TCP, the stream, TLS and the certificate, SASL, the login, the limits, the "
          "registry, the services, and a call of system.listMethods to each instance. A step that "
          "failed says what is wrong and what to do; what lies behind it is skipped. A pipe gets "
          "a JSON object a line: step, result (ok, failed, skipped), milliseconds, says, and of a "
          "failure cause (one word), kind, status and advice. The exit status is that of the first "
          "failure.")
      .example("xbus doctor", "Whether the bus and everything on it is well.")
      .example("xbus doctor agent", "The same for one service.")
      .example("xbus --timeout 3 doctor --output table | grep -v skipped",
               "No longer than three seconds, without what does not apply.");
  return {&line, [&invocation, service] {
            return with_unconnected_bus(
                invocation, service->empty() ? "doctor" : "doctor " + *service,
                [&](Bus& bus) { return examine(bus, invocation, *service); });
          }};
}

}  // namespace xbus::cli
