#include "services/xbus/known.hpp"

#include <algorithm>

#include "rpc/type_text.hpp"

namespace xbus::cli {
namespace {

std::string text_of(const Value& value, std::string_view member) {
  const Value* found = value.find(member);
  const auto* text = found == nullptr ? nullptr : found->get_if<std::string>();
  return text == nullptr ? std::string() : *text;
}

const Value::Array& list_of(const Value& value, std::string_view member) {
  static const Value::Array none;
  const Value* found = value.find(member);
  const auto* list = found == nullptr ? nullptr : found->get_if<Value::Array>();
  return list == nullptr ? none : *list;
}

std::vector<std::string> texts_of(const Value& value, std::string_view member) {
  std::vector<std::string> out;
  for (const Value& each : list_of(value, member))
    if (const auto* text = each.get_if<std::string>()) out.push_back(*text);
  return out;
}

Value texts_value(const std::vector<std::string>& texts) {
  return Value::Array(texts.begin(), texts.end());
}

// Only what completion needs, since it is read at each tab: enumerations, and for each method its
// name, the first line of its documentation, and its parameters' names and types.
Value compact_value(const Description& description) {
  Value::Array enumerations, methods;
  for (const NamedType& type : description.types.all())
    if (type.kind == Type::Kind::enumeration)
      enumerations.push_back(
          Value::structure({{"name", type.name}, {"values", texts_value(type.values)}}));
  for (const MethodDescription& method : description.methods) {
    std::vector<std::string> params;
    for (const Field& param : method.params) {
      params.push_back(param.name);
      params.push_back(param.type.text());
    }
    methods.push_back(Value::structure({{"name", method.name},
                                        {"doc", method.doc.substr(0, method.doc.find('\n'))},
                                        {"params", texts_value(params)}}));
  }
  return Value::structure({{"doc", description.doc.substr(0, description.doc.find('\n'))},
                           {"enumerations", std::move(enumerations)},
                           {"methods", std::move(methods)}});
}

Description description_from(const Value& value) {
  Description out;
  out.doc = text_of(value, "doc");
  for (const Value& type : list_of(value, "enumerations")) {
    const std::string name = text_of(type, "name");
    out.types.add(Type::Kind::enumeration, name);
    out.types.fill(name, {Type::Kind::enumeration, name, {}, texts_of(type, "values")});
  }
  for (const Value& each : list_of(value, "methods")) {
    MethodDescription method;
    method.name = text_of(each, "name");
    method.doc = text_of(each, "doc");
    const std::vector<std::string> params = texts_of(each, "params");
    for (size_t i = 0; i + 1 < params.size(); i += 2) {
      const auto type = type_from_text(params[i + 1], out.types);
      method.params.push_back({params[i], type ? *type : Type()});
    }
    out.methods.push_back(std::move(method));
  }
  return out;
}

}  // namespace

const KnownService* Known::find(std::string_view name) const {
  const auto found =
      std::find_if(services.begin(), services.end(),
                   [&](const KnownService& service) { return service.name == name; });
  return found == services.end() ? nullptr : &*found;
}

void Known::update(const std::vector<registry::ServiceInfo>& live) {
  std::vector<KnownService> now;
  for (const registry::ServiceInfo& service : live) {
    KnownService next;
    next.name = service.name;
    for (const registry::InstanceInfo& instance : service.instances) {
      next.instances.push_back(instance.id);
      next.jids.push_back(instance.jid.str());
      if (next.hash.empty()) next.hash = instance.hash;
      for (const std::string& method : instance.methods)
        if (std::find(next.methods.begin(), next.methods.end(), method) == next.methods.end())
          next.methods.push_back(method);
    }
    const KnownService* before = find(service.name);
    if (before != nullptr && !next.hash.empty() && before->hash == next.hash)
      next.description = before->description;
    now.push_back(std::move(next));
  }
  services = std::move(now);
}

Value to_value(const Known& known) {
  Value::Array services;
  for (const KnownService& service : known.services) {
    Value out = Value::structure({{"name", service.name},
                                  {"hash", service.hash},
                                  {"instances", texts_value(service.instances)},
                                  {"jids", texts_value(service.jids)},
                                  {"methods", texts_value(service.methods)}});
    if (service.description) out.set("description", compact_value(*service.description));
    services.push_back(std::move(out));
  }
  return Value::structure(
      {{"domain", known.domain}, {"services", std::move(services)}, {"topics", texts_value(known.topics)}});
}

Known known_from(const Value& value) {
  Known out;
  out.domain = text_of(value, "domain");
  out.topics = texts_of(value, "topics");
  for (const Value& each : list_of(value, "services")) {
    KnownService service;
    service.name = text_of(each, "name");
    service.hash = text_of(each, "hash");
    service.instances = texts_of(each, "instances");
    service.jids = texts_of(each, "jids");
    service.methods = texts_of(each, "methods");
    if (const Value* description = each.find("description"))
      service.description = description_from(*description);
    if (!service.name.empty()) out.services.push_back(std::move(service));
  }
  return out;
}

}  // namespace xbus::cli
