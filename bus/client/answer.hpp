// How an iq request ended.
#pragma once
#include "bus/xml/element.hpp"
#include "bus/xmpp/error.hpp"

namespace xbus::client {

struct Answer {
  enum class Kind {
    result,     // `stanza` is the iq
    error,      // `stanza` is the iq, `error` says what
    timed_out,  // no answer by the deadline
    lost,       // the session ended with the request under way: the outcome is unknown
    not_sent,   // nobody has handled it: not connected, the session ended before the server took it, too big for the
                // server, too many pending; `error` says which
  } kind = Kind::not_sent;
  xml::Element stanza = {};
  xmpp::StanzaError error = {};
};

}  // namespace xbus::client
