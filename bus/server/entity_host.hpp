// The place of an Entity inside the server: its domain in the routes, and the stanzas that wait for
// it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "bus/router/routes.hpp"
#include "bus/server/parcel.hpp"
#include "bus/xmpp/entity.hpp"

namespace xbus::server {

class Hub;

// The entity is called on the main loop and never under the router's lock, so that it may send from
// anywhere.
class EntityHost final : public router::Endpoint, public xmpp::EntityPort {
 public:
  EntityHost(Hub& hub, std::string domain, xmpp::Entity& entity);
  virtual ~EntityHost() = default;

  xmpp::Entity& entity() { return entity_; }
  // Under the lock; false when too many wait.
  bool push(const Parcel& parcel);

  // ---- xmpp::EntityPort ----
  void send(const xml::Element& stanza) override;
  net::Loop& loop() override;

 private:
  void run();

  Hub& hub_;
  std::string domain_;
  xmpp::Entity& entity_;
  std::vector<xml::Element> waiting_;
  bool scheduled_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace xbus::server
