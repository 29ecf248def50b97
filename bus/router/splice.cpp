#include "bus/router/splice.hpp"

#include <bit>
#include <cstring>
#include <utility>

namespace xbus::router {
namespace {

std::string attribute_text(std::string_view name, std::string_view value) {
  std::string text = " ";
  text += name;
  text += "='";
  xml::escape_attribute(text, value);
  text += '\'';
  return text;
}

// The bytes can be copied.
bool copies(const xml::StanzaView& stanza, const xml::HeaderView& header,
            std::string_view content_ns) {
  return stanza.plain && (stanza.neutral || header.content_ns == content_ns);
}

// The same element in another namespace; its children stay as they are.
xml::Element renamed(xml::Element element, std::string_view ns) {
  xml::Element other(element.name(), std::string(ns));
  for (const xml::Attribute& attribute : element.attributes()) {
    other.set(attribute.name, attribute.ns, attribute.value);
  }
  other.nodes() = std::move(element.nodes());
  return other;
}

}  // namespace

Stamp::Stamp(std::string_view from_, const xml::HeaderView& header) : Stamp(from_) {
  if (header.has_lang && !header.lang.empty()) lang = attribute_text("xml:lang", header.lang);
}

Stamp::Stamp(std::string_view from_) {
  if (!from_.empty()) from = attribute_text("from", from_);
}

Splice::Splice(const xml::StanzaView& stanza, const xml::HeaderView& header, const Stamp& stamp,
               std::string_view content_ns)
    : content_ns_(content_ns) {
  bool same_ns = header.content_ns == content_ns;
  if (!copies(stanza, header, content_ns)) {
    // A tree takes many times its text, and so may what it is written as.
    too_large_ = stanza.bytes.size() > limits::rewritten_bytes_max;
    if (too_large_) return;
    xml::Element tree = xml::build(stanza, header);
    if (!stamp.from.empty()) {
      tree.set("from",
               xml::unescape(std::string_view(stamp.from).substr(7, stamp.from.size() - 8)));
    }
    if (!stamp.lang.empty() && !stanza.lang.present()) tree.set("lang", xml::ns_xml, header.lang);
    move_to_content_ns(tree, header.content_ns, content_ns);
    xml::write_to(rewritten_, tree, content_ns);
    add(rewritten_);
    return;
  }
  add(stanza.bytes.substr(0, stanza.name_end));
  add(stamp.from);
  if (!stanza.lang.present()) add(stamp.lang);
  if (stanza.header_prefixes != 0) {
    for (uint64_t left = stanza.header_prefixes; left != 0; left &= left - 1) {
      const auto& prefix = header.prefixes[static_cast<size_t>(std::countr_zero(left))];
      declarations_ += attribute_text("xmlns:" + prefix.name, prefix.uri);
    }
    add(declarations_);
  }
  add_bytes(stanza, !same_ns && stanza.xmlns.present(),
            !stamp.from.empty() && stanza.from.present());
}

// The rest of the stanza behind its name, without one or two of its attributes.
void Splice::add_bytes(const xml::StanzaView& stanza, bool cut_xmlns, bool cut_from) {
  size_t at = stanza.name_end;
  const xml::AttributeView* cuts[2] = {cut_xmlns ? &stanza.xmlns : nullptr,
                                       cut_from ? &stanza.from : nullptr};
  if (cuts[0] != nullptr && cuts[1] != nullptr && cuts[1]->begin < cuts[0]->begin)
    std::swap(cuts[0], cuts[1]);
  for (const xml::AttributeView* cut : cuts) {
    if (cut == nullptr) continue;
    add(stanza.bytes.substr(at, cut->begin - at));
    at = cut->end;
  }
  add(stanza.bytes.substr(at));
}

void Splice::add(std::string_view piece) {
  pieces_[count_++] = piece;
  bytes_ += piece.size();
}

void Splice::copy_to(char* out) const {
  for (size_t i = 0; i < count_; ++i) {
    std::memcpy(out, pieces_[i].data(), pieces_[i].size());
    out += pieces_[i].size();
  }
}

bool Splice::push_to(Outbox& outbox) const {
  char* at = outbox.grow(bytes_);
  if (at == nullptr) return false;
  copy_to(at);
  return true;
}

std::string Splice::str() const {
  std::string text;
  text.reserve(bytes_);
  for (size_t i = 0; i < count_; ++i) text += pieces_[i];
  return text;
}

bool Splice::fits(size_t bytes_max) const {
  if (too_large_) return false;
  // A stanza that was only stamped has at most the attributes that are allowed for.
  if (declarations_.empty() && rewritten_.empty())
    return bytes_ <= bytes_max + limits::stanza_bytes_stamped_max;
  return relayable(str(), content_ns_, bytes_max);
}

bool relayable(std::string_view stanza, std::string_view content_ns, size_t bytes_max) {
  xml::ScanLimits limits;
  limits.stanza_bytes_max = bytes_max + limits::stanza_bytes_stamped_max;
  limits.attributes_max = limits::xml_attributes_max + limits::xml_attributes_stamped_max;
  if (stanza.size() > limits.stanza_bytes_max) return false;
  xml::Scanner scanner(limits);
  xml::HeaderView header;
  header.name = "stream";
  header.ns = xml::ns_stream;
  header.content_ns = content_ns;
  header.prefixes = {{"", std::string(content_ns)}, {"stream", std::string(xml::ns_stream)}};
  scanner.assume(std::move(header));
  auto step = scanner.next(stanza);
  return step.event == xml::Scanner::Event::stanza && step.consumed == stanza.size();
}

xml::Element stamped_element(const xml::StanzaView& stanza, const xml::HeaderView& header,
                             std::string_view from) {
  xml::Element tree = xml::build(stanza, header);
  if (!from.empty()) tree.set("from", from);
  if (header.has_lang && !header.lang.empty() && !stanza.lang.present())
    tree.set("lang", xml::ns_xml, header.lang);
  move_to_content_ns(tree, header.content_ns, xml::ns_client);
  return tree;
}

void move_to_content_ns(xml::Element& stanza, std::string_view from_ns, std::string_view to_ns) {
  if (from_ns == to_ns) return;
  if (stanza.ns() == from_ns) stanza = renamed(std::move(stanza), to_ns);
  for (xml::Node& node : stanza.nodes()) {
    if (!node.is_element() || node.element.front().ns() != from_ns) continue;
    node.element.front() = renamed(std::move(node.element.front()), to_ns);
  }
}

}  // namespace xbus::router
