// From proven bytes to the tree. Nothing is checked again: the scanner has.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "bus/xml/chars.hpp"
#include "bus/xml/declaration.hpp"
#include "bus/xml/element.hpp"

namespace xbus::xml {
namespace {

class Builder {
 public:
  Builder(std::string_view bytes, const HeaderView& header)
      : p_(bytes.data()), end_(p_ + bytes.size()) {
    for (const HeaderView::Prefix& p : header.prefixes) bindings_.push_back({p.name, p.uri});
  }

  Element element() {
    const size_t outside = bindings_.size();
    Element e = start_tag();
    if (p_[-2] != '/') content(e);  // p_ stands behind the '>'
    bindings_.resize(outside);
    return e;
  }

 private:
  struct Binding {
    std::string_view prefix;
    std::string uri;
  };
  struct Raw {
    std::string_view name, value;
  };

  std::string_view token(std::string_view stops) {
    const char* const begin = p_;
    while (stops.find(*p_) == std::string_view::npos) ++p_;
    return {begin, static_cast<size_t>(p_ - begin)};
  }

  void space() {
    while (chars::is_space(*p_)) ++p_;
  }

  const std::string& uri(std::string_view prefix) const {
    for (size_t i = bindings_.size(); i-- > 0;) {
      if (bindings_[i].prefix == prefix) return bindings_[i].uri;
    }
    return prefix == "xml" ? xml_ : none_;
  }

  // At '<'; leaves p_ behind the '>'.
  Element start_tag() {
    ++p_;
    const std::string_view name = token(" \t\r\n/>");
    raw_.clear();
    for (space(); *p_ != '>' && *p_ != '/'; space()) {
      const std::string_view attribute = token(" \t\r\n=");
      space();
      ++p_;
      space();
      const char quote = *p_++;
      const auto* close =
          static_cast<const char*>(std::memchr(p_, quote, static_cast<size_t>(end_ - p_)));
      raw_.push_back({attribute, {p_, static_cast<size_t>(close - p_)}});
      p_ = close + 1;
    }
    p_ += *p_ == '/' ? 2 : 1;
    for (const Raw& r : raw_) {
      if (r.name == "xmlns") bindings_.push_back({{}, unescape_attribute(r.value)});
      if (r.name.starts_with("xmlns:"))
        bindings_.push_back({r.name.substr(6), unescape_attribute(r.value)});
    }
    const auto colon = [](std::string_view n) { return n.find(':'); };
    const auto local = [&](std::string_view n) { return n.substr(colon(n) + 1); };  // npos + 1 is 0
    const auto prefix = [&](std::string_view n) {
      return colon(n) == n.npos ? n.substr(0, 0) : n.substr(0, colon(n));
    };
    Element e(std::string(local(name)), uri(prefix(name)));
    for (const Raw& r : raw_) {
      if (r.name == "xmlns" || r.name.starts_with("xmlns:")) continue;
      const std::string_view p = prefix(r.name);
      e.set(local(r.name), p.empty() ? none_ : uri(p), unescape_attribute(r.value));
    }
    return e;
  }

  // Behind a start tag; leaves p_ behind the end tag.
  void content(Element& e) {
    constexpr std::string_view cdata = "<![CDATA[", cdata_end = "]]>";
    for (;;) {
      const auto* markup =
          static_cast<const char*>(std::memchr(p_, '<', static_cast<size_t>(end_ - p_)));
      if (markup != p_) e.add_text(unescape({p_, static_cast<size_t>(markup - p_)}));
      p_ = markup;
      if (p_[1] == '/') {
        p_ = static_cast<const char*>(std::memchr(p_, '>', static_cast<size_t>(end_ - p_))) + 1;
        return;
      }
      if (p_[1] == '!') {
        const std::string_view rest(p_ + cdata.size(),
                                    static_cast<size_t>(end_ - p_) - cdata.size());
        const size_t size = rest.find(cdata_end);
        add_cdata(e, rest.substr(0, size));
        p_ = rest.data() + size + cdata_end.size();
      } else {
        e.add(element());
      }
    }
  }

  // References mean nothing here, line ends do.
  static void add_cdata(Element& e, std::string_view raw) {
    for (size_t at = raw.find('\r'); at != raw.npos; at = raw.find('\r')) {
      e.add_text(raw.substr(0, at)).add_text("\n");
      raw.remove_prefix(raw.substr(at).starts_with("\r\n") ? at + 2 : at + 1);
    }
    e.add_text(raw);
  }

  const char* p_;
  const char* const end_;
  std::vector<Binding> bindings_;
  std::vector<Raw> raw_;
  const std::string xml_{ns_xml}, none_;
};

}  // namespace

Element build(const StanzaView& proven, const HeaderView& header) {
  return Builder(proven.bytes, header).element();
}

Result<Element, ScanError> parse(std::string_view bytes, std::string_view default_ns,
                                 const ScanLimits& limits) {
  constexpr std::string_view white = " \t\r\n";
  if (bytes.starts_with("<?xml") && bytes.size() > 5 && chars::is_space(bytes[5])) {
    const size_t size = std::min(bytes.find('>'), bytes.size() - 1) + 1;
    const ScanError e = check_declaration(bytes.substr(0, size));
    if (e != ScanError::none) return Err{e};
    bytes.remove_prefix(size);
  }
  HeaderView header;
  header.content_ns = default_ns;
  if (!default_ns.empty()) header.prefixes.push_back({std::string(), std::string(default_ns)});
  Scanner scanner(limits);
  scanner.assume(header);
  const Scanner::Step step = scanner.next(bytes);
  if (step.event == Scanner::Event::error) return Err{scanner.error()};
  if (step.event != Scanner::Event::stanza) return Err{ScanError::not_well_formed};
  if (bytes.find_first_not_of(white, step.consumed) != bytes.npos)
    return Err{ScanError::not_well_formed};
  return build(scanner.stanza(), header);
}

}  // namespace xbus::xml
