#include <memory>
#include <optional>

#include "rpc/printable.hpp"
#include "rpc/registry/protocol.hpp"
#include "services/xbus/call_template.hpp"
#include "services/xbus/idl_file.hpp"
#include "services/xbus/suggestion.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string service, method, instance, idl, form = "json";
};

// Where a client that knows nothing of xbus sends the call.
xmpp::Jid address_of(const Bus& bus, const std::string& service) {
  if (service.find('@') != std::string::npos) return jid_or_fault(service);
  const auto address = registry::service_address(service, bus.registry_domain());
  if (!address) throw Fault(Fault::Kind::invalid, "no address can be made of " + service);
  return *address;
}

Task<int> show(Bus& bus, const Invocation& invocation, const Words& words,
               const std::optional<Description>& idl) {
  CallOptions options;
  options.timeout = invocation.time_max();
  options.instance = words.instance;
  options.idempotent = true;
  const Remote remote = remote_for(bus, words.service).with(options);
  Description description;
  if (idl) {
    description = *idl;
  } else {
    auto asking = remote.describe();
    description = co_await std::move(asking);
  }
  const MethodDescription* method = description.find(words.method);
  if (method == nullptr)
    throw Fault(Fault::Kind::no_such_method,
                words.service + " has no method " + words.method +
                    (idl ? " in " + words.idl : " for this account"));
  std::string text;
  if (words.form == "json") {
    text = json_template(*method, description.types);
  } else if (words.form == "command") {
    text = command_template(words.service, *method, description.types);
  } else if (words.form == "xml") {
    text = xml_template(address_of(bus, words.service), *method, description.types);
  } else {
    text = grpcurl_template(description, *method);
  }
  co_return invocation.print_text(printable(text, Lines::many)) ? 0 : exit_local_trouble;
}

}  // namespace

Verb template_verb(common::CommandLine& program, const Invocation& invocation) {
  using Need = common::CommandLine::Need;
  auto& line = program.verb("template", "a request to fill in, from the method's description");
  const auto words = std::make_shared<Words>();
  line.text("SERVICE", words->service, "its name or JID", Need::required);
  line.text("METHOD", words->method, "as `xbus describe SERVICE` shows it", Need::required);
  line.choice("--as", words->form, {"json", "command", "xml", "grpcurl"},
              "json for `xbus call --json -`, a command for a shell, the stanza, or a command of "
              "grpcurl (json)");
  line.text("--instance", words->instance, "ask this instance");
  line.text("--idl", words->idl, "by the description in this file; see `xbus help describe`");
  line.example("xbus template agent processes", "The arguments as JSON.")
      .example("xbus template agent processes | xbus call agent processes --json -",
               "What it gives is a request that can be sent.")
      .example("xbus template agent processes --as command", "A line to complete and run.")
      .example("xbus template agent load --as xml", "What any XMPP client may send.")
      .example("xbus template agent load --as grpcurl", "The same call through a gRPC bridge.");
  return {&line, [&invocation, words] {
            const std::string doing = "template " + words->service + " " + words->method;
            std::optional<Description> idl;
            try {
              idl = description_in(words->idl);
            } catch (const Fault& fault) {
              return invocation.fail(doing, fault.message());
            }
            return with_bus(invocation, doing, [&](Bus& bus) {
              return with_suggestion(bus, words->service, words->method,
                                     show(bus, invocation, *words, idl));
            });
          }};
}

}  // namespace xbus::cli
