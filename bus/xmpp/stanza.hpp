// Stanzas: building them, answering them, and the rules each must keep (RFC 6120 section 8, RFC
// 6121).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::xmpp {

enum class IqType : uint8_t { get, set, result, error };
enum class MessageType : uint8_t { normal, chat, error, groupchat, headline };
// `available` is the presence without a type.
enum class PresenceType : uint8_t {
  available,
  unavailable,
  error,
  probe,
  subscribe,
  subscribed,
  unsubscribe,
  unsubscribed,
};
// `available` is the presence without <show/>.
enum class Show : uint8_t { available, chat, away, xa, dnd };

std::string_view name_of(IqType type);
std::string_view name_of(MessageType type);
std::string_view name_of(PresenceType type);  // empty for available
std::string_view name_of(Show show);          // empty for available

std::optional<IqType> iq_type_of(std::string_view value);
// An unknown or absent value is normal (RFC 6121 section 5.2.2).
MessageType message_type_of(std::string_view value);
// nullopt for a value RFC 6121 section 4.7.1 does not name; available for the empty (absent) one.
std::optional<PresenceType> presence_type_of(std::string_view value);

// The type of a stanza held as a tree; an iq without a right one, or another element, has none.
std::optional<IqType> iq_type(const xml::Element& stanza);
MessageType message_type(const xml::Element& stanza);
std::optional<PresenceType> presence_type(const xml::Element& stanza);
// <show/> of a presence; an unknown one is available.
Show show_of(const xml::Element& presence);
// <priority/> of a presence, 0 when absent or no integer in -128..127 (RFC 6121 section 4.7.2.3).
int8_t priority_of(const xml::Element& presence);

// The address in an attribute: empty Jid when the attribute is absent.
Result<Jid, JidError> address(const xml::Element& stanza, std::string_view attribute);

// ---- Building ----

// An iq. `to` may be empty: then it is for the sender's own account or server.
xml::Element iq(IqType type, std::string_view id, const Jid& to, xml::Element payload,
                std::string_view content_ns = xml::ns_client);
xml::Element message(MessageType type, const Jid& to, std::string_view content_ns = xml::ns_client);
xml::Element presence(PresenceType type, const Jid& to,
                      std::string_view content_ns = xml::ns_client);

// The result of a request: to and from swapped, the id kept. Without a payload it is the empty
// result.
xml::Element result_for(const xml::Element& request, std::optional<xml::Element> payload = {});

// The payload comes back in the error when its names, attributes and text have at most
// limits::error_payload_bytes_max bytes.
enum class CopyPayload : bool { no, yes };

// The error that answers a stanza: to and from swapped, the id kept. nullopt for a stanza of type
// error and for an iq of type result: an error never answers an error (section 8.3.1).
std::optional<xml::Element> error_for(const xml::Element& stanza, const StanzaError& error,
                                      CopyPayload copy = CopyPayload::no);
// The same without a tree. `content_ns` is the namespace of the stream that the answer goes out on.
std::optional<xml::Element> error_for(const xml::StanzaView& stanza, const StanzaError& error,
                                      std::string_view content_ns = xml::ns_client);

// ---- Rules ----

// What a stanza breaks.
enum class StanzaFault : uint8_t {
  none,
  unsupported_stanza,  // no iq, message or presence of the content namespace: a stream error
                       // (section 4.9.3.24)
  iq_without_id,       // sections 8.1.3, 8.2.3
  iq_type_missing,     // section 8.2.3
  iq_type_unknown,
  iq_request_children,    // get and set hold exactly one child
  iq_result_children,     // result holds none or one
  error_without_child,    // a stanza of type error holds an <error/> (section 8.3.1)
  presence_type_unknown,  // RFC 6121 section 4.7.1
};

// Checks the stanza's own shape: not its addresses, nor who may send it. Costs a few comparisons on
// a view, where the <error/> of an error stanza is only counted among the children.
StanzaFault check(const xml::StanzaView& stanza);
StanzaFault check(const xml::Element& stanza);

// The stanza error that answers the fault; error_for() says whether one may be sent at all, and if
// not the stanza is dropped. nullopt for none, and for unsupported_stanza, which is the end of the
// stream: unsupported-stanza-type.
std::optional<StanzaError> error_of(StanzaFault fault);
// A few words for the log.
std::string_view name_of(StanzaFault fault);

}  // namespace xbus::xmpp
