#include <algorithm>

#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"

namespace xbus::xml {
namespace {

constexpr std::string_view ns_xmlns = "http://www.w3.org/2000/xmlns/";

}  // namespace

// The start tag of the innermost open element is complete: what do its names mean?
ScanError Scanner::start_tag_done(const char* base) {
  declares_default_ = false;
  if (!attrs_.empty()) {
    if (const ScanError e = check_attributes(base); e != ScanError::none) return e;
  }
  const Open& open = open_.back();
  const size_t depth = open_.size();
  if (open.prefix == 0 && depth > 2 && !declares_default_) return ScanError::none;
  const std::string_view prefix(base + open.at, open.prefix);
  const int32_t ns = resolve(base, prefix);
  if (open.prefix != 0 && (ns == ns_none || prefix == "xmlns")) return ScanError::not_well_formed;
  if (in_header_) return note_header(base);
  if (depth == 1) {
    note_stanza(base, ns);
  } else {
    note_inner(base, ns);
  }
  return ScanError::none;
}

// Namespaces in XML 1.0 sections 3 and 6.3: declarations come into force, prefixes must be
// declared, no two attributes may have one expanded name.
ScanError Scanner::check_attributes(const char* base) {
  const auto qualified = [base](const Attr& a) {
    return std::string_view(base + a.name, a.name_size);
  };
  bool prefixed = false;
  for (size_t i = 0; i < attrs_.size(); ++i) {
    const Attr& attr = attrs_[i];
    const std::string_view name = qualified(attr);
    for (size_t k = 0; k < i; ++k) {
      // Most differ in length or in the first byte.
      if (attrs_[k].name_size == attr.name_size && base[attrs_[k].name] == name[0] &&
          qualified(attrs_[k]) == name) {
        return ScanError::not_well_formed;
      }
    }
    if (name[0] == 'x' && (attr.prefix == 5 || name.size() == 5) && name.starts_with("xmlns")) {
      if (const ScanError e = declare(base, attr); e != ScanError::none) return e;
      if (attr.prefix == 0) declares_default_ = true;
    } else if (attr.prefix != 0) {
      prefixed = true;
    }
  }
  return prefixed ? check_prefixed(base) : ScanError::none;
}

// The declarations are in force; attributes with a prefix have what others may have too: a
// namespace.
ScanError Scanner::check_prefixed(const char* base) {
  const auto qualified = [base](const Attr& a) {
    return std::string_view(base + a.name, a.name_size);
  };
  for (size_t i = 0; i < attrs_.size(); ++i) {
    Attr& attr = attrs_[i];
    const std::string_view prefix = qualified(attr).substr(0, attr.prefix);
    if (attr.prefix == 0 || prefix == "xmlns") continue;
    attr.ns = resolve(base, prefix);
    if (attr.ns == ns_none) return ScanError::not_well_formed;
    const std::string_view local = qualified(attr).substr(attr.prefix + 1);
    for (size_t k = 0; k < i; ++k) {
      const Attr& other = attrs_[k];
      if (other.ns != ns_none && qualified(other).substr(other.prefix + 1) == local &&
          uri(base, other.ns) == uri(base, attr.ns)) {
        return ScanError::not_well_formed;
      }
    }
  }
  return ScanError::none;
}

// An attribute named xmlns or xmlns:PREFIX.
ScanError Scanner::declare(const char* base, const Attr& attr) {
  std::string_view prefix;
  if (attr.prefix != 0) prefix = {base + attr.name + 6, attr.name_size - size_t{6}};
  Uri value{attr.value, attr.value_end - attr.value, Uri::From::window};
  if (value.size > limits::xml_namespace_bytes_max) return ScanError::too_deep;
  if (!attr.as_sent) {
    const auto at = static_cast<uint32_t>(decoded_.size());
    decoded_ += unescape_attribute({base + value.at, value.size});
    value = {at, static_cast<uint32_t>(decoded_.size()) - at, Uri::From::decoded};
  }
  const std::string_view name = uri(base, value);
  if (prefix == "xmlns" || name == ns_xmlns || (prefix == "xml") != (name == ns_xml)) {
    return ScanError::not_well_formed;
  }
  if (name.empty() && !prefix.empty()) return ScanError::not_well_formed;
  if (prefix == "xml") return ScanError::none;
  const size_t max = in_header_ ? limits::xml_prefixes_max : limits::xml_declarations_max;
  if (bindings_.size() == max) return ScanError::too_deep;
  bindings_.push_back(
      {static_cast<uint32_t>(attr.name + 6), static_cast<uint16_t>(prefix.size()), value});
  return ScanError::none;
}

// Where a prefix, or the default namespace, is declared: an index into bindings_, or -1 - i for the
// i-th declaration of the stream header, or one of the two constants. Remembers that a prefix of
// the header is used.
int32_t Scanner::resolve(const char* base, std::string_view prefix) {
  for (size_t i = bindings_.size(); i-- > 0;) {
    const Binding& b = bindings_[i];
    if (b.prefix_size == prefix.size() &&
        std::string_view(base + b.prefix, b.prefix_size) == prefix) {
      return static_cast<int32_t>(i);
    }
  }
  if (prefix == "xml") return ns_is_xml;
  if (in_header_) return ns_none;
  for (size_t i = 0; i < header_.prefixes.size(); ++i) {
    if (header_.prefixes[i].name != prefix) continue;
    if (!prefix.empty()) stanza_.header_prefixes |= uint64_t{1} << i;
    return -1 - static_cast<int32_t>(i);
  }
  return ns_none;
}

std::string_view Scanner::uri(const char* base, const Uri& ns) const {
  switch (ns.from) {
    case Uri::From::window:
      return {base + ns.at, ns.size};
    case Uri::From::decoded:
      return std::string_view(decoded_).substr(ns.at, ns.size);
    case Uri::From::header:
      return header_.prefixes[ns.at].uri;
    case Uri::From::xml:
      return ns_xml;
    case Uri::From::nowhere:
      break;
  }
  return {};
}

Scanner::Uri Scanner::place(int32_t ns) const {
  if (ns == ns_none) return {};
  if (ns == ns_is_xml) return {0, 0, Uri::From::xml};
  if (ns < 0) return {static_cast<uint32_t>(-1 - ns), 0, Uri::From::header};
  return bindings_[static_cast<size_t>(ns)].uri;
}

std::string_view Scanner::uri(const char* base, int32_t ns) const { return uri(base, place(ns)); }

// The start tag of the stream's root.
ScanError Scanner::note_header(const char* base) {
  header_ = HeaderView{};
  const Open& open = open_.back();
  root_.assign(base + open.at, open.size);
  header_.name = open.prefix ? root_.substr(open.prefix + size_t{1}) : root_;
  header_.ns = uri(base, resolve(base, {base + open.at, open.prefix}));
  for (const Attr& attr : attrs_) {
    const std::string_view name(base + attr.name, attr.name_size);
    const auto take = [&](std::string& part, bool& has) {
      part = unescape_attribute({base + attr.value, attr.value_end - attr.value});
      has = true;
    };
    if (name == "to") take(header_.to, header_.has_to);
    if (name == "from") take(header_.from, header_.has_from);
    if (name == "id") take(header_.id, header_.has_id);
    if (name == "version") take(header_.version, header_.has_version);
    if (name == "xml:lang") take(header_.lang, header_.has_lang);
  }
  for (const Binding& b : bindings_) {
    header_.prefixes.push_back(
        {std::string(base + b.prefix, b.prefix_size), std::string(uri(base, b.uri))});
  }
  const auto content = [this](bool prefixed) {
    for (const HeaderView::Prefix& p : header_.prefixes) {
      const bool known = p.uri == ns_client || p.uri == ns_server || p.uri == ns_component;
      if (prefixed ? known : p.name.empty() && p.uri != ns_stream) return p.uri;
    }
    return std::string();
  };
  header_.content_ns = content(false);
  if (header_.content_ns.empty()) header_.content_ns = content(true);
  return ScanError::none;
}

// The start tag of a first-level element.
void Scanner::note_stanza(const char* base, int32_t ns) {
  stanza_name_ = open_.back();
  stanza_ns_ = place(ns);
  for (const Attr& attr : attrs_) {
    const std::string_view name(base + attr.name, attr.name_size);
    Noted which = noted;
    switch (name.size()) {
      case 2:
        which = name == "to" ? to : name == "id" ? id : noted;
        break;
      case 4:
        which = name == "from" ? from : name == "type" ? type : noted;
        break;
      case 5:
        which = name == "xmlns" ? xmlns : noted;
        break;
      case 8:
        which = name == "xml:lang" ? lang : noted;
        break;
      default:
        break;
    }
    if (which == noted) continue;
    notes_[which] = attr;
    has_ |= 1u << which;
  }
}

// The start tag of a child of the first-level element, or of an element deeper inside that has a
// prefix or a default namespace of its own.
void Scanner::note_inner(const char* base, int32_t ns) {
  const size_t depth = open_.size();
  if (depth == 2 && stanza_.children++ == 0) {
    payload_name_ = open_.back();
    payload_ns_ = place(ns);
  }
  if (foreign_ != 0 || (open_.back().prefix == 0 && !declares_default_)) return;
  if (uri(base, ns) != header_.content_ns) {
    foreign_ = depth;
    return;
  }
  // It names the content namespace instead of inheriting it, where a stream with another one means
  // that one.
  names_content_ = true;
  if (depth == 2 && declares_default_) child_declares_content_ = true;
}

void Scanner::view_stanza(const char* base, size_t size) {
  const auto view = [this, base](Noted which) {
    if (!(has_ >> which & 1)) return AttributeView{};
    const Attr& a = notes_[which];
    return AttributeView{{base + a.value, a.value_end - a.value}, a.begin, a.value_end + 1};
  };
  const auto local = [base](const Open& o) {
    const uint32_t skip = o.prefix ? o.prefix + 1u : 0;
    return std::string_view(base + o.at + skip, o.size - skip);
  };
  StanzaView& s = stanza_;
  s.bytes = {base, size};
  s.name = local(stanza_name_);
  s.ns = uri(base, stanza_ns_);
  s.name_end = stanza_name_.at + stanza_name_.size;
  s.to = view(to);
  s.from = view(from);
  s.id = view(id);
  s.type = view(type);
  s.lang = view(lang);
  s.xmlns = view(xmlns);
  s.payload_name = s.children != 0 ? local(payload_name_) : std::string_view();
  s.payload_ns = s.children != 0 ? uri(base, payload_ns_) : std::string_view();
  const bool in_content = !header_.content_ns.empty() && s.ns == header_.content_ns;
  s.kind = StanzaView::Kind::other;
  if (in_content) {
    if (s.name == "iq") s.kind = StanzaView::Kind::iq;
    if (s.name == "message") s.kind = StanzaView::Kind::message;
    if (s.name == "presence") s.kind = StanzaView::Kind::presence;
  }
  s.plain = in_content && stanza_name_.prefix == 0 && !child_declares_content_;
  s.neutral = s.plain && !names_content_;
}

}  // namespace xbus::xml
