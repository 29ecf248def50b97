#include "rpc/peers.hpp"

#include <algorithm>

#include "bus/xmpp/disco.hpp"
#include "rpc/metadata.hpp"

namespace xbus {

using jabber_rpc::Dialect;

void Peers::learn(const xmpp::Jid& peer, Dialect dialect) {
  // Bounded: what has been forgotten is asked again.
  if (known_.size() >= limits::peers_max) known_.clear();
  known_[peer] = dialect;
}

Task<Dialect> Peers::dialect(xmpp::Jid peer, Time until) {
  if (const auto found = known_.find(peer); found != known_.end()) co_return found->second;
  // A peer that is slow to say what it is still gets half of the time for the call itself.
  const Duration most = std::max<Duration>((until - client_.loop().now()) / 2, Duration::zero());
  auto asking = client_.request(peer, "get", xmpp::disco_info_query(), most);
  const client::Answer answer = co_await std::move(asking);
  Dialect dialect = Dialect::strict;
  if (answer.kind == client::Answer::Kind::result)
    if (const xml::Element* query = answer.stanza.first("query", xmpp::ns_disco_info))
      if (const auto info = xmpp::disco_info_from(*query); info && info->has_feature(ns_call))
        dialect = Dialect::extended;
  // An error may pass; that it is strict is only kept when it has said so.
  if (answer.kind == client::Answer::Kind::result) learn(peer, dialect);
  co_return dialect;
}

}  // namespace xbus
