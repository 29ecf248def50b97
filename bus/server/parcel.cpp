#include "bus/server/parcel.hpp"

#include <utility>

#include "bus/xml/runs.hpp"

namespace xbus::server {
namespace {

// The attribute as text; `keep` holds it where the bytes are not the text.
std::string_view text_of(const xml::AttributeView& attribute, std::string& keep) {
  if (!attribute.present()) return {};
  if (xml::runs::plain_value(attribute.value)) return attribute.value;
  keep = xml::unescape_attribute(attribute.value);
  return keep;
}

Parcel::Kind kind_of(const xml::Element& tree) {
  if (tree.name() == "iq") return Parcel::Kind::iq;
  if (tree.name() == "message") return Parcel::Kind::message;
  if (tree.name() == "presence") return Parcel::Kind::presence;
  return Parcel::Kind::other;
}

}  // namespace

Parcel::Parcel(const xml::StanzaView& stanza, const xml::HeaderView& header,
               const router::Stamp& stamp, const xmpp::Jid& from, Link* link)
    : kind_(stanza.kind),
      type_(stanza.type.value),
      stanza_(&stanza),
      header_(&header),
      stamp_(&stamp),
      from_(from),
      link_(link),
      has_to_(stanza.to.present()) {
  to_text_ = text_of(stanza.to, unescaped_);
  id_ = text_of(stanza.id, id_text_);
}

Parcel::Parcel(const xml::Element& tree, const xmpp::Jid& from)
    : kind_(kind_of(tree)),
      type_(tree.attr_or("type", {})),
      id_(tree.attr_or("id", {})),
      tree_(&tree),
      from_(from) {
  if (const std::string* to = tree.attr("to")) {
    has_to_ = true;
    to_text_ = *to;
  }
}

bool Parcel::prepare() {
  auto parsed = xmpp::Jid::parse(to_text_);
  if (!parsed) return false;
  to_ = std::move(*parsed);
  return true;
}

xml::ScanLimits written_limits() {
  xml::ScanLimits limits;
  limits.stanza_bytes_max = limits::queue_bytes_per_connection_max;
  limits.attributes_max = limits::xml_attributes_max + limits::xml_attributes_stamped_max;
  return limits;
}

Taken Parcel::push_to(router::Outbox& outbox, std::string_view content_ns, size_t bytes_max) {
  if (stanza_ != nullptr) {
    router::Splice splice(*stanza_, *header_, *stamp_, content_ns);
    if (!splice.fits(bytes_max)) return Taken::unfit;
    return splice.push_to(outbox) ? Taken::yes : Taken::full;
  }
  if (!written_ || written_ns_ != content_ns) {
    written_ = std::make_shared<const std::string>(bytes(content_ns));
    written_ns_ = content_ns;
    // A presence that is broadcast or a message that came back holds what a client wrote.
    fits_ = router::relayable(*written_, content_ns, limits::queue_bytes_per_connection_max);
  }
  if (!fits_) return Taken::unfit;
  // Sharing costs a reference; copying small stanzas keeps the queue in one piece.
  bool room = written_->size() <= 2048 ? outbox.push(std::string_view(*written_))
                                       : outbox.push(written_);
  return room ? Taken::yes : Taken::full;
}

Taken Parcel::write_to(std::string& out, std::string_view content_ns, size_t bytes_max) {
  if (stanza_ == nullptr) {
    out = bytes(content_ns);
    return Taken::yes;
  }
  router::Splice splice(*stanza_, *header_, *stamp_, content_ns);
  if (!splice.fits(bytes_max)) return Taken::unfit;
  out = splice.str();
  return Taken::yes;
}

std::string_view Parcel::payload_ns() const {
  if (stanza_ != nullptr) return stanza_->payload_ns;
  const xml::Element* payload = tree_->first_element();
  return payload == nullptr ? std::string_view() : std::string_view(payload->ns());
}

std::string_view Parcel::payload_name() const {
  if (stanza_ != nullptr) return stanza_->payload_name;
  const xml::Element* payload = tree_->first_element();
  return payload == nullptr ? std::string_view() : std::string_view(payload->name());
}

std::string Parcel::bytes(std::string_view content_ns) {
  if (stanza_ != nullptr) return router::Splice(*stanza_, *header_, *stamp_, content_ns).str();
  if (content_ns == xml::ns_client) return xml::write(*tree_, content_ns);
  xml::Element moved = *tree_;
  router::move_to_content_ns(moved, xml::ns_client, content_ns);
  return xml::write(moved, content_ns);
}

xml::Element Parcel::element() const {
  if (tree_ != nullptr) return *tree_;
  return router::stamped_element(*stanza_, *header_, from_.str());
}

xml::Element Parcel::head() const {
  xml::Element head(tree_ != nullptr ? std::string_view(tree_->name()) : stanza_->name,
                    xml::ns_client);
  if (!type_.empty()) head.set("type", type_);
  if (!id_.empty()) head.set("id", id_);
  if (has_to_) head.set("to", to_text_);
  head.set("from", from_.str());
  return head;
}

}  // namespace xbus::server
