#include "adapters/atom/document.hpp"

#include <expat.h>
#include <strings.h>

#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/atom/plain_text.hpp"
#include "bus/limits_feeds.hpp"

namespace xbus::atom {
namespace {

// Stands between namespace and name; no name has it, and expat refuses a namespace that has it.
constexpr char separator = '\n';

struct Name {
  std::string_view ns, local;
};

Name split(std::string_view name) {
  const size_t at = name.rfind(separator);
  if (at == name.npos) return {{}, name};
  return {name.substr(0, at), name.substr(at + 1)};
}

struct Build {
  XML_Parser parser = nullptr;
  std::vector<xml::Element> open;  // from the root on
  std::optional<xml::Element> root;
  std::string text;
  size_t elements = 0, attributes = 0;
  std::optional<DocumentTrouble::Kind> refused;

  void refuse(DocumentTrouble::Kind kind) {
    if (refused) return;
    refused = kind;
    XML_StopParser(parser, XML_FALSE);
  }

  void flush() {
    if (!text.empty() && !open.empty()) open.back().add_text(text);
    text.clear();
  }

  void start(const char* name, const char** pairs) {
    if (refused) return;
    if (open.size() >= limits::feed_depth_max) return refuse(DocumentTrouble::Kind::too_deep);
    if (++elements > limits::feed_elements_max) return refuse(DocumentTrouble::Kind::too_large);
    flush();
    const Name parts = split(name);
    xml::Element element(parts.local, parts.ns);
    bool fits = parts.ns.size() <= limits::feed_namespace_bytes_max;
    for (size_t count = 1; fits && *pairs; pairs += 2, ++count) {
      const Name attribute = split(pairs[0]);
      fits = ++attributes <= limits::feed_attributes_max && count <= limits::element_attributes_max &&
             attribute.ns.size() <= limits::feed_namespace_bytes_max;
      element.set(attribute.local, attribute.ns, pairs[1]);
    }
    if (!fits) return refuse(DocumentTrouble::Kind::too_large);
    open.push_back(std::move(element));
  }

  void end() {
    if (refused || open.empty()) return;
    flush();
    xml::Element element = std::move(open.back());
    open.pop_back();
    if (open.empty()) {
      root = std::move(element);
    } else {
      open.back().add(std::move(element));
    }
  }
};

Build& build_of(void* data) { return *static_cast<Build*>(data); }

void XMLCALL on_start(void* data, const XML_Char* name, const XML_Char** pairs) noexcept {
  build_of(data).start(name, pairs);
}
void XMLCALL on_end(void* data, const XML_Char*) noexcept { build_of(data).end(); }
void XMLCALL on_text(void* data, const XML_Char* text, int size) noexcept {
  build_of(data).text.append(text, static_cast<size_t>(size));
}
void XMLCALL on_doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int has_definitions) noexcept {
  if (has_definitions) build_of(data).refuse(DocumentTrouble::Kind::definitions);
}
void XMLCALL on_entity(void* data, const XML_Char*, int, const XML_Char*, int, const XML_Char*, const XML_Char*,
                       const XML_Char*, const XML_Char*) noexcept {
  build_of(data).refuse(DocumentTrouble::Kind::definitions);
}
void XMLCALL on_skipped(void* data, const XML_Char* name, int is_parameter) noexcept {
  if (!is_parameter) build_of(data).text += html_entity(name);
}

int XMLCALL on_encoding(void*, const XML_Char* name, XML_Encoding* encoding) noexcept {
  if (strcasecmp(name, "windows-1252") != 0 && strcasecmp(name, "cp1252") != 0) return XML_STATUS_ERROR;
  for (int byte = 0; byte < 256; ++byte)
    encoding->map[byte] = static_cast<int>(windows_1252(static_cast<unsigned char>(byte)));
  encoding->data = nullptr;
  encoding->convert = nullptr;
  encoding->release = nullptr;
  return XML_STATUS_OK;
}

}  // namespace

Result<xml::Element, DocumentTrouble> read_document(std::string_view bytes, const std::string& charset) {
  if (bytes.size() > limits::feed_bytes_max) return Err{DocumentTrouble{DocumentTrouble::Kind::too_large, 1}};
  const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(
      XML_ParserCreateNS(charset.empty() ? nullptr : charset.c_str(), separator), XML_ParserFree);
  if (!parser) throw std::bad_alloc();
  Build build;
  build.parser = parser.get();
  XML_SetUserData(parser.get(), &build);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  XML_SetEntityDeclHandler(parser.get(), on_entity);
  XML_SetSkippedEntityHandler(parser.get(), on_skipped);
  XML_SetUnknownEncodingHandler(parser.get(), on_encoding, nullptr);
  const auto status = XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()), XML_TRUE);
  if (build.refused || status != XML_STATUS_OK || !build.root)
    return Err{DocumentTrouble{build.refused.value_or(DocumentTrouble::Kind::not_xml),
                               static_cast<size_t>(XML_GetCurrentLineNumber(parser.get()))}};
  return std::move(*build.root);
}

}  // namespace xbus::atom
