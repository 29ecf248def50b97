#include "rpc/description.hpp"

#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"

namespace xbus {

const MethodDescription* Description::find(std::string_view method) const {
  for (const MethodDescription& description : methods)
    if (description.name == method) return &description;
  return nullptr;
}

std::string Description::signature(const MethodDescription& method) {
  std::string out = method.name + "(";
  for (const Field& param : method.params) {
    if (out.back() != '(') out += ", ";
    out += param.name + ": " + param.type.text();
  }
  out += ")";
  if (method.result.kind != Type::Kind::nothing) out += " -> " + method.result.text();
  return out;
}

std::string Description::hash() const {
  std::string text;
  for (const MethodDescription& method : methods)
    text += signature(method) + (method.idempotent ? " idempotent\n" : "\n");
  for (const EventDescription& event : events) text += "event " + event.name + ": " + event.type.text() + "\n";
  for (const NamedType& type : types.all()) {
    text += std::string(name_of(type.kind)) + " " + type.name + "\n";
    for (const Field& member : type.members) text += "  " + member.name + ": " + member.type.text() + "\n";
    for (const std::string& value : type.values) text += "  " + value + "\n";
  }
  return crypto::hex_encode(crypto::digest(crypto::Hash::sha256, text)).substr(0, 16);
}

}  // namespace xbus
