#include <memory>

#include "rpc/registry/protocol.hpp"
#include "services/xbus/table.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string name, owner;
};

Task<xml::Element> set(Bus& bus, const Invocation& invocation, xml::Element payload) {
  const xmpp::Jid registry = jid_or_fault(bus.registry_domain());
  const client::Answer answer = co_await bus.client().request(
      registry, "set", std::move(payload), invocation.time_max());
  co_return managed_or_fault(answer);
}

xml::Element element(std::string name) {
  return {std::move(name), std::string(registry::ns_registry)};
}

Task<int> list(Bus& bus, const Invocation& invocation) {
  const auto names = co_await bus.names(invocation.time_max());
  bool written = false;
  if (invocation.wants_json()) {
    Value::Array out;
    for (const registry::NameInfo& name : names)
      out.push_back(Value::structure(
          {{"name", name.name}, {"owner", name.owner.str()}, {"live", name.live}}));
    written = invocation.print(out);
  } else {
    Table table({{"NAME"}, {"OWNER"}, {"LIVE"}});
    for (const registry::NameInfo& name : names)
      table.add({name.name, name.owner.str(), name.live ? "yes" : "no"});
    written = invocation.print_text(table.text(invocation.out));
  }
  co_return written ? 0 : exit_local_trouble;
}

Task<int> give(Bus& bus, const Invocation& invocation, const Words& words) {
  // A word without a domain is an account of this bus.
  const bool local = words.owner.find('@') == std::string::npos;
  const xmpp::Jid owner =
      jid_or_fault(local ? words.owner + "@" + bus.client().domain() : words.owner).bare();
  xml::Element payload = element("give");
  payload.set("name", words.name).set("owner", owner.str());
  co_await set(bus, invocation, std::move(payload));
  co_return 0;
}

Task<int> release(Bus& bus, const Invocation& invocation, const Words& words) {
  xml::Element payload = element("release");
  payload.set("name", words.name);
  co_await set(bus, invocation, std::move(payload));
  co_return 0;
}

}  // namespace

Verb name_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("name", "who owns which service name");
  const auto words = std::make_shared<Words>();
  line.example("xbus name", "Who owns which name, and which are live.")
      .example("xbus name give billing alice", "Only alice's programs may serve billing now.")
      .example("xbus name release billing", "Nobody owns it any more.");
  const auto& list_line = line.verb("list", "all names and their owners; also without an action");
  auto& give_line = line.verb("give", "make an account the owner of a name (admins)");
  give_line.text("NAME", words->name, "the service's name", common::CommandLine::Need::required);
  give_line.text("OWNER", words->owner, "an account of this bus, or a JID",
                 common::CommandLine::Need::required);
  auto& release_line = line.verb("release", "make a name free again (admins and its owner)");
  release_line.text("NAME", words->name, "the service's name", common::CommandLine::Need::required);
  static_cast<void>(list_line);
  return {&line, [&invocation, words, &give_line, &release_line] {
            if (give_line.given())
              return with_bus(invocation, "name give " + words->name,
                              [&](Bus& bus) { return give(bus, invocation, *words); });
            if (release_line.given())
              return with_bus(invocation, "name release " + words->name,
                              [&](Bus& bus) { return release(bus, invocation, *words); });
            return with_bus(invocation, "name list",
                            [&](Bus& bus) { return list(bus, invocation); });
          }};
}

}  // namespace xbus::cli
