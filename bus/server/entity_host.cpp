#include "bus/server/entity_host.hpp"

#include <utility>

#include "bus/limits.hpp"
#include "bus/server/hub.hpp"

namespace xbus::server {

EntityHost::EntityHost(Hub& hub, std::string domain, xmpp::Entity& entity)
    : Endpoint(Kind::entity), hub_(hub), domain_(std::move(domain)), entity_(entity) {}

bool EntityHost::push(const Parcel& parcel) {
  if (waiting_.size() >= limits::entity_queue_stanzas_max) return false;
  waiting_.push_back(parcel.element());
  if (scheduled_) return true;
  scheduled_ = true;
  loop().post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) run();
  });
  return true;
}

void EntityHost::run() {
  std::vector<xml::Element> batch;
  {
    Hub::Enter enter(hub_, hub_.cores.front().get());
    scheduled_ = false;
    batch.swap(waiting_);
  }
  std::weak_ptr<bool> alive = alive_;
  for (const xml::Element& stanza : batch) {
    entity_.on_stanza(stanza);
    if (alive.expired()) return;  // it detached itself
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
