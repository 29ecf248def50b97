// What a subscriber may ask of its subscription, and the form for it (XEP-0060 sections 6.3, 13.5 and 13.19).
#pragma once
#include <optional>

#include "bus/clock.hpp"
#include "bus/result.hpp"
#include "bus/xmpp/forms.hpp"
#include "bus/xmpp/pubsub.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view form_subscribe_options =
    "http://jabber.org/protocol/pubsub#subscribe_options";

struct SubscribeOptions {
  bool deliver = true;
  bool until_presence = false;      // pubsub#expire = presence: ends with the subscriber's session
  std::optional<Timestamp> expire;  // a lease: ends then
  bool operator==(const SubscribeOptions&) const = default;
};

Form options_form(const SubscribeOptions& now);    // asks for them
Form options_record(const SubscribeOptions& now);  // fields and values alone

// `base` with what was submitted; bad-request and invalid-options for a value that is none. Fields that the form does
// not have are ignored.
Result<SubscribeOptions, PubsubRefusal> with_options(SubscribeOptions base, const Form& submitted);

}  // namespace xbus::xmpp
