#include "services/xbus/described.hpp"

#include "services/xbus/verbs.hpp"

namespace xbus::cli {

void DescribedWords::add_to(common::CommandLine& line, common::CommandLine::Need method_need,
                            const std::string& method_help, const std::string& idl_help) {
  line.text("SERVICE", service, "its name or JID", common::CommandLine::Need::required);
  line.text("METHOD", method, method_help, method_need);
  line.text("--instance", instance, "ask this instance");
  line.text("--idl", idl, idl_help);
}

Task<Description> described(Bus& bus, const Invocation& invocation, const DescribedWords& words) {
  CallOptions options;
  options.timeout = invocation.time_max();
  options.instance = words.instance;
  options.idempotent = true;
  const Remote remote = remote_for(bus, words.service).with(options);
  auto asking = remote.describe();
  Description description = co_await std::move(asking);
  co_return description;
}

const MethodDescription& method_in(const Description& description, const DescribedWords& words) {
  const MethodDescription* method = description.find(words.method);
  if (method == nullptr)
    throw Fault(Fault::Kind::no_such_method,
                words.service + " has no method " + words.method +
                    (words.idl.empty() ? " for this account" : " in " + words.idl));
  return *method;
}

}  // namespace xbus::cli
