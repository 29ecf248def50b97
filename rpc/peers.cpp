#include "rpc/peers.hpp"

#include <algorithm>

#include "bus/xmpp/disco.hpp"
#include "rpc/metadata.hpp"
#include "rpc/pieces.hpp"

namespace xbus {

using jabber_rpc::Dialect;

void Peers::learn(const xmpp::Jid& peer, Traits traits) {
  if (known_.size() >= limits::peers_max && !known_.contains(peer)) known_.clear();
  known_[peer] = traits;
}

Task<Peers::Traits> Peers::traits(xmpp::Jid peer, Time until) {
  if (const auto found = known_.find(peer); found != known_.end()) co_return found->second;
  // A peer that is slow to say what it is still gets half of the time for the call itself.
  const Duration most = std::max<Duration>((until - client_.loop().now()) / 2, Duration::zero());
  auto asking = client_.request(peer, "get", xmpp::disco_info_query(), most);
  const client::Answer answer = co_await std::move(asking);
  Traits traits;
  if (answer.kind == client::Answer::Kind::result)
    if (const xml::Element* query = answer.stanza.first("query", xmpp::ns_disco_info))
      if (const auto info = xmpp::disco_info_from(*query)) {
        if (info->has_feature(ns_call)) traits.dialect = Dialect::extended;
        traits.pieces = info->has_feature(pieces::ns);
      }
  // An error may pass; that it is strict is only kept when it has said so.
  if (answer.kind == client::Answer::Kind::result) learn(peer, traits);
  co_return traits;
}

}  // namespace xbus
