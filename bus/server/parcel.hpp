// A stanza on its way through the server: proven bytes of a stream, or a tree. The routing rules
// are the same.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "bus/router/outbox.hpp"
#include "bus/router/splice.hpp"
#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus::server {

class Link;

// What became of a stanza that was put into a queue.
enum class Taken : uint8_t {
  yes,
  full,   // the queue is
  unfit,  // as it would stand in the receiver's stream it is beyond what a stanza may be
};

// The limits for reading back what Parcel::bytes() wrote.
xml::ScanLimits written_limits();

// Refers to what it is made of; lives on the stack of the one who routes it.
class Parcel {
 public:
  using Kind = xml::StanzaView::Kind;

  // From a stream. `from` is the sender's proven address, `link` where its errors go.
  Parcel(const xml::StanzaView& stanza, const xml::HeaderView& header, const router::Stamp& stamp,
         const xmpp::Jid& from, Link* link);
  // Made inside, in the namespace jabber:client, its `from` set to that address.
  Parcel(const xml::Element& tree, const xmpp::Jid& from);

  Kind kind() const { return kind_; }
  std::string_view type() const { return type_; }
  std::string_view id() const { return id_; }
  const xmpp::Jid& from() const { return from_; }
  Link* link() const { return link_; }
  bool has_to() const { return has_to_; }
  // The attribute's text, references undone; prepare() makes it an address. Copies of one parcel to
  // several addressees leave it as it is (RFC 6121 section 8.5: `to` is never rewritten).
  std::string_view to_text() const { return to_text_; }
  bool prepare();  // false: no JID
  const xmpp::Jid& to() const { return to_; }
  void set_to(xmpp::Jid to) { to_ = std::move(to); }

  bool is_request() const { return kind_ == Kind::iq && (type_ == "get" || type_ == "set"); }
  // An error may answer it (RFC 6120 section 8.3.1).
  bool may_be_refused() const {
    return type_ != "error" && !(kind_ == Kind::iq && type_ == "result");
  }

  // Onto a stream with that content namespace, where stanzas of `bytes_max` and what a server adds
  // are allowed.
  Taken push_to(router::Outbox& outbox, std::string_view content_ns, size_t bytes_max);
  Taken write_to(std::string& out, std::string_view content_ns, size_t bytes_max);
  std::string bytes(std::string_view content_ns);  // the same, whatever its size
  size_t size() const { return stanza_ != nullptr ? stanza_->bytes.size() : 0; }  // as it came in
  // Namespace and name of the first child element.
  std::string_view payload_ns() const;
  std::string_view payload_name() const;
  xml::Element element() const;  // a copy, in jabber:client, `from` set
  xml::Element head() const;     // the same without what is inside

 private:
  Kind kind_ = Kind::other;
  std::string_view type_, id_;
  const xml::StanzaView* stanza_ = nullptr;
  const xml::HeaderView* header_ = nullptr;
  const router::Stamp* stamp_ = nullptr;
  const xml::Element* tree_ = nullptr;
  const xmpp::Jid& from_;
  Link* link_ = nullptr;
  bool has_to_ = false;
  std::string_view to_text_;
  std::string unescaped_;  // what to_text_ and id_ refer to where the bytes held references
  std::string id_text_;
  xmpp::Jid to_;
  std::shared_ptr<const std::string> written_;  // of a tree, for all its receivers of one namespace
  std::string_view written_ns_;
  bool fits_ = true;  // `written_`
};

}  // namespace xbus::server
