// An XML document that a stranger wrote as a tree: comments, processing instructions, CDATA and encodings are
// understood, nothing is fetched, and nothing in it is expanded that is longer than what stands there.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"

namespace xbus::atom {

struct DocumentTrouble {
  enum class Kind : uint8_t {
    not_xml,      // not well-formed, a prefix without a namespace, an encoding that is not known, or no bytes at all
    definitions,  // a document type with definitions of its own: entities, defaults
    too_large,  // beyond the limits::feed_*_max of bytes, elements and attributes, or a namespace with too long a name
    too_deep,   // beyond limits::feed_depth_max
  } kind = Kind::not_xml;
  size_t line = 0;  // from 1
};

// The root. UTF-8, UTF-16, ISO-8859-1, US-ASCII and windows-1252; `charset` is what came beside the document (RFC 7303)
// and stands above what the document says; empty: nothing came. References to entities of HTML are understood where the
// document names an external document type, which is not read; others are left out there, and an error everywhere else.
Result<xml::Element, DocumentTrouble> read_document(std::string_view bytes, const std::string& charset = {});

}  // namespace xbus::atom
