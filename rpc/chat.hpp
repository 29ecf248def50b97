// Chat messages between people and services: which of them are questions, and how they are passed on and answered.
#pragma once
#include <string_view>

#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus {

// A message of type chat or normal with text.
bool is_chat(const xml::Element& message);
// One that may be answered: not stored on its way (XEP-0203), and not itself an answer of a service.
bool is_question(const xml::Element& message);

// The answer: to the sender, of the same type, in the same thread, marked so that no service answers it.
xml::Element answer_to(const xml::Element& question, std::string_view text);

// The question as a relay passes it on: text and thread, and for whom it asks.
xml::Element relayed_question(const xml::Element& question, std::string_view from, const xmpp::Jid& to,
                              const xmpp::Jid& on_behalf_of);
// For whom the relay says it asks; empty without.
std::string_view on_behalf_of(const xml::Element& question);

}  // namespace xbus
