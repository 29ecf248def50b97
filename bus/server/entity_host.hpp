// The place of an Entity inside the server: its domain in the routes, and the stanzas that wait for
// it.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bus/router/quota.hpp"
#include "bus/router/routes.hpp"
#include "bus/server/parcel.hpp"
#include "bus/xmpp/entity.hpp"

namespace xbus::server {

class Hub;

// The entity is called on the main loop and never under the router's lock, so that it may send from
// anywhere.
//
// What waits is kept as bytes, since a tree of many small elements takes fifty times their size, and
// is charged to the account that sent it, as if it waited in one more connection of that account:
// who floods an entity fills its own quota and nobody else's. The accounts take turns, and the loop's
// sessions theirs between them, so who floods also waits for itself alone.
class EntityHost final : public router::Endpoint, public xmpp::EntityPort {
 public:
  EntityHost(Hub& hub, std::string domain, xmpp::Entity& entity);
  virtual ~EntityHost() = default;

  xmpp::Entity& entity() { return entity_; }
  // Under the lock; full when the sender may not have that much waiting, or too many wait.
  Taken push(Parcel& parcel);
  // Under the lock: nothing waits any more, nobody is charged.
  void forget();

  // ---- xmpp::EntityPort ----
  void send(const xml::Element& stanza) override;
  net::Loop& loop() override;

 private:
  // What one account has waiting here.
  struct Inbox {
    Inbox(router::Routes& routes, router::Owner& owner);
    router::Hold hold;  // before the charge: the quota goes last
    router::Charge charge;
    std::deque<std::string> waiting;
  };
  struct Batched {
    std::string bytes;
    router::Owner* payer;
  };

  void run();
  void schedule();
  std::vector<Batched> take_some();
  void release(const std::vector<Batched>& done);

  Hub& hub_;
  std::string domain_;
  xmpp::Entity& entity_;
  router::Hold own_;  // pays for what the server itself says
  std::unordered_map<router::Owner*, Inbox> inboxes_;
  std::deque<router::Owner*> turns_;  // each that has something waiting, once
  size_t stanzas_ = 0;  // waiting and being worked on
  bool scheduled_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace xbus::server
