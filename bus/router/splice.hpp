// The forwarding writer: puts a proven stanza of one stream onto another by copying its bytes
// around the attributes that change, so that nothing of the sender's stream header is needed to
// read it there.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "bus/router/outbox.hpp"
#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"

namespace xbus::router {

// What a sender's stanzas are stamped with: the attributes as text, made once a session.
struct Stamp {
  std::string from;  // " from='juliet@example.com/balcony'", escaped
  std::string lang;  // " xml:lang='en'" where the sender's stream header had one, else empty

  Stamp() = default;
  // `from` empty: the stanza keeps its own, as a component's do.
  Stamp(std::string_view from, const xml::HeaderView& header);
  // Without a stream: stamps nothing but `from`.
  explicit Stamp(std::string_view from);
};

// One stanza as it goes onto a stream whose content namespace is `content_ns` (which is its default
// namespace). Refers to all its arguments: use it before they change.
class Splice {
 public:
  Splice(const xml::StanzaView& stanza, const xml::HeaderView& header, const Stamp& stamp,
         std::string_view content_ns);

  size_t bytes() const { return bytes_; }
  // Whether a receiver can take it whose limits are those of `bus/limits.hpp`, with what a server
  // may add and with stanzas of `bytes_max`. What was proven in its sender's stream may not fit
  // elsewhere: declarations that stood on the header once stand on the stanza then, or on each of
  // its elements.
  bool fits(size_t bytes_max) const;
  // Writes exactly bytes() bytes.
  void copy_to(char* out) const;
  // Into the queue; false over its bound.
  bool push_to(Outbox& outbox) const;
  std::string str() const;

 private:
  void add(std::string_view piece);
  void add_bytes(const xml::StanzaView& stanza, bool cut_xmlns, bool cut_from);

  std::array<std::string_view, 8> pieces_;
  size_t count_ = 0;
  size_t bytes_ = 0;
  std::string_view content_ns_;
  std::string declarations_;  // of the header's prefixes that the stanza uses
  std::string rewritten_;     // the whole, where copying does not do
  bool too_large_ = false;    // to be rewritten: nothing is written then
};

// The same question about a stanza written out, for a stream with that content namespace.
bool relayable(std::string_view stanza, std::string_view content_ns, size_t bytes_max);

// The stanza as a tree with its `from` and xml:lang stamped, in the namespace jabber:client: for
// who is fed trees.
xml::Element stamped_element(const xml::StanzaView& stanza, const xml::HeaderView& header,
                             std::string_view from);

// Moves a stanza from one content namespace to another: the stanza and those of its children that
// RFC 6120 and 6121 define. What lies inside other payloads is left alone.
void move_to_content_ns(xml::Element& stanza, std::string_view from_ns, std::string_view to_ns);

}  // namespace xbus::router
