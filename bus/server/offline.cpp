#include "bus/server/offline.hpp"

#include <utility>

#include "bus/limits.hpp"
#include "bus/router/splice.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/session.hpp"
#include "bus/xmpp/delay.hpp"

namespace xbus::server {

using xmpp::Condition;
using xmpp::StanzaError;

store::Store::OfflineUse& OfflineUse::of(std::string_view local) {
  auto [place, added] = uses_.try_emplace(std::string(local));
  if (added) place->second = store_.offline_use(local);
  return place->second;
}

bool OfflineUse::add(std::string_view local, size_t bytes) {
  auto& use = of(local);
  if (use.messages + 1 > limits::offline_messages_max ||
      use.bytes + bytes > limits::offline_bytes_max)
    return false;
  ++use.messages;
  use.bytes += bytes;
  return true;
}

void OfflineUse::remove(std::string_view local, size_t messages, size_t bytes) {
  auto& use = of(local);
  use.messages -= std::min(use.messages, messages);
  use.bytes -= std::min(use.bytes, bytes);
}

void store_offline(Hub& hub, Parcel& parcel) {
  std::string local(parcel.to().local());
  // As a tree writes it: so it goes out again, with its delay stamp.
  std::string bytes = xml::write(parcel.element(), xml::ns_client);
  size_t size = bytes.size();
  if (!router::relayable(bytes, xml::ns_client, hub.options.stanza_bytes_max))
    return hub.refuse(parcel, {Condition::policy_violation, "too large to be kept"});
  if (!hub.offline_use.add(local, size)) {
    return hub.refuse(parcel,
                      {Condition::service_unavailable, "too many messages wait for this account"});
  }
  ++hub.counters.stored;
  hub.store.add_offline(local, hub.wall(), bytes, hub.on_main([local, bytes](Hub& later, bool ok) {
    if (ok) return;
    later.log_unwritten("offline_store_failed", {"account", local});
    later.offline_use.remove(local, 1, bytes.size());
    if (auto message = xml::parse(bytes, xml::ns_client, written_limits())) {
      if (auto error = xmpp::error_for(*message, StanzaError(Condition::internal_server_error)))
        later.send(*error);
    }
  }));
}

namespace {

void hand_over(Hub& hub, Session& session, const std::vector<store::OfflineMessage>& messages) {
  std::string local(session.bare().local());
  int64_t through = 0;
  size_t taken = 0, bytes = 0;
  for (const store::OfflineMessage& message : messages) {
    if (auto stanza = xml::parse(message.stanza, xml::ns_client, written_limits())) {
      // A message that came back from a session keeps the stamp of its first arrival (XEP-0198
      // section 4).
      if (!xmpp::delay_of(*stanza, hub.domain)) {
        stanza->add(xmpp::to_element(xmpp::Delay{message.stamp, hub.domain, {}}));
      }
      if (!session.push(xml::write(*stanza, xml::ns_client))) break;
    }
    through = message.id;
    ++taken;
    bytes += message.stanza.size();
  }
  if (taken == 0) return;
  hub.store.remove_offline(local, through, {});
  hub.offline_use.remove(local, taken, bytes);
}

}  // namespace

void deliver_offline(Hub& hub, Session& session) {
  if (hub.offline_use.empty(session.bare().local())) return;
  auto messages = std::make_shared<std::vector<store::OfflineMessage>>();
  auto done = hub.on_main([weak = session.weak_from_this(), messages](Hub& later, bool) {
    auto link = weak.lock();
    if (!link) return;
    auto& taker = static_cast<Session&>(*link);
    // It may have gone, or stepped back, while the store was read: then the messages stay.
    if (taker.bound() && taker.slot().available() && taker.slot().priority() >= 0)
      hand_over(later, taker, *messages);
  });
  hub.store.read_offline(session.bare().local(),
                         [messages, done](std::vector<store::OfflineMessage> read) {
                           *messages = std::move(read);
                           done(true);
                         });
}

}  // namespace xbus::server
