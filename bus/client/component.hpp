// A component (XEP-0114) on another server that hosts an Entity, as xbusd hosts it inside.
#pragma once
#include "bus/client/client.hpp"
#include "bus/task.hpp"
#include "bus/xmpp/entity.hpp"

namespace xbus::client {

// Reconnects by itself. The entity hears every stanza for its domain in jabber:client and answers for itself.
class Component final : private xmpp::EntityPort {
 public:
  // `options` name the server's component port (tcp://HOST:PORT on loopback, or xmpps:// for direct TLS), the
  // component's domain and its secret. The entity must outlive the component.
  Component(net::Loop& loop, Options options, xmpp::Entity& entity);
  // Over transports that `make_transport` gives.
  Component(net::Loop& loop, Options options, xmpp::Entity& entity,
            std::function<std::unique_ptr<net::Transport>()> make_transport);
  ~Component();

  // As Client's.
  Task<Result<xmpp::Jid, xmpp::LoginError>> connect() { return client_.connect(); }
  Task<void> close() { return client_.close(); }
  Client& client() { return client_; }

 private:
  void send(const xml::Element& stanza) override;
  net::Loop& loop() override { return client_.loop(); }
  void on_state(State state);

  xmpp::Entity& entity_;
  bool connected_ = false;  // as the entity knows
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Client client_;
};

}  // namespace xbus::client
