// Peers: what those we talk to can read, asked once by disco#info.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "bus/client/client.hpp"
#include "bus/task.hpp"
#include "rpc/jabber_rpc.hpp"

namespace xbus {

// Lives on the client's loop; what is known ends with the connection.
class Peers {
 public:
  explicit Peers(client::Client& client) : client_(client) {}

  struct Traits {
    jabber_rpc::Dialect dialect = jabber_rpc::Dialect::strict;
    bool pieces = false;
  };
  // Strict and without pieces when the peer does not say in time that it has the features urn:xbus:call:0 and
  // urn:xbus:pieces:0.
  Task<Traits> traits(xmpp::Jid peer, Time until);
  // Known from elsewhere. At most limits::peers_max are: beyond it all are forgotten, and asked again.
  void learn(const xmpp::Jid& peer, Traits traits);
  size_t known() const { return known_.size(); }
  void forget(const xmpp::Jid& peer) { known_.erase(peer); }
  void clear() { known_.clear(); }

 private:
  client::Client& client_;
  std::unordered_map<xmpp::Jid, Traits> known_;
};

}  // namespace xbus
