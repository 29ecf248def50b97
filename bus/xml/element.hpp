// An XML element with namespaces: the tree that features and codecs read and write. A stanza that is only passed on
// never becomes one.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/result.hpp"
#include "bus/xml/scanner.hpp"

namespace xbus::xml {

struct Attribute {
  std::string name;  // local name
  std::string ns;    // empty: no namespace; ns_xml for xml:lang
  std::string value; // text, references expanded
  bool operator==(const Attribute&) const = default;
};

struct Node;

// A value: copies, compares, knows no parent. Namespaces are held by name on each element, prefixes are not kept;
// the writer declares what is needed.
class Element {
 public:
  Element() = default;
  // `ns` is the namespace name, never a prefix.
  Element(std::string_view name, std::string_view ns);

  const std::string& name() const { return name_; }
  const std::string& ns() const { return ns_; }
  bool is(std::string_view name, std::string_view ns) const { return name_ == name && ns_ == ns; }

  // The attribute without a namespace; nullptr when absent, so that absent and empty differ.
  const std::string* attr(std::string_view name) const;
  const std::string* attr(std::string_view name, std::string_view ns) const;
  // The attribute's value, or `other`.
  std::string_view attr_or(std::string_view name, std::string_view other) const;
  Element& set(std::string_view name, std::string_view value);  // no namespace; replaces; returns *this
  Element& set(std::string_view name, std::string_view ns, std::string_view value);
  void unset(std::string_view name);
  const std::vector<Attribute>& attributes() const { return attributes_; }

  // Children in document order. add() returns the child added; with() returns *this, for building in one expression.
  Element& add(Element child);
  Element& add(std::string name);  // a child in this element's namespace
  Element& add_text(std::string_view text);  // returns *this
  Element& with(Element child) &;
  Element&& with(Element child) &&;
  const std::vector<Node>& nodes() const { return nodes_; }
  std::vector<Node>& nodes() { return nodes_; }

  // The text directly inside, joined.
  std::string text() const;
  // The first child element of that name and namespace; nullptr when there is none.
  const Element* first(std::string_view name, std::string_view ns) const;
  Element* first(std::string_view name, std::string_view ns);
  const Element* first_element() const;           // of any name
  std::vector<const Element*> elements() const;   // all child elements
  std::vector<const Element*> elements(std::string_view name, std::string_view ns) const;
  size_t element_count() const;

  bool operator==(const Element&) const;

 private:
  std::string name_, ns_;
  std::vector<Attribute> attributes_;
  std::vector<Node> nodes_;
};

// Text or an element.
struct Node {
  std::string text;               // used when `element` is empty
  std::vector<Element> element;   // one or none (a vector, since the type is not complete here)
  bool is_element() const { return !element.empty(); }
  bool operator==(const Node&) const;
};

// Builds the tree of one first-level element that a Scanner has proven. `header` is the sender's stream header, whose
// declarations the stanza inherits.
Element build(const StanzaView& proven, const HeaderView& header);

// Parses one standalone element with the scanner's own strictness: for stored stanzas, tests and files.
// `default_ns` is inherited by elements without a declaration.
Result<Element, ScanError> parse(std::string_view bytes, std::string_view default_ns = {},
                                 const ScanLimits& limits = {});

// Writes the element as it stands inside a stream whose default namespace is `default_ns`: xmlns is written only
// where it changes; attributes with a namespace get a declaration on their own element. Characters that XML 1.0
// cannot carry must not be in text (see is_xml_text); they are written as U+FFFD.
std::string write(const Element& element, std::string_view default_ns = {});
void write_to(std::string& out, const Element& element, std::string_view default_ns = {});

void escape_text(std::string& out, std::string_view text);
void escape_attribute(std::string& out, std::string_view text);  // for either quote
// Expands the five references and character references of proven text; line ends become '\n' (XML 1.0 section 2.11).
std::string unescape(std::string_view raw);
// The same for a proven attribute value, where white space becomes blanks (section 3.3.3).
std::string unescape_attribute(std::string_view raw);
// UTF-8 of characters that XML 1.0 allows (section 2.2).
bool is_xml_text(std::string_view text);

}  // namespace xbus::xml
