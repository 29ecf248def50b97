#include <cassert>

#include "bus/xml/element.hpp"

namespace xbus::xml {
namespace {

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void element(const Element& e, std::string_view default_ns) {
    assert(!e.name().empty());
    // The namespace of xml:lang and its kind cannot be a default one (Namespaces in XML section 3).
    const bool in_xml = e.ns() == ns_xml;
    const std::string_view inner = in_xml ? default_ns : std::string_view(e.ns());
    const auto name = [&] {
      if (in_xml) out_ += "xml:";
      out_ += e.name();
    };
    out_ += '<';
    name();
    if (inner != default_ns) attribute("xmlns", inner);
    attributes(e);
    if (e.nodes().empty()) {
      out_ += "/>";
      return;
    }
    out_ += '>';
    for (const Node& node : e.nodes()) {
      if (node.is_element()) {
        element(node.element.front(), inner);
      } else {
        escape_text(out_, node.text);
      }
    }
    out_ += "</";
    name();
    out_ += '>';
  }

 private:
  void attribute(std::string_view name, std::string_view value) {
    out_ += ' ';
    out_ += name;
    out_ += "='";
    escape_attribute(out_, value);
    out_ += '\'';
  }

  void attributes(const Element& e) {
    const std::vector<Attribute>& all = e.attributes();
    for (size_t i = 0; i < all.size(); ++i) {
      const Attribute& a = all[i];
      if (a.ns.empty()) {
        attribute(a.name, a.value);
      } else if (a.ns == ns_xml) {
        attribute("xml:" + a.name, a.value);
      } else {
        // The prefix counts from the first attribute of that namespace, which declares it.
        size_t first = 0;
        while (all[first].ns != a.ns) ++first;
        const std::string prefix = "a" + std::to_string(first);
        if (first == i) attribute("xmlns:" + prefix, a.ns);
        attribute(prefix + ':' + a.name, a.value);
      }
    }
  }

  std::string& out_;
};

}  // namespace

std::string write(const Element& element, std::string_view default_ns) {
  std::string out;
  write_to(out, element, default_ns);
  return out;
}

void write_to(std::string& out, const Element& element, std::string_view default_ns) {
  Writer(out).element(element, default_ns);
}

}  // namespace xbus::xml
