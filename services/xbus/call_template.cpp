#include "services/xbus/call_template.hpp"

#include <algorithm>

#include "bus/xmpp/stanza.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/json.hpp"
#include "rpc/printable.hpp"
#include "services/xbus/trace.hpp"

namespace xbus::cli {
namespace {

using Kind = Type::Kind;

// Who reads the values: what stands for one that may be left out, and how protobuf's JSON spells.
enum class Reader { xbus, strict, protobuf };

class Empty {
 public:
  Empty(const Types& types, Reader reader) : types_(types), reader_(reader) {}

  Value value(const Type& type) {
    switch (type.kind) {
      case Kind::nothing:
      case Kind::any:
        return reader_ == Reader::strict ? Value("") : Value();
      case Kind::boolean:
        return false;
      case Kind::real32:
      case Kind::real64:
        return 0.0;
      case Kind::duration:
        return reader_ == Reader::protobuf ? Value("0s") : Value(0.0);
      case Kind::string:
        return "";
      case Kind::bytes:
        return Bytes();
      case Kind::timestamp:
        return Timestamp();
      case Kind::optional:
        return {};
      case Kind::list:
        return list(type.element.at(0));
      case Kind::map:
        return map(type.element.at(0));
      case Kind::enumeration:
        return enumeration(type);
      case Kind::structure:
        return structure(type);
      case Kind::int64:
      case Kind::uint64:
      case Kind::uint32:
        return int64_t{0};
      default:
        return int32_t{0};
    }
  }

 private:
  // Whether a value of the type would hold the structure that is being filled.
  bool inside_itself(const Type& type) const {
    const bool here = type.kind == Kind::structure &&
                      std::find(open_.begin(), open_.end(), type.name) != open_.end();
    return here || std::any_of(type.element.begin(), type.element.end(),
                               [&](const Type& inner) { return inside_itself(inner); });
  }

  Value list(const Type& element) {
    if (inside_itself(element)) return Value::Array();
    return Value::Array{value(element)};
  }

  Value map(const Type& element) {
    if (inside_itself(element)) return Value::Struct();
    return Value::structure({{"key", value(element)}});
  }

  Value enumeration(const Type& type) const {
    const NamedType* named = types_.find(type.name);
    if (named == nullptr || named->values.empty()) return "";
    // The protobuf form puts the enumeration's name before each value.
    return reader_ == Reader::protobuf ? type.name + "_" + named->values.front()
                                       : named->values.front();
  }

  Value structure(const Type& type) {
    const NamedType* named = types_.find(type.name);
    Value::Struct members;
    if (named == nullptr || inside_itself(type)) return members;
    open_.push_back(type.name);
    for (const Field& field : named->members) {
      if (field.type.is_optional() && reader_ != Reader::xbus) continue;
      members.push_back({field.name, value(field.type)});
    }
    open_.pop_back();
    return members;
  }

  const Types& types_;
  const Reader reader_;
  std::vector<std::string> open_;  // structures that are being filled, outermost first
};

// As protobuf spells names (rpc/describe_write.cpp).
std::string identifier(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (digit && out.empty()) out += '_';
    out += letter || digit ? c : '_';
  }
  return out.empty() ? "_" : out;
}

std::string grpc_name(std::string_view service) {
  std::string out;
  for (size_t at = 0; at <= service.size();) {
    const size_t end = std::min(service.find('.', at), service.size());
    out += (out.empty() ? "" : ".") + identifier(service.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// The text that stands for the value as an argument of `xbus call`.
std::string argument(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return *text;
  std::string json = json_text(value);
  // Bytes and timestamps are JSON strings, and typed without the quotes.
  if (json.starts_with('"')) json = json.substr(1, json.size() - 2);
  return json;
}

}  // namespace

Value empty_value(const Type& type, const Types& types) {
  return Empty(types, Reader::xbus).value(type);
}

std::string json_template(const MethodDescription& method, const Types& types) {
  Value::Struct members;
  for (const Field& param : method.params)
    members.push_back({param.name, empty_value(param.type, types)});
  return json_text(members, JsonLayout::indented) + "\n";
}

std::string command_template(const std::string& service, const MethodDescription& method,
                             const Types& types) {
  std::string out = "xbus call " + shell_word(service) + " " + shell_word(method.name);
  for (const Field& param : method.params)
    out += " " + shell_word(argument(empty_value(param.type, types)));
  return out + "\n";
}

std::string xml_template(const xmpp::Jid& to, const MethodDescription& method, const Types& types) {
  Empty empty(types, Reader::strict);
  size_t needed = method.params.size();
  while (needed > 0 && method.params[needed - 1].type.is_optional()) --needed;
  jabber_rpc::Request request;
  request.method = method.name;
  for (size_t i = 0; i < needed; ++i) {
    const Type& type = method.params[i].type;
    request.args.push_back(empty.value(type.is_optional() ? type.element.at(0) : type));
  }
  const auto query = jabber_rpc::write_call(request);
  if (!query) throw query.error();
  return laid_out(xml::write(xmpp::iq(xmpp::IqType::set, "1", to, *query))) + "\n";
}

std::string grpcurl_template(const Description& description, const MethodDescription& method) {
  Empty empty(description.types, Reader::protobuf);
  Value::Struct members;
  for (const Field& param : method.params)
    if (!param.type.is_optional()) members.push_back({param.name, empty.value(param.type)});
  return "grpcurl -plaintext -d " + shell_word(json_text(members)) + " localhost:50051 " +
         grpc_name(description.name) + "/" + identifier(method.name) + "\n";
}

std::string shell_word(const std::string& word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,:/@%+=-";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace xbus::cli
