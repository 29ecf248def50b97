#include "tests/bus/xml/oracles.hpp"

#include <expat.h>

#include <vector>
#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/sax2/Attributes.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/sax2/SAX2XMLReader.hpp>
#include <xercesc/sax2/XMLReaderFactory.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/XMLUni.hpp>

namespace xbus::xml {
namespace {

constexpr char separator = '\x01';  // no document can hold it

struct Collector {
  ExpatOpinion opinion;
  std::vector<Element> open;
  XML_Parser parser = nullptr;
  std::string_view document;

  static Collector& of(void* user) { return *static_cast<Collector*>(user); }

  static std::pair<std::string_view, std::string_view> split(std::string_view name) {
    const size_t at = name.find(separator);
    if (at == name.npos) return {{}, name};
    return {name.substr(0, at), name.substr(at + 1)};
  }

  static void start(void* user, const char* name, const char** attributes) {
    Collector& self = of(user);
    const auto [ns, local] = split(name);
    Element e(local, ns);
    for (; *attributes; attributes += 2) {
      const auto [a_ns, a_local] = split(attributes[0]);
      e.set(a_local, a_ns, attributes[1]);
    }
    self.open.push_back(std::move(e));
  }

  static void end(void* user, const char*) {
    Collector& self = of(user);
    Element done = std::move(self.open.back());
    self.open.pop_back();
    if (self.open.empty()) {
      self.opinion.empty_root =
          XML_GetCurrentByteCount(self.parser) == 0;  // expat invents this end
      self.opinion.root = std::move(done);
    } else {
      self.open.back().add(std::move(done));
    }
  }

  static void text(void* user, const char* s, int size) {
    Collector& self = of(user);
    const std::string_view part(s, static_cast<size_t>(size));
    self.open.back().add_text(part);
    // A reference is not white space either, whatever it stands for.
    const bool reference =
        self.document[static_cast<size_t>(XML_GetCurrentByteIndex(self.parser))] == '&';
    if (self.open.size() == 1 && (reference || part.find_first_not_of(" \t\r\n") != part.npos)) {
      self.opinion.text_between = true;
    }
  }

  static void cdata(void* user) {
    if (of(user).open.size() == 1) of(user).opinion.text_between = true;
  }

  static void declaration(void* user, const char* version, const char* encoding, int) {
    if (version) of(user).opinion.version = version;
    if (encoding) of(user).opinion.encoding = encoding;
  }

  static void comment(void* user, const char*) { of(user).opinion.restricted = true; }
  static void instruction(void* user, const char*, const char*) {
    of(user).opinion.restricted = true;
  }
  static void doctype(void* user, const char*, const char*, const char*, int) {
    of(user).opinion.restricted = true;
  }
};

}  // namespace

ExpatOpinion ask_expat(std::string_view document) {
  Collector c;
  const XML_Parser p = XML_ParserCreateNS(nullptr, separator);
  c.parser = p;
  c.document = document;
  XML_SetUserData(p, &c);
  XML_SetElementHandler(p, Collector::start, Collector::end);
  XML_SetCharacterDataHandler(p, Collector::text);
  XML_SetCdataSectionHandler(p, Collector::cdata, [](void*) {});
  XML_SetCommentHandler(p, Collector::comment);
  XML_SetProcessingInstructionHandler(p, Collector::instruction);
  XML_SetStartDoctypeDeclHandler(p, Collector::doctype);
  XML_SetXmlDeclHandler(p, Collector::declaration);
  c.opinion.accepted =
      XML_Parse(p, document.data(), static_cast<int>(document.size()), 1) == XML_STATUS_OK;
  if (!c.opinion.accepted) c.opinion.message = XML_ErrorString(XML_GetErrorCode(p));
  XML_ParserFree(p);
  return std::move(c.opinion);
}

namespace xc = xercesc;

struct Xerces::State : xc::DefaultHandler {
  std::unique_ptr<xc::SAX2XMLReader> reader;
  std::string why;

  void note(const xc::SAXParseException& e) {
    char* text = xc::XMLString::transcode(e.getMessage());
    why = text;
    xc::XMLString::release(&text);
  }
  void error(const xc::SAXParseException& e) override { note(e); }
  void fatalError(const xc::SAXParseException& e) override { note(e); }
  xc::InputSource* resolveEntity(const XMLCh*, const XMLCh*) override {
    return new xc::MemBufInputSource(reinterpret_cast<const XMLByte*>(""), 0, "empty");
  }
};

Xerces::Xerces() {
  xc::XMLPlatformUtils::Initialize();
  state_ = std::make_unique<State>();
  state_->reader.reset(xc::XMLReaderFactory::createXMLReader());
  xc::SAX2XMLReader& r = *state_->reader;
  r.setFeature(xc::XMLUni::fgSAX2CoreNameSpaces, true);
  r.setFeature(xc::XMLUni::fgSAX2CoreValidation, false);
  r.setFeature(xc::XMLUni::fgXercesSchema, false);
  r.setFeature(xc::XMLUni::fgXercesLoadExternalDTD, false);
  r.setFeature(xc::XMLUni::fgXercesLoadSchema, false);
  r.setFeature(xc::XMLUni::fgXercesDisableDefaultEntityResolution, true);
  r.setContentHandler(state_.get());
  r.setErrorHandler(state_.get());
  r.setEntityResolver(state_.get());
}

Xerces::~Xerces() {
  state_->reader.reset();
  xc::XMLPlatformUtils::Terminate();
}

bool Xerces::accepts(std::string_view document) {
  state_->why.clear();
  const xc::MemBufInputSource source(reinterpret_cast<const XMLByte*>(document.data()),
                                     document.size(), "document");
  try {
    state_->reader->parse(source);
  } catch (const xc::XMLException& e) {
    char* text = xc::XMLString::transcode(e.getMessage());
    state_->why = std::string("exception: ") + text;
    xc::XMLString::release(&text);
  } catch (const xc::SAXException&) {
    state_->why = "SAX exception";
  }
  return state_->why.empty();
}

const std::string& Xerces::message() const { return state_->why; }

}  // namespace xbus::xml
