// Registration: keeps one service listed at the registry: directed presence, again until it is answered, again after
// each loss of the connection.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "bus/net/timer.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"
#include "rpc/fault.hpp"
#include "rpc/registry/protocol.hpp"

namespace xbus {

// Lives on one loop.
class Registration {
 public:
  struct Host {
    std::function<void(const xml::Element&)> send;
    // The presence as it stands, without `to` (face.hpp).
    std::function<xml::Element(registry::InstanceState)> presence;
    // Listed for the first time since start() or refused: nothing, or why not. Again after each change of that.
    std::function<void(const std::optional<Fault>&)> changed;
  };

  // `address` is NAME@services.DOMAIN.
  Registration(net::Loop& loop, xmpp::Jid address, Host host);

  // The connection stands: registers. Also after each reconnection.
  void online();
  void offline();
  // False for a presence that is not the registry's answer.
  bool on_presence(const xml::Element& presence);
  // Says the new state; away and dnd are told to all who watch.
  void set_state(registry::InstanceState state);
  // Sends the presence as it is now: something else in it has changed.
  void say_again();
  // Takes the instance off the list.
  void leave();

  bool listed() const { return listed_; }
  registry::InstanceState state() const { return state_; }

 private:
  void send();
  void wait_and_send_again();

  xmpp::Jid address_;
  Host host_;
  net::Timer timer_;
  Duration wait_;
  registry::InstanceState state_ = registry::InstanceState::available;
  bool online_ = false;
  bool listed_ = false;
  bool left_ = false;
};

}  // namespace xbus
