#include "bus/server/entity_host.hpp"

#include <utility>

#include "bus/limits.hpp"
#include "bus/server/hub.hpp"

namespace xbus::server {
namespace {

// What the entity is given before the loop looks at its sockets again.
constexpr size_t stanzas_per_turn = 16;
constexpr size_t bytes_per_turn = 64 * 1024;

}  // namespace

EntityHost::Inbox::Inbox(router::Routes& routes, router::Owner& owner)
    : hold(routes, owner), charge(owner.quota(), limits::queue_bytes_per_connection_max) {}

EntityHost::EntityHost(Hub& hub, std::string domain, xmpp::Entity& entity)
    : Endpoint(Kind::entity), hub_(hub), domain_(std::move(domain)), entity_(entity) {
  if (auto jid = xmpp::Jid::parse(domain_)) {
    own_ = router::Hold(hub.routes,
                        hub.routes.owner(*jid, hub.options.queue_bytes_per_account_max));
  }
}

Taken EntityHost::push(Parcel& parcel) {
  if (stanzas_ >= limits::entity_queue_stanzas_max) return Taken::full;
  router::Owner* payer = hub_.payer_of(parcel);
  if (payer == nullptr) payer = own_.owner();
  if (payer == nullptr) return Taken::full;
  std::string bytes;
  Taken written = parcel.write_to(bytes, xml::ns_client, hub_.options.stanza_bytes_max);
  if (written != Taken::yes) return written;
  auto inbox = inboxes_.try_emplace(payer, hub_.routes, *payer).first;
  if (!inbox->second.charge.add(bytes.size())) {
    if (inbox->second.charge.bytes() == 0) inboxes_.erase(inbox);
    return Taken::full;
  }
  if (inbox->second.waiting.empty()) turns_.push_back(payer);
  inbox->second.waiting.push_back(std::move(bytes));
  ++stanzas_;
  schedule();
  return Taken::yes;
}

void EntityHost::schedule() {
  if (std::exchange(scheduled_, true)) return;
  loop().post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) run();
  });
}

void EntityHost::forget() {
  turns_.clear();
  inboxes_.clear();
  own_ = router::Hold();
}

std::vector<EntityHost::Batched> EntityHost::take_some() {
  std::vector<Batched> some;
  for (size_t bytes = 0; !turns_.empty() && some.size() < stanzas_per_turn && bytes < bytes_per_turn;) {
    router::Owner* payer = turns_.front();
    turns_.pop_front();
    auto& waiting = inboxes_.find(payer)->second.waiting;
    bytes += waiting.front().size();
    some.push_back({std::move(waiting.front()), payer});
    waiting.pop_front();
    if (!waiting.empty()) turns_.push_back(payer);
  }
  return some;
}

void EntityHost::run() {
  std::vector<Batched> batch;
  {
    Hub::Enter enter(hub_, hub_.cores.front().get());
    batch = take_some();
  }
  std::weak_ptr<bool> alive = alive_;
  for (const Batched& stanza : batch) {
    if (auto tree = xml::parse(stanza.bytes, xml::ns_client, written_limits()))
      entity_.on_stanza(*tree);
    if (alive.expired()) return;  // it detached itself
  }
  Hub::Enter enter(hub_, hub_.cores.front().get());
  release(batch);
  scheduled_ = false;
  if (!turns_.empty()) schedule();
}

void EntityHost::release(const std::vector<Batched>& done) {
  stanzas_ -= done.size();
  for (const Batched& stanza : done) {
    auto inbox = inboxes_.find(stanza.payer);
    if (inbox == inboxes_.end()) continue;
    inbox->second.charge.release(stanza.bytes.size());
    if (inbox->second.charge.bytes() == 0) inboxes_.erase(inbox);
  }
}

void EntityHost::send(const xml::Element& stanza) {
  Hub::Enter enter(hub_, hub_.cores.front().get());
  auto from = xmpp::Jid::parse(stanza.attr_or("from", {}));
  if (!from || from->domain() != domain_) {
    hub_.log("error", "entity_sent_wrong_from",
             {{"domain", domain_}, {"from", std::string(stanza.attr_or("from", {}))}});
    return;
  }
  hub_.send(stanza, *from);
}

net::Loop& EntityHost::loop() { return hub_.main_loop(); }

}  // namespace xbus::server
