#include "rpc/type.hpp"

#include <algorithm>
#include <utility>

namespace xbus {

Type Type::with(Kind kind, Type of) {
  Type type(kind);
  type.element.push_back(std::move(of));
  return type;
}

Type Type::named(Kind kind, std::string name) {
  Type type(kind);
  type.name = std::move(name);
  return type;
}

std::string Type::text() const {
  switch (kind) {
    case Kind::optional: return element[0].text() + "?";
    case Kind::list: return "list<" + element[0].text() + ">";
    case Kind::map: return "map<" + element[0].text() + ">";
    case Kind::structure:
    case Kind::enumeration: return name;
    default: return std::string(name_of(kind));
  }
}

std::string_view name_of(Type::Kind kind) {
  constexpr std::string_view names[] = {"nothing", "any",    "bool",   "int8",   "int16",     "int32",    "int64",
                                        "uint8",   "uint16", "uint32", "uint64", "float",     "double",   "string",
                                        "bytes",   "timestamp", "duration", "optional", "list", "map",
                                        "struct",  "enum"};
  return names[static_cast<size_t>(kind)];
}

const NamedType* Types::find(std::string_view name) const {
  for (const NamedType& type : all_)
    if (type.name == name) return &type;
  return nullptr;
}

bool Types::add(Type::Kind kind, std::string_view name) {
  if (find(name)) return false;
  NamedType type;
  type.kind = kind;
  type.name = name;
  all_.push_back(std::move(type));
  return true;
}

void Types::fill(std::string_view name, NamedType filled) {
  for (NamedType& type : all_)
    if (type.name == name) type = std::move(filled);
}

void Types::sort() {
  std::sort(all_.begin(), all_.end(), [](const NamedType& a, const NamedType& b) { return a.name < b.name; });
}

std::string_view xmlrpc_name(const Type& type) {
  using Kind = Type::Kind;
  switch (type.kind) {
    case Kind::nothing: return "nil";
    case Kind::any: return "undef";
    case Kind::boolean: return "boolean";
    case Kind::int8:
    case Kind::int16:
    case Kind::int32:
    case Kind::uint8:
    case Kind::uint16: return "int";
    case Kind::int64:
    case Kind::uint32:
    case Kind::uint64: return "i8";
    case Kind::real32:
    case Kind::real64:
    case Kind::duration: return "double";
    case Kind::string:
    case Kind::enumeration: return "string";
    case Kind::bytes: return "base64";
    case Kind::timestamp: return "dateTime.iso8601";
    case Kind::optional: return xmlrpc_name(type.element[0]);
    case Kind::list: return "array";
    case Kind::map:
    case Kind::structure: return "struct";
  }
  return "undef";
}

}  // namespace xbus
