#include "rpc/introspection.hpp"

#include "rpc/describe.hpp"
#include "rpc/service.hpp"

namespace xbus {

namespace {

// The method when it is there and the caller may call it; else it is as if it were not there.
const Method& visible(const Service& service, const Call& call, const std::string& name) {
  const Method* method = service.find(name);
  if (!method || !service.allows(call, name)) throw Fault(Fault::Kind::no_such_method, name);
  return *method;
}

// One signature for each number of arguments that may be given: result first, as XML-RPC introspection has it.
std::vector<std::vector<std::string>> signatures(const MethodDescription& method) {
  std::vector<std::vector<std::string>> out;
  std::vector<std::string> signature{std::string(xmlrpc_name(method.result))};
  size_t needed = method.params.size();
  while (needed > 0 && method.params[needed - 1].type.is_optional()) --needed;
  for (size_t given = 0; given <= method.params.size(); ++given) {
    if (given >= needed) out.push_back(signature);
    if (given < method.params.size()) signature.emplace_back(xmlrpc_name(method.params[given].type));
  }
  return {out.rbegin(), out.rend()};
}

}  // namespace

void add_introspection(Service& service) {
  if (service.find(describe_method)) return;
  const Service* self = &service;
  const auto built_in = [](Method& method) { method.idempotent().built_in_ = true; };
  // What the built-in methods themselves use is no part of the description.
  const Types types = service.types_;
  service.building_in_ = true;

  Method& list = service.method("system.listMethods", [self](Call& call) {
    std::vector<std::string> names;
    for (const auto& [name, method] : self->methods())
      if (self->allows(call, name)) names.push_back(name);
    return names;
  });
  built_in(list.doc("The names of the methods that the caller may call."));

  Method& signature = service.method("system.methodSignature", {"method"}, [self](Call& call, const std::string& name) {
    return signatures(visible(*self, call, name).description());
  });
  built_in(signature.doc("The signatures of a method: for each, the type of the result, then those of the parameters."));

  Method& help = service.method("system.methodHelp", {"method"}, [self](Call& call, const std::string& name) {
    return visible(*self, call, name).description().doc;
  });
  built_in(help.doc("What a method does."));

  Method& describe = service.method(describe_method, [self](Call& call) {
    Description description = self->describe();
    std::erase_if(description.methods,
                  [&](const MethodDescription& method) { return !self->allows(call, method.name); });
    return to_descriptor_set(description);
  });
  built_in(describe.doc("The whole description, as a serialized google.protobuf.FileDescriptorSet."));
  service.building_in_ = false;
  service.types_ = types;
}

}  // namespace xbus
