// What a monitor asks for and is shown: the protocol `urn:xbus:monitor:0`, iqs to the domain.
//
//   set <start scope='own' kinds='iq message' from='ann@localhost' to='localhost'
//              payload='jabber:iq:rpc' name='query' errors='true'>
//         <with>agent@services.localhost</with></start>
//                 result <started scope='own'/>
//   set <stop/>   result <stopped shown='17' missed='3'/>; item-not-found where nothing was started
//
// Everything in <start/> may be left out. Until <stop/> or the end of its session the session that
// asked is sent what passes all of it, each stanza once, as the server takes it up, but for those
// that it sends or is sent itself:
//
//   <message type='headline' from='localhost' to='ann@localhost/r'>
//     <tapped xmlns='urn:xbus:monitor:0' missed='3'/>     where some were left out before: how many
//     <forwarded xmlns='urn:xmpp:forward:0'><delay stamp='...'/>STANZA</forwarded>
//   </message>
//
// A second <start/> of the session takes the place of the first. `scope` is "own", stanzas from and
// to any resource of the asker's account, or "all", for admins; without it, what the asker may.
// `from` and `to` are a full JID, a bare one for all its resources, or a domain for all in it.
// <with/>, up to 64 of them: the stanza is from or to that address or from or to a session that has
// sent it directed presence, as the instances of a service have to the service's address. In place
// of what is not shown stands <omitted xmlns='urn:xbus:monitor:0' reason='secret|too-large'
// ns='...' name='...'/>. Errors: bad-request, forbidden, resource-constraint.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/forwarded.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::server {

inline constexpr std::string_view ns_monitor = "urn:xbus:monitor:0";

enum class TapScope : uint8_t { own, all };

// Which stanzas; the default is every one.
struct TapFilter {
  bool iqs = true, messages = true, presences = true;
  xmpp::Jid from = {}, to = {};                    // empty: anybody
  std::vector<xmpp::Jid> with = {};                // empty: anybody
  std::string payload_ns = {}, payload_name = {};  // of the first child element; empty: any
  bool errors = false;                             // those of type error alone
  bool operator==(const TapFilter&) const = default;
};

struct TapStart {
  std::optional<TapScope> scope;
  TapFilter filter;
  bool operator==(const TapStart&) const = default;
};

xml::Element to_element(const TapStart& start);
// bad-request with what is wrong, for anything that is not exactly as above.
Result<TapStart, xmpp::StanzaError> tap_start_from(const xml::Element& element);
std::string_view name_of(TapScope scope);
// What <started/> says; own for anything else.
TapScope tap_scope_from(const xml::Element& started);

// What a filter looks at.
struct Seen {
  xml::StanzaView::Kind kind = xml::StanzaView::Kind::other;
  std::string_view type, payload_ns, payload_name;
  xmpp::Jid from, to;  // empty: none
};

// The address is what is asked for, or inside it.
bool stands_for(const xmpp::Jid& asked, const xmpp::Jid& address);
// All of the filter but `with`, which takes knowing who has told whom of his presence.
bool passes(const TapFilter& filter, const Seen& seen);
Seen seen_of(const xml::Element& stanza);  // refers to it

// What a monitor is sent.
struct Tapped {
  uint64_t missed = 0;  // before this one
  std::optional<xmpp::Forwarded> forwarded;
};
// nullopt for other messages. The caller has looked at who it is from.
std::optional<Tapped> tapped_from(const xml::Element& message);

// What stands in a stanza in place of its payload.
struct Omitted {
  std::string reason, ns, name;
};
xml::Element to_element(const Omitted& omitted);
std::optional<Omitted> omitted_in(const xml::Element& stanza);

}  // namespace xbus::server
