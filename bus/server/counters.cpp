#include "bus/server/counters.hpp"

#include "bus/server/hub.hpp"
#include "bus/server/link.hpp"

namespace xbus::server {

namespace {

using Type = Family::Type;
using Kind = xml::StanzaView::Kind;
using Samples = std::vector<std::pair<std::string, uint64_t>>;

constexpr std::array<ListenerKind, 5> listener_kinds = {ListenerKind::unix_socket, ListenerKind::starttls,
                                                        ListenerKind::direct_tls, ListenerKind::plain_loopback,
                                                        ListenerKind::component};

Samples one(uint64_t value) { return {{"", value}}; }

Samples by_kind(const std::array<uint64_t, 5>& numbers) {
  Samples out;
  for (const ListenerKind kind : listener_kinds)
    out.emplace_back(name_of(kind), numbers[static_cast<size_t>(kind)]);
  return out;
}

}  // namespace

std::string_view name_of(ListenerKind kind) {
  switch (kind) {
    case ListenerKind::unix_socket: return "unix";
    case ListenerKind::starttls: return "starttls";
    case ListenerKind::direct_tls: return "tls";
    case ListenerKind::plain_loopback: return "plain";
    case ListenerKind::component: break;
  }
  return "component";
}

std::vector<Family> families(Hub& hub) {
  const Counters& counted = hub.counters;
  std::array<uint64_t, 5> sessions{};
  uint64_t logging_in = 0, queued = 0;
  for (const auto& core : hub.cores) {
    core->each([&](Link& link) {
      queued += link.queued();
      if (link.established()) {
        ++sessions[static_cast<size_t>(link.listener())];
      } else {
        ++logging_in;
      }
    });
  }
  const auto kind = [&](Kind of) { return counted.stanzas[static_cast<size_t>(of)]; };
  Samples refused, dropped;
  for (const auto& [condition, number] : counted.refused_with) refused.emplace_back(name_of(condition), number);
  for (const auto& [why, number] : counted.dropped_for) dropped.emplace_back(why, number);
  return {
      {"xbusd_sessions", "Sessions that have logged in, by listener.", Type::gauge, "kind", by_kind(sessions)},
      {"xbusd_logging_in", "Connections that have not logged in.", Type::gauge, {}, one(logging_in)},
      {"xbusd_accepted_total", "Connections taken, by listener.", Type::counter, "kind", by_kind(counted.accepted)},
      {"xbusd_turned_away_total", "Connections ended before they could say a word.", Type::counter, {},
       one(counted.turned_away)},
      {"xbusd_logins_total", "Logins of accounts, by how they ended.", Type::counter, "result",
       {{"ok", counted.logins}, {"failed", counted.logins_failed}}},
      {"xbusd_bans_total", "Addresses that may not log in for a while.", Type::counter, {}, one(counted.bans)},
      {"xbusd_stanzas_received_total", "Stanzas of sessions that have logged in, by kind.", Type::counter, "kind",
       {{"iq", kind(Kind::iq)}, {"message", kind(Kind::message)}, {"presence", kind(Kind::presence)}}},
      {"xbusd_stanzas_delivered_total", "Stanzas put into a queue.", Type::counter, {}, one(counted.delivered)},
      {"xbusd_stanzas_refused_total", "Stanzas answered with an error, by its condition.", Type::counter,
       "condition", std::move(refused)},
      {"xbusd_stanzas_dropped_total", "Stanzas neither delivered nor answered, by reason.", Type::counter, "reason",
       std::move(dropped)},
      {"xbusd_over_quota_total", "Stanzas for a receiver whose queue was full.", Type::counter, {},
       one(counted.over_quota)},
      {"xbusd_offline_stored_total", "Messages put into the offline store.", Type::counter, {}, one(counted.stored)},
      {"xbusd_monitors", "Sessions that are shown what passes.", Type::gauge, {}, one(hub.taps.count())},
      {"xbusd_monitored_total", "Stanzas that monitors were shown, each of them counted.", Type::counter, {},
       one(counted.tapped)},
      {"xbusd_monitor_missed_total", "Stanzas that a monitor was too slow for.", Type::counter, {},
       one(counted.tap_missed)},
      {"xbusd_store_failed_writes_total", "Writes to the store that failed: disk full, or broken.", Type::counter, {},
       one(hub.store.failed_writes())},
      {"xbusd_throttled_total", "Times that a connection was left unread, its account over its rate.",
       Type::counter, {}, one(counted.throttled)},
      {"xbusd_received_bytes_total", "Bytes read from connections, TLS taken off.", Type::counter, {},
       one(counted.bytes_in)},
      {"xbusd_sent_bytes_total", "Bytes written to connections, before TLS.", Type::counter, {},
       one(counted.bytes_out)},
      {"xbusd_events_published_total", "Items published to topics.", Type::counter, {}, one(counted.events_published)},
      {"xbusd_events_sent_total", "Events put into a subscriber's queue.", Type::counter, {}, one(counted.events_sent)},
      {"xbusd_events_missed_total", "Events for a subscriber whose queue was full.", Type::counter, {},
       one(counted.events_missed)},
      {"xbusd_queued_bytes", "Bytes that wait to be written.", Type::gauge, {}, one(queued)},
  };
}

}  // namespace xbus::server
