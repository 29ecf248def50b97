// Counters: what the server has done since it started, and what it holds now, for metrics and for its admins.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bus/server/server.hpp"
#include "bus/xml/scanner.hpp"
#include "bus/xmpp/error.hpp"

namespace xbus::server {

class Hub;

// Plain numbers, written under the router's lock by whoever does the thing.
struct Counters {
  uint64_t delivered = 0;   // stanzas put into a queue
  uint64_t refused = 0;     // answered with an error
  uint64_t dropped = 0;     // neither delivered nor answered, as the rules say
  uint64_t over_quota = 0;  // for a receiver whose queue was full
  uint64_t stored = 0;      // put into the offline store
  uint64_t tapped = 0, tap_missed = 0;  // stanzas that monitors were shown, and that they were too slow for
  uint64_t logins = 0, logins_failed = 0;
  uint64_t throttled = 0;  // times that a connection was left unread, its account over its rate
  uint64_t turned_away = 0;  // connections, before they could say a word
  uint64_t bans = 0;         // of addresses
  uint64_t bytes_in = 0, bytes_out = 0;  // of connections, before TLS and behind it
  // Of the pubsub service: items published; events queued for a receiver, and not, its queue being full.
  uint64_t events_published = 0, events_sent = 0, events_missed = 0;
  std::array<uint64_t, 4> stanzas{};     // of established sessions and components, by StanzaView::Kind
  std::array<uint64_t, 5> accepted{};    // connections, by ListenerKind
  std::map<xmpp::Condition, uint64_t> refused_with;
  // By the few constant words that say why; the words are the program's own.
  std::map<std::string_view, uint64_t> dropped_for;
};

// The same to be shown: numbers of one meaning, told apart by one label where there are several.
struct Family {
  std::string_view name, help;
  enum class Type : uint8_t { counter, gauge } type = Type::counter;
  std::string_view label = {};  // its name; empty: there is one number
  std::vector<std::pair<std::string, uint64_t>> samples = {};  // value of the label, and the number
};

// Under the router's lock: takes a walk over all connections.
std::vector<Family> families(Hub& hub);

std::string_view name_of(ListenerKind kind);

}  // namespace xbus::server
