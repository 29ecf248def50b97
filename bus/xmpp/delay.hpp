// Delayed Delivery (XEP-0203): when a stanza was first sent.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_delay = "urn:xmpp:delay";

struct Delay {
  Timestamp stamp;
  Jid from;          // who delayed it; empty: not told
  std::string text;  // why, for a person
  bool operator==(const Delay&) const = default;
};

xml::Element to_element(const Delay& delay);
// nullopt for another element or one without a right stamp; a malformed `from` is left empty.
std::optional<Delay> delay_from(const xml::Element& element);
// The stanza's delay stamped by `who` (section 4: anybody can write one, so only a stamp of someone
// trusted counts); the first one of anybody when `who` is empty.
std::optional<Delay> delay_of(const xml::Element& stanza, const Jid& who = {});

}  // namespace xbus::xmpp
