// A party with a domain of its own that is fed stanzas as trees: attached inside xbusd, or behind a component
// connection (XEP-0114) on another server. It cannot tell which.
#pragma once
#include "bus/net/loop.hpp"
#include "bus/xml/element.hpp"

namespace xbus::xmpp {

// What an Entity sends through. Stanzas are in the namespace jabber:client whatever the wire; `from` must be set and
// inside the entity's domain.
class EntityPort {
 public:
  virtual void send(const xml::Element& stanza) = 0;
  virtual net::Loop& loop() = 0;

 protected:
  ~EntityPort() = default;
};

class Entity {
 public:
  virtual ~Entity() = default;
  // The way out, valid until on_disconnected(). Called again after each reconnection of a component.
  virtual void on_connected(EntityPort& port) = 0;
  virtual void on_disconnected() = 0;
  // A stanza for this entity's domain, `from` and `to` set and `from` proven by the server.
  virtual void on_stanza(const xml::Element& stanza) = 0;
};

}  // namespace xbus::xmpp
