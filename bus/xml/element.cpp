#include "bus/xml/element.hpp"

#include <algorithm>
#include <utility>

namespace xbus::xml {

Element::Element(std::string_view name, std::string_view ns) : name_(name), ns_(ns) {}

const std::string* Element::attr(std::string_view name) const { return attr(name, {}); }

const std::string* Element::attr(std::string_view name, std::string_view ns) const {
  for (const Attribute& a : attributes_) {
    if (a.name == name && a.ns == ns) return &a.value;
  }
  return nullptr;
}

std::string_view Element::attr_or(std::string_view name, std::string_view other) const {
  const std::string* value = attr(name);
  return value ? std::string_view(*value) : other;
}

Element& Element::set(std::string_view name, std::string_view value) {
  return set(name, {}, value);
}

Element& Element::set(std::string_view name, std::string_view ns, std::string_view value) {
  for (Attribute& a : attributes_) {
    if (a.name == name && a.ns == ns) {
      a.value = value;
      return *this;
    }
  }
  attributes_.push_back({std::string(name), std::string(ns), std::string(value)});
  return *this;
}

void Element::unset(std::string_view name) {
  std::erase_if(attributes_, [name](const Attribute& a) { return a.name == name && a.ns.empty(); });
}

Element& Element::add(Element child) {
  Node& node = nodes_.emplace_back();
  node.element.push_back(std::move(child));
  return node.element.front();
}

Element& Element::add(std::string name) { return add(Element(name, ns_)); }

Element& Element::add_text(std::string_view text) {
  if (text.empty()) return *this;
  if (nodes_.empty() || nodes_.back().is_element()) nodes_.emplace_back();
  nodes_.back().text += text;
  return *this;
}

Element& Element::with(Element child) & {
  add(std::move(child));
  return *this;
}

Element&& Element::with(Element child) && {
  add(std::move(child));
  return std::move(*this);
}

std::string Element::text() const {
  std::string all;
  for (const Node& node : nodes_) {
    if (!node.is_element()) all += node.text;
  }
  return all;
}

const Element* Element::first(std::string_view name, std::string_view ns) const {
  for (const Node& node : nodes_) {
    if (node.is_element() && node.element.front().is(name, ns)) return &node.element.front();
  }
  return nullptr;
}

Element* Element::first(std::string_view name, std::string_view ns) {
  return const_cast<Element*>(std::as_const(*this).first(name, ns));
}

const Element* Element::first_element() const {
  for (const Node& node : nodes_) {
    if (node.is_element()) return &node.element.front();
  }
  return nullptr;
}

std::vector<const Element*> Element::elements() const {
  std::vector<const Element*> found;
  for (const Node& node : nodes_) {
    if (node.is_element()) found.push_back(&node.element.front());
  }
  return found;
}

std::vector<const Element*> Element::elements(std::string_view name, std::string_view ns) const {
  std::vector<const Element*> found;
  for (const Node& node : nodes_) {
    if (node.is_element() && node.element.front().is(name, ns))
      found.push_back(&node.element.front());
  }
  return found;
}

size_t Element::element_count() const {
  return static_cast<size_t>(
      std::count_if(nodes_.begin(), nodes_.end(), [](const Node& n) { return n.is_element(); }));
}

bool Element::operator==(const Element& other) const {
  return name_ == other.name_ && ns_ == other.ns_ && nodes_ == other.nodes_ &&
         std::is_permutation(attributes_.begin(), attributes_.end(), other.attributes_.begin(),
                             other.attributes_.end());
}

bool Node::operator==(const Node& other) const {
  return element == other.element && (is_element() || text == other.text);
}

}  // namespace xbus::xml
