#include "services/xbus/contexts.hpp"
#include "services/xbus/table.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

int list(const Invocation& invocation) {
  const auto contexts = read_contexts(contexts_path());
  if (!contexts) return invocation.fail("context list", contexts.error());
  Table table({{"CONTEXT"}, {"BUS"}, {"ACCOUNT"}, {"ALSO AS"}, {"DEFAULT"}});
  Value::Array values;
  for (const Context& context : contexts->all) {
    const bool chosen = context.name == contexts->chosen;
    std::string others;
    Value::Array names;
    for (const Credentials& other : context.others) {
      others += (others.empty() ? "" : ", ") + other.account;
      names.push_back(other.account);
    }
    table.add({context.name, context.bus, context.own.account, others, chosen ? "yes" : ""});
    values.push_back(Value::structure({{"name", context.name},
                                       {"bus", context.bus},
                                       {"account", context.own.account},
                                       {"as", std::move(names)},
                                       {"default", chosen}}));
  }
  const bool written = invocation.wants_json() ? invocation.print(values)
                                               : invocation.print_text(table.text(invocation.out));
  return written ? 0 : exit_local_trouble;
}

}  // namespace

Verb context_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("context", "the named buses of ~/.config/xbus/config.toml");
  line.verb("list", "all of them; also without an action");
  line.details(
          "A context names a bus and how to log in to it. It stands in config.toml under "
          "$XDG_CONFIG_HOME/xbus or ~/.config/xbus, as a table [context.NAME] with bus, account, "
          "password_file, ca, pin, certificate and key; [context.NAME.as.ACCOUNT] has the "
          "password_file, or certificate and key, that --as ACCOUNT logs in with; default = "
          "\"NAME\" stands above them. Paths are relative to the file. No password stands in it.")
      .details(
          "Where the bus is: --bus or --context, else $XBUS_BUS, else the default context, else "
          "the per-user bus, else the system's. Each other option given wins over the context; "
          "$XBUS_PASSWORD, $XBUS_CA and $XBUS_PIN count where neither says anything.")
      .example("xbus context list", "The buses that have a name, and as whom one logs in there.")
      .example("xbus --context work list", "The services of one of them.")
      .example("xbus --context work --as operator ping", "The same bus as another account.");
  return {&line, [&invocation] { return list(invocation); }, Verb::Bus::no};
}

}  // namespace xbus::cli
