// Two parsers that others wrote, Expat and Xerces-C, asked about whole documents.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "bus/xml/element.hpp"

namespace xbus::xml {

// What Expat, with namespaces, makes of a document.
struct ExpatOpinion {
  bool accepted = false;
  Element root;             // when accepted: the whole tree
  std::string message;      // when not: why
  bool restricted = false;  // a comment, processing instruction, document type or entity was seen
  bool text_between =
      false;  // text other than white space, or a CDATA section, directly inside the root
  bool empty_root = false;        // the root is an empty-element tag
  std::string version, encoding;  // of the XML declaration; empty without one
};
ExpatOpinion ask_expat(std::string_view document);

// Xerces-C SAX2 with namespaces and without validation. One for many documents.
class Xerces {
 public:
  Xerces();
  ~Xerces();
  Xerces(const Xerces&) = delete;
  Xerces& operator=(const Xerces&) = delete;

  bool accepts(std::string_view document);
  const std::string& message() const;  // why the last document was refused

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xbus::xml
