// Peers: which dialect of Jabber-RPC those we call read, asked once by disco#info.
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

  // Strict when the peer does not say in time that it has the feature urn:xbus:call:0.
  Task<jabber_rpc::Dialect> dialect(xmpp::Jid peer, Time until);
  // Known from elsewhere, or no more.
  void learn(const xmpp::Jid& peer, jabber_rpc::Dialect dialect);
  void forget(const xmpp::Jid& peer) { known_.erase(peer); }
  void clear() { known_.clear(); }

 private:
  client::Client& client_;
  std::unordered_map<xmpp::Jid, jabber_rpc::Dialect> known_;
};

}  // namespace xbus
