// The strict single-pass scanner of an XMPP stream: finds where each first-level element ends, proves it well-formed
// (XML 1.0, Namespaces in XML, UTF-8, the restrictions of RFC 6120 section 11) and notes what routing needs.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bus/limits.hpp"

namespace xbus::xml {

inline constexpr std::string_view ns_xml = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view ns_stream = "http://etherx.jabber.org/streams";
inline constexpr std::string_view ns_client = "jabber:client";
inline constexpr std::string_view ns_server = "jabber:server";
inline constexpr std::string_view ns_component = "jabber:component:accept";

// Why input is refused; each maps to one stream error (xmpp/error.hpp).
enum class ScanError {
  none,
  not_well_formed,       // RFC 6120 section 11.3, namespaces included
  restricted_xml,        // comment, processing instruction, DTD, entity reference (section 11.1)
  unsupported_encoding,  // an XML declaration that names another encoding (section 11.6)
  bad_utf8,              // reported as not-well-formed
  too_big,               // header or stanza above its limit: policy-violation
  too_deep,              // depth, attribute count, name length: policy-violation
};

// One attribute of a first-level start tag, as offsets into StanzaView::bytes.
struct AttributeView {
  std::string_view value;  // as sent: references not expanded, quotes not included; data() is null when absent
  uint32_t begin = 0;      // first byte of the white space before the name
  uint32_t end = 0;        // one past the closing quote
  bool present() const { return value.data() != nullptr; }
};

// What the scanner knows of a proven first-level element. Views point into the window given to next() and live as
// long as it does.
struct StanzaView {
  enum class Kind : uint8_t { iq, message, presence, other };
  std::string_view bytes;  // from '<' to the closing '>'
  Kind kind = Kind::other; // iq, message and presence only in the stream's content namespace
  std::string_view name;   // local name of the element
  std::string_view ns;     // its namespace; may point into the header or the scanner, until the next call of next()
  AttributeView to, from, id, type, lang;  // lang is xml:lang; the others have no prefix
  AttributeView xmlns;     // the element's own default namespace declaration
  std::string_view payload_name;  // local name of the first child element, empty without one
  std::string_view payload_ns;    // its namespace
  uint32_t children = 0;          // child elements
  uint32_t name_end = 0;          // offset just after the element's qualified name: where attributes may be inserted
  uint64_t header_prefixes = 0;   // bit i: the i-th prefix of the stream header is used inside without a declaration
  // The bytes can be spliced onto another stream after inserting attributes: the element has no prefix, its namespace
  // is the content namespace by inheritance or by `xmlns`, and no direct child re-declares the content namespace.
  bool plain = false;
  // Plain, and no child re-declares or prefixes the content namespace, nor does an element below whose ancestors all
  // have that namespace. So the bytes also fit a stream with another content namespace (client to component and back)
  // once `xmlns` is cut. Inside payloads of other namespaces the content namespace stays where it is named, and
  // follows the stream where it is inherited from it.
  bool neutral = false;
};

// The stream header, decoded (references expanded, attribute values normalised).
struct HeaderView {
  struct Prefix {
    std::string name;  // empty: the default namespace
    std::string uri;
  };
  std::string name, ns;  // local name and namespace of the root: a stream has "stream" and ns_stream
  std::string to, from, id, version, lang;
  bool has_to = false, has_from = false, has_id = false, has_version = false, has_lang = false;
  std::string content_ns;        // the default namespace, or the one that prefixed stanzas will use
  std::vector<Prefix> prefixes;  // as declared; StanzaView::header_prefixes counts these
};

struct ScanLimits {
  size_t header_bytes_max = limits::header_bytes_max;
  size_t stanza_bytes_max = limits::prelogin_stanza_bytes_max;
  size_t depth_max = limits::xml_depth_max;
  size_t attributes_max = limits::xml_attributes_max;
  size_t name_bytes_max = limits::xml_name_bytes_max;
};

// Feed it a window that begins at the first byte not yet consumed. It remembers how far it has looked, so calling
// again with the same bytes and more behind them costs only the new bytes. It allocates nothing per stanza.
class Scanner {
 public:
  enum class Event {
    more,    // the window ends inside something: keep window[consumed..] and call again with more behind it
    header,  // the root's start tag: see header()
    stanza,  // a first-level element: see stanza()
    close,   // </stream:stream>
    error,   // see error(); final until reset()
  };
  struct Step {
    Event event;
    size_t consumed;  // bytes of the window that are done with; on stanza, the view lies inside window[0..consumed)
  };

  explicit Scanner(const ScanLimits& limits = {});

  // The next event in `window`. White space between stanzas is consumed silently.
  Step next(std::string_view window);

  const HeaderView& header() const { return header_; }
  const StanzaView& stanza() const { return stanza_; }
  ScanError error() const { return error_; }

  // A new stream on the same transport (RFC 6120 section 4.3.3): forgets everything but the limits.
  void reset();
  // Goes on as if this header had been read: for single elements, and for framing without a root (RFC 7395).
  void assume(HeaderView header);
  // Binds from the next element on, e.g. after login.
  void set_stanza_bytes_max(size_t bytes) { limits_.stanza_bytes_max = bytes; }

 private:
  // clang-format off
  enum class State : uint8_t {
    start, prolog, between,    // before all, before the header, behind it
    closing, closed, failed,   // inside </stream:stream>, behind it, after an error
    content, tag, equals, quote, value, cdata, end_tag,  // inside an element
  };
  // clang-format on
  enum class Outcome : uint8_t { good, more, bad, done };
  struct Reached {  // how far a step came and why it ended there
    const char* at;
    Outcome outcome;
  };
  struct Name {
    const char* end;
    uint32_t prefix;  // bytes before the colon, 0 without one
    Outcome outcome;
  };
  // Offsets count from the '<' of the first-level element, since the window may move between calls.
  struct Open {
    uint32_t at;  // its qualified name
    uint16_t size, prefix;
    uint32_t bindings;  // how many were in scope outside
  };
  struct Attr {
    uint32_t begin, name;  // the white space before it, its qualified name
    uint16_t name_size, prefix;
    uint32_t value, value_end;
    int32_t ns;    // see resolve()
    bool as_sent;  // the value holds no reference and no white space but blanks
  };
  struct Uri {
    enum class From : uint8_t { nowhere, window, decoded, header, xml };
    uint32_t at = 0, size = 0;  // for `header`, `at` is the index of the prefix
    From from = From::nowhere;
  };
  struct Binding {
    uint32_t prefix;
    uint16_t prefix_size;  // 0: the default namespace
    Uri uri;
  };
  static constexpr int32_t ns_none = INT32_MIN, ns_is_xml = INT32_MIN + 1;

  // scanner.cpp: the stream around the elements.
  Reached outside(const char* p, const char* end);
  Reached declaration(const char* p, const char* end);
  Reached close_tag(const char* base, const char* end);
  void begin_element();
  Event deliver(const char* base, const char* end);
  Outcome bad(ScanError error);

  // scanner_markup.cpp: one element, from '<' to its end.
  Reached element(const char* base, const char* p, const char* end);
  Reached content(const char* base, const char* p, const char* end);
  Reached tag(const char* base, const char* p, const char* end, State state);
  Reached value(const char* base, const char* p, const char* end);
  Reached cdata(const char* base, const char* p, const char* end);
  Reached cdata_start(const char* base, const char* p, const char* end);
  Reached in_text(const char* base, const char* p, const char* end);
  Reached start_tag(const char* base, const char* p, const char* end);
  const char* quick_end_tag(const char* base, const char* p, const char* end);
  Reached end_tag_name(const char* base, const char* p, const char* end);
  Reached end_tag(const char* base, const char* p, const char* end);
  Reached wide(const char* p, const char* end);
  Reached reference(const char* p, const char* end);
  Name name(const char* p, const char* end);
  Name long_name(const char* p, const char* end);
  Reached pause(State state, const char* base, const char* p);
  bool pop();

  // scanner_names.cpp: what names mean.
  ScanError start_tag_done(const char* base);
  ScanError declare(const char* base, const Attr& attr);
  ScanError check_attributes(const char* base);
  ScanError check_prefixed(const char* base);
  int32_t resolve(const char* base, std::string_view prefix);
  Uri place(int32_t ns) const;
  std::string_view uri(const char* base, int32_t ns) const;
  std::string_view uri(const char* base, const Uri& ns) const;
  ScanError note_header(const char* base);
  void note_stanza(const char* base, int32_t ns);
  void note_inner(const char* base, int32_t ns);
  void view_stanza(const char* base, size_t size);

  ScanLimits limits_;
  HeaderView header_;
  StanzaView stanza_;
  ScanError error_ = ScanError::none;
  State state_ = State::start;
  bool in_header_ = false;
  bool declares_default_ = false;  // the start tag at hand declares a default namespace
  bool child_declares_content_ = false;  // a direct child declares the content namespace anew
  bool names_content_ = false;  // an element below the first level names it: see StanzaView::neutral
  size_t foreign_ = 0;          // depth of the outermost open element of another namespace
  size_t element_limit_{};      // bytes that the element at hand may have
  size_t prolog_bytes_ = 0;
  size_t look_ = 0;             // how far the element at hand is scanned
  uint32_t space_ = 0;          // where the white space before the next attribute begins
  std::string root_;            // qualified name of the stream's root
  std::string decoded_;         // namespace names of this element that had to be decoded
  std::vector<Open> open_;
  std::vector<Attr> attrs_;  // of the start tag at hand
  std::vector<Binding> bindings_;
  // What deliver() makes the StanzaView of.
  enum Noted : uint8_t { to, from, id, type, lang, xmlns, noted };
  Attr notes_[noted];
  uint32_t has_ = 0;  // a bit for each of them
  Open stanza_name_, payload_name_;
  Uri stanza_ns_, payload_ns_;
};

}  // namespace xbus::xml
