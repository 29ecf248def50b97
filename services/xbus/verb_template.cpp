#include <memory>
#include <optional>

#include "rpc/printable.hpp"
#include "rpc/registry/protocol.hpp"
#include "services/xbus/call_template.hpp"
#include "services/xbus/described.hpp"
#include "services/xbus/idl_file.hpp"
#include "services/xbus/suggestion.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words : DescribedWords {
  std::string form = "json";
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
  Description description;
  if (idl) {
    description = *idl;
  } else {
    auto asking = described(bus, invocation, words);
    description = co_await std::move(asking);
  }
  const MethodDescription* method = &method_in(description, words);
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
  auto& line = program.verb("template", "a request to fill in, from the method's description");
  const auto words = std::make_shared<Words>();
  words->add_to(line, common::CommandLine::Need::required, "as `xbus describe SERVICE` shows it",
                "by the description in this file; see `xbus help describe`");
  line.choice("--as", words->form, {"json", "command", "xml", "grpcurl"},
              "json for `xbus call --json -`, a command for a shell, the stanza, or a command of "
              "grpcurl (json)");
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
