#include "bus/server/multicast.hpp"

#include <utility>

#include "bus/limits.hpp"
#include "bus/router/splice.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/link.hpp"

namespace xbus::server {
namespace {

constexpr std::string_view opening = "<message";

}  // namespace

Multicast::Multicast(xml::Element message, xmpp::Jid from)
    : message_(std::move(message)), from_(std::move(from)) {
  message_.unset("to");
  message_.set("from", from_.str());
  std::string text = xml::write(message_, xml::ns_client);
  // It holds what a publisher wrote.
  fits_ = text.starts_with(opening) &&
          router::relayable(text, xml::ns_client, limits::queue_bytes_per_connection_max);
  text.erase(0, opening.size());
  rest_ = std::make_shared<const std::string>(std::move(text));
}

size_t Multicast::send(Hub& hub, const std::vector<std::string_view>& to, size_t begin, size_t end,
                       std::vector<size_t>& full) {
  size_t sent = 0;
  if (!fits_) return sent;
  for (size_t i = begin; i < end; ++i) {
    bool no_room = false;
    sent += send_one(hub, to[i], no_room);
    if (no_room) full.push_back(i);
  }
  return sent;
}

size_t Multicast::send_one(Hub& hub, std::string_view to, bool& full) {
  auto push = [&](router::Slot& slot) -> size_t {
    if (head_.empty()) {
      head_ = std::string(opening) + " to='";
      xml::escape_attribute(head_, to);
      head_ += '\'';
    }
    if (static_cast<Link&>(slot.endpoint()).push(head_, rest_)) {
      ++hub.counters.delivered;
      return 1;
    }
    ++hub.counters.over_quota;
    full = true;
    return 0;
  };
  // Each copy is a stanza of its own to a monitor.
  auto see = [&] {
    xml::Element copy = message_;
    copy.set("to", to);
    Parcel parcel(copy, from_);
    hub.taps.see(parcel);
  };
  head_.clear();
  if (router::Slot* slot = hub.routes.find(to)) {
    if (hub.taps.any()) [[unlikely]]
      see();
    return push(*slot);
  }
  auto jid = xmpp::Jid::parse(to);
  if (!jid) return 0;
  if (jid->domain() == hub.options.domain) {
    if (jid->is_full()) return 0;
    const router::Owner* owner = hub.routes.find_owner(to);
    if (owner == nullptr) return 0;
    if (hub.taps.any()) [[unlikely]]
      see();
    size_t sent = 0;
    for (router::Slot* slot : owner->slots()) {
      if (slot->available() && slot->priority() >= 0) sent += push(*slot);
    }
    return sent;
  }
  // A component or another entity: it has a queue of its own, and an error comes back by itself.
  xml::Element copy = message_;
  hub.send(copy.set("to", to), from_);
  return 1;
}

}  // namespace xbus::server
