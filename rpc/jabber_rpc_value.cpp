#include "rpc/jabber_rpc_value.hpp"

#include <set>

#include "rpc/xmlrpc_text.hpp"

namespace xbus::jabber_rpc {

namespace {

// The namespace in which older libraries send their nil and i8.
constexpr std::string_view ns_extensions = "http://ws.apache.org/xmlrpc/namespaces/extensions";

class ValueWriter {
 public:
  explicit ValueWriter(Dialect dialect) : dialect_(dialect) {}

  bool write(xml::Element& parent, const Value& value, size_t depth) {
    if (depth > depth_max)
      return fail(Fault::Kind::too_big, "a value nests deeper than " + std::to_string(depth_max) + " levels");
    xml::Element& out = parent.add("value");
    switch (value.type()) {
      case Value::Type::nil:
        if (dialect_ == Dialect::strict) return fail(Fault::Kind::invalid, "the peer cannot receive nil");
        out.add("nil");
        return true;
      case Value::Type::boolean: return scalar(out, "boolean", value.as_bool() ? "1" : "0");
      case Value::Type::int32: return scalar(out, "int", std::to_string(value.as_int()));
      case Value::Type::int64:
        return scalar(out, dialect_ == Dialect::extended ? "i8" : "string", std::to_string(value.as_int()));
      case Value::Type::real: return scalar(out, "double", xmlrpc::write_double(value.as_double()));
      case Value::Type::string:
        if (!xml::is_xml_text(value.as_string()))
          return fail(Fault::Kind::invalid, "a string holds characters that XML cannot carry: send bytes");
        return scalar(out, "string", value.as_string());
      case Value::Type::bytes: return scalar(out, "base64", xmlrpc::write_bytes(value.as_bytes()));
      case Value::Type::timestamp: return timestamp(out, value.as_timestamp());
      case Value::Type::array: return array(out, value.as_array(), depth);
      case Value::Type::structure: return structure(out, value.as_struct(), depth);
    }
    return false;
  }

  const Fault& fault() const { return fault_; }

 private:
  bool fail(Fault::Kind kind, std::string message) {
    fault_ = Fault(kind, std::move(message));
    return false;
  }
  bool scalar(xml::Element& out, const char* name, std::string_view text) {
    xml::Element& scalar = out.add(name);
    if (!text.empty()) scalar.add_text(text);
    return true;
  }
  bool timestamp(xml::Element& out, Timestamp time) {
    const auto fraction = dialect_ == Dialect::extended ? xmlrpc::Fraction::kept : xmlrpc::Fraction::cut;
    const auto text = xmlrpc::write_time(time, fraction);
    if (!text) return fail(Fault::Kind::invalid, "a timestamp is outside the years 1 to 9999");
    return scalar(out, "dateTime.iso8601", *text);
  }
  bool array(xml::Element& out, const Value::Array& items, size_t depth) {
    xml::Element& data = out.add("array").add("data");
    for (const Value& item : items)
      if (!write(data, item, depth + 1)) return false;
    return true;
  }
  bool structure(xml::Element& out, const Value::Struct& members, size_t depth) {
    xml::Element& structure = out.add("struct");
    for (const Value::Member& member : members) {
      if (!xml::is_xml_text(member.name))
        return fail(Fault::Kind::invalid, "a member's name holds characters that XML cannot carry");
      xml::Element& element = structure.add("member");
      element.add("name").add_text(member.name);
      if (!write(element, member.value, depth + 1)) return false;
    }
    return true;
  }

  Dialect dialect_;
  Fault fault_{Fault::Kind::failed};
};

bool is_space(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

class ValueReader {
 public:
  explicit ValueReader(std::string& why) : why_(why) {}

  std::optional<Value> read(const xml::Element& value, size_t depth) {
    if (depth > limits::value_depth_max) return fail("values nest too deep");
    if (!value.is("value", ns)) return fail("<" + value.name() + "/> where <value/> should be");
    // Without a type element it is a string, white space and all (RPC-17).
    const xml::Element* type = value.first_element();
    if (!type) return Value(value.text());
    if (value.element_count() != 1 || !is_space(value.text())) return fail("<value/> holds more than one thing");
    const bool ours = type->ns() == ns;
    if (!ours && type->ns() != ns_extensions) return fail("a type of a foreign namespace");
    const std::string& name = type->name();
    if (ours && name == "struct") return structure(*type, depth);
    if (ours && name == "array") return array(*type, depth);
    if (type->element_count() != 0) return fail("<" + name + "/> holds an element");
    return scalar(name, type->text(), ours);
  }

 private:
  std::nullopt_t fail(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return std::nullopt;
  }
  template <class T>
  std::optional<Value> checked(std::optional<T> value, const std::string& name) {
    if (value) return Value(std::move(*value));
    return fail("the text of <" + name + "/> is not of that type");
  }

  std::optional<Value> scalar(const std::string& name, const std::string& text, bool ours) {
    if (name == "i8") return checked(xmlrpc::read_i8(text), name);
    if (name == "nil" && is_space(text)) return Value();
    if (ours) {
      if (name == "string") return Value(text);
      if (name == "int" || name == "i4") return checked(xmlrpc::read_int(text), name);
      if (name == "boolean" && (text == "0" || text == "1")) return Value(text == "1");
      if (name == "double") return checked(xmlrpc::read_double(text), name);
      if (name == "dateTime.iso8601") return checked(xmlrpc::read_time(text), name);
      if (name == "base64" || name == "Base64") return checked(xmlrpc::read_bytes(text), name);
    }
    return fail("<" + name + "/> is no type, or its text is not of that type");
  }

  std::optional<Value> array(const xml::Element& element, size_t depth) {
    const auto inside = only_elements(element);
    if (!inside || inside->size() != 1 || !inside->front()->is("data", ns))
      return fail("<array/> holds exactly one <data/>");
    const auto items = only_elements(*inside->front());
    if (!items) return fail("text between the values of an array");
    Value::Array out;
    out.reserve(items->size());
    for (const xml::Element* item : *items) {
      auto value = read(*item, depth + 1);
      if (!value) return std::nullopt;
      out.push_back(std::move(*value));
    }
    return Value(std::move(out));
  }

  std::optional<Value> structure(const xml::Element& element, size_t depth) {
    const auto members = only_elements(element);
    if (!members) return fail("text between the members of a struct");
    Value::Struct out;
    out.reserve(members->size());
    std::set<std::string_view> names;
    for (const xml::Element* member : *members) {
      const auto inside = only_elements(*member);
      const xml::Element* name = member->first("name", ns);
      const xml::Element* value = member->first("value", ns);
      if (!member->is("member", ns) || !inside || inside->size() != 2 || !name || !value || name->element_count() != 0)
        return fail("a member is one <name/> and one <value/>");
      auto read_value = read(*value, depth + 1);
      if (!read_value) return std::nullopt;
      out.push_back({name->text(), std::move(*read_value)});
      // `out` has its room already, so the views stay valid.
      if (!names.insert(out.back().name).second) return fail("a struct has two members of one name");
    }
    return Value(std::move(out));
  }

  std::string& why_;
};

}  // namespace

std::optional<std::vector<const xml::Element*>> only_elements(const xml::Element& parent) {
  for (const xml::Node& node : parent.nodes())
    if (!node.is_element() && !is_space(node.text)) return {};
  return parent.elements();
}

std::optional<Fault> write_value(xml::Element& parent, const Value& value, Dialect dialect) {
  ValueWriter writer(dialect);
  if (!writer.write(parent, value, 1)) return writer.fault();
  return {};
}

std::optional<Value> read_value(const xml::Element& value, std::string& why) { return ValueReader(why).read(value, 1); }

}  // namespace xbus::jabber_rpc
