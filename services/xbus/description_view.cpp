#include "services/xbus/description_view.hpp"

#include <algorithm>

#include "rpc/json.hpp"
#include "rpc/printable.hpp"
#include "services/xbus/table.hpp"

namespace xbus::cli {
namespace {

// Each line of the text behind four spaces.
std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    out += "    " + printable(text.substr(0, end)) + "\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::string method_text(const MethodDescription& method, const Terminal& terminal) {
  const std::string signature = printable(Description::signature(method));
  const size_t name = std::min(signature.find('('), signature.size());
  std::string out = terminal.bold(signature.substr(0, name)) + signature.substr(name) + "\n" +
                    indented(method.doc);
  std::string notes;
  if (method.idempotent) notes = "idempotent";
  if (method.retry.attempts > 1) {
    const auto wait =
        std::chrono::duration_cast<std::chrono::milliseconds>(method.retry.wait).count();
    notes += ", may be tried " + std::to_string(method.retry.attempts) + " times, " +
             std::to_string(wait) + " ms after the first";
  }
  return out + indented(notes);
}

std::string type_text(const NamedType& type, const Terminal& terminal) {
  std::string out = std::string(type.kind == Type::Kind::enumeration ? "enum " : "struct ") +
                    terminal.bold(printable(type.name)) + "\n";
  for (const Field& member : type.members) out += indented(member.name + ": " + member.type.text());
  std::string values;
  for (const std::string& value : type.values) values += (values.empty() ? "" : ", ") + value;
  return out + indented(values);
}

// Enters the named types that a type is made of, and those of their members.
void collect(const Type& type, const Types& types, std::vector<const NamedType*>& out) {
  for (const Type& inside : type.element) collect(inside, types, out);
  const NamedType* named = type.name.empty() ? nullptr : types.find(type.name);
  if (named == nullptr || std::find(out.begin(), out.end(), named) != out.end()) return;
  out.push_back(named);
  for (const Field& member : named->members) collect(member.type, types, out);
}

std::vector<const NamedType*> types_of(const Description& description,
                                       const MethodDescription& method) {
  std::vector<const NamedType*> found;
  for (const Field& param : method.params) collect(param.type, description.types, found);
  collect(method.result, description.types, found);
  return found;
}

Value fields_value(const std::vector<Field>& fields) {
  Value::Array out;
  for (const Field& field : fields)
    out.push_back(Value::structure({{"name", field.name}, {"type", field.type.text()}}));
  return out;
}

Value bare_method_value(const MethodDescription& method) {
  Value out = Value::structure({{"name", method.name},
                                {"signature", Description::signature(method)},
                                {"doc", method.doc},
                                {"params", fields_value(method.params)},
                                {"result", method.result.text()},
                                {"idempotent", method.idempotent}});
  if (method.retry.attempts > 1) {
    const double wait = std::chrono::duration<double>(method.retry.wait).count();
    out.set("retry", Value::structure({{"attempts", static_cast<int64_t>(method.retry.attempts)},
                                       {"wait", wait}}));
  }
  return out;
}

Value type_value(const NamedType& type) {
  if (type.kind == Type::Kind::enumeration) {
    Value::Array values(type.values.begin(), type.values.end());
    return Value::structure({{"name", type.name}, {"values", std::move(values)}});
  }
  return Value::structure({{"name", type.name}, {"members", fields_value(type.members)}});
}

}  // namespace

std::string description_view(const Description& description, const Terminal& terminal) {
  std::string out = terminal.bold(printable(description.name));
  if (!description.version.empty()) out += " " + printable(description.version);
  out += "\n" + indented(description.doc);
  for (const MethodDescription& method : description.methods)
    out += "\n" + method_text(method, terminal);
  for (const EventDescription& event : description.events)
    out += "\nevent " + terminal.bold(printable(event.name)) + ": " + printable(event.type.text()) +
           "\n" + indented(event.doc);
  for (const NamedType& type : description.types.all()) out += "\n" + type_text(type, terminal);
  return out;
}

std::string method_view(const Description& description, const MethodDescription& method,
                        const Terminal& terminal) {
  std::string out = method_text(method, terminal);
  for (const NamedType* type : types_of(description, method))
    out += "\n" + type_text(*type, terminal);
  return out;
}

Value description_value(const Description& description) {
  Value::Array methods, events, types;
  for (const MethodDescription& method : description.methods)
    methods.push_back(bare_method_value(method));
  for (const EventDescription& event : description.events)
    events.push_back(
        Value::structure({{"name", event.name}, {"type", event.type.text()}, {"doc", event.doc}}));
  for (const NamedType& type : description.types.all()) types.push_back(type_value(type));
  return Value::structure({{"name", description.name},
                           {"version", description.version},
                           {"doc", description.doc},
                           {"hash", description.hash()},
                           {"methods", std::move(methods)},
                           {"events", std::move(events)},
                           {"types", std::move(types)}});
}

Value method_value(const Description& description, const MethodDescription& method) {
  Value out = bare_method_value(method);
  Value::Array types;
  for (const NamedType* type : types_of(description, method)) types.push_back(type_value(*type));
  out.set("types", std::move(types));
  return out;
}

std::string services_view(const std::vector<registry::ServiceInfo>& services,
                          const Terminal& terminal) {
  Table table(
      {{"SERVICE"}, {"INSTANCE"}, {"STATE"}, {"LOAD", Align::right}, {"VERSION"}, {"SINCE"}});
  for (const registry::ServiceInfo& service : services) {
    for (const registry::InstanceInfo& instance : service.instances) {
      std::string name = service.name;
      if (service.mixed) name += " (interfaces differ)";
      const auto second = std::chrono::floor<std::chrono::seconds>(instance.since);
      table.add({name, instance.id, std::string(registry::name_of(instance.state)),
                 std::to_string(instance.load), instance.version, time_text(second)});
    }
    if (service.instances.empty()) table.add({service.name, "", "gone"});
  }
  return table.text(terminal);
}

Value services_value(const std::vector<registry::ServiceInfo>& services) {
  Value::Array out;
  for (const registry::ServiceInfo& service : services) {
    Value::Array instances;
    for (const registry::InstanceInfo& instance : service.instances) {
      Value::Array methods(instance.methods.begin(), instance.methods.end());
      instances.push_back(
          Value::structure({{"id", instance.id},
                            {"jid", instance.jid.str()},
                            {"state", std::string(registry::name_of(instance.state))},
                            {"weight", static_cast<int64_t>(instance.weight)},
                            {"load", static_cast<int64_t>(instance.load)},
                            {"version", instance.version},
                            {"hash", instance.hash},
                            {"methods", std::move(methods)},
                            {"since", instance.since}}));
    }
    out.push_back(Value::structure(
        {{"name", service.name}, {"mixed", service.mixed}, {"instances", std::move(instances)}}));
  }
  return out;
}

}  // namespace xbus::cli
