// Sends the requests of a capture again, as whoever does it.
#pragma once
#include <string>

#include "bus/client/client.hpp"
#include "bus/task.hpp"
#include "services/xbus/invocation.hpp"

namespace xbus::cli {

// Whether it is one that is sent again: an iq of type get or set, or a message that is no error.
bool is_resendable(const xml::Element& stanza);
// Why it is not sent again, although it is one: what it held is not there, or it administers
// something. Empty where it is.
std::string why_never_again(const xml::Element& stanza);

// Sends it with an id of its own and says how it ended, one line: as JSON "to", "name", "outcome"
// ("result", "error", "timeout", "lost", "not sent", "sent", "left out"), "milliseconds" and what
// it held or why. The exit status of that outcome; nullopt where the output cannot be written.
Task<std::optional<int>> resend(client::Client& client, const Invocation& invocation,
                                const xml::Element& stanza);

}  // namespace xbus::cli
