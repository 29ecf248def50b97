#include <memory>
#include <optional>

#include "services/xbus/described.hpp"
#include "services/xbus/description_view.hpp"
#include "services/xbus/idl_file.hpp"
#include "services/xbus/suggestion.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words : DescribedWords {
  std::string save;
};

int show(const Invocation& invocation, const Words& words, const Description& description) {
  const MethodDescription* method = words.method.empty() ? nullptr : &method_in(description, words);
  if (!words.save.empty()) {
    const std::string error = save_description(words.save, description);
    return error.empty() ? 0 : invocation.fail("describe " + words.service, error);
  }
  bool written = false;
  if (invocation.wants_json()) {
    written = invocation.print(method ? method_value(description, *method)
                                      : description_value(description));
  } else {
    written = invocation.print_text(method ? method_view(description, *method, invocation.out)
                                           : description_view(description, invocation.out));
  }
  return written ? 0 : exit_local_trouble;
}

Task<int> describe(Bus& bus, const Invocation& invocation, const Words& words) {
  auto asking = described(bus, invocation, words);
  const Description description = co_await std::move(asking);
  co_return show(invocation, words, description);
}

// From a file, without a bus.
int describe_file(const Invocation& invocation, const Words& words) {
  const std::string doing = "describe " + words.service;
  std::optional<Description> description;
  try {
    description = description_in(words.idl);
  } catch (const Fault& fault) {
    return invocation.fail(doing, fault.message());
  }
  try {
    return show(invocation, words, *description);
  } catch (const Fault& fault) {
    return invocation.fail(doing, fault);
  }
}

}  // namespace

Verb describe_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("describe", "the methods, types and documentation of a service");
  const auto words = std::make_shared<Words>();
  words->add_to(line, common::CommandLine::Need::optional, "only this method",
                "show what this file says, and ask nobody");
  line.text("--save", words->save, "write it to this file instead of showing it");
  line.details(
          "The file is a FileDescriptorSet of protobuf, as `protoc --include_imports "
          "--descriptor_set_out` makes one of a .proto file too. `xbus call`, `scatter` and "
          "`template` take it with --idl where a service does not say what it offers, or not in "
          "time.")
      .example("xbus describe agent", "Everything that the agent offers to this account.")
      .example("xbus describe agent processes", "One method, and the types that it uses.")
      .example("xbus describe agent --save agent.pb", "Kept in a file.")
      .example("xbus describe agent --idl agent.pb", "From that file, without a bus.");
  return {&line, [&invocation, words] {
            if (!words->idl.empty()) return describe_file(invocation, *words);
            return with_bus(invocation, "describe " + words->service, [&](Bus& bus) {
              return with_suggestion(bus, words->service, words->method,
                                     describe(bus, invocation, *words));
            });
          }};
}

}  // namespace xbus::cli
