// Type: what a parameter, result or event is made of, as data: read from C++ types or from a description.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xbus {

// A value: copies and compares. Structures and enumerations are named here and stand in a Types table, so that a
// structure may hold a list of itself.
struct Type {
  enum class Kind : uint8_t {
    nothing,  // the result of a method that returns none
    any,      // any Value
    boolean,
    int8, int16, int32, int64,
    uint8, uint16, uint32, uint64,
    real32, real64,
    string,
    bytes,
    timestamp,
    duration,     // seconds, as a double on the wire
    optional,     // of element[0]: may be nil, or absent at the end of the parameters or in a structure
    list,         // of element[0]
    map,          // from string to element[0]
    structure,    // named
    enumeration,  // named; its value's name as a string on the wire
  };
  Kind kind = Kind::any;
  std::string name;           // of a structure or enumeration
  std::vector<Type> element;  // of optional, list and map: exactly one

  Type() = default;
  Type(Kind of) : kind(of) {}
  static Type optional(Type of) { return with(Kind::optional, std::move(of)); }
  static Type list(Type of) { return with(Kind::list, std::move(of)); }
  static Type map(Type of) { return with(Kind::map, std::move(of)); }
  static Type named(Kind kind, std::string name);

  bool is_optional() const { return kind == Kind::optional; }
  // For people: "int32", "Forecast?", "list<Forecast>", "map<int64>".
  std::string text() const;
  bool operator==(const Type&) const = default;

 private:
  static Type with(Kind kind, Type of);
};

std::string_view name_of(Type::Kind kind);

// A member of a structure, or a parameter.
struct Field {
  std::string name;
  Type type;
  bool operator==(const Field&) const = default;
};

// A structure (with members) or an enumeration (with values).
struct NamedType {
  Type::Kind kind = Type::Kind::structure;
  std::string name;
  std::vector<Field> members;
  std::vector<std::string> values;
  bool operator==(const NamedType&) const = default;
};

// The named types that a description uses, each once, in the order of first use until sorted.
class Types {
 public:
  const std::vector<NamedType>& all() const { return all_; }
  const NamedType* find(std::string_view name) const;
  // Enters the name; false when it stands there already. Members may be filled in afterwards.
  bool add(Type::Kind kind, std::string_view name);
  void fill(std::string_view name, NamedType type);
  void sort();  // by name
  bool operator==(const Types&) const = default;

 private:
  std::vector<NamedType> all_;
};

// The name that XML-RPC introspection has for the type: int, i8, boolean, string, double, dateTime.iso8601, base64,
// array, struct, nil; an optional is what it holds.
std::string_view xmlrpc_name(const Type& type);

}  // namespace xbus
