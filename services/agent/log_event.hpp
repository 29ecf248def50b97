// A line of the journal as the topic `log` tells it: an event of XEP-0337.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "bus/xml/element.hpp"
#include "services/agent/journal.hpp"

namespace xbus::agent {

inline constexpr std::string_view ns_eventlog = "urn:xmpp:eventlog";

struct LogEvent {
  std::string host;  // the agent's instance
  std::string unit;  // empty: none
  LogLine line;
  int64_t missed = 0;  // lines before it that were not told
};

// <log xmlns='urn:xmpp:eventlog'/> with the unit as object, the program as module, and tags host, pid and missed (the
// last where it is not 0).
xml::Element eventlog_of(const LogEvent& event);

// "web1: ssh.service: [err] sshd: ..."
std::string text_of(const LogEvent& event);

}  // namespace xbus::agent
