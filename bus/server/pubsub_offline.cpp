// Items that last as long as their publisher is there: pubsub#purge_offline (XEP-0060 section 17.4).
#include <utility>

#include "bus/limits_topics.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/presence.hpp"
#include "bus/server/pubsub.hpp"

namespace xbus::server {

using router::pubsub::Item;

bool Pubsub::watch_publisher(const xmpp::Jid& who) {
  if (!is_local(who)) return true;  // an entity says itself when it goes
  Hub::Enter enter(hub_, hub_.cores.front().get());
  return tell_when_gone(hub_, who, domain_);
}

void Pubsub::publisher_gone(const xmpp::Jid& who) {
  auto found = publishing_.find(who.str());
  if (found == publishing_.end()) return;
  std::set<int64_t> nodes = std::move(found->second);
  publishing_.erase(found);
  const std::string others = std::string(who.bare_str()) + '/';
  for (auto at = publishing_.lower_bound(others); at != publishing_.end() && at->first.starts_with(others); ++at) {
    for (int64_t key : at->second) nodes.erase(key);
  }
  for (int64_t key : nodes) {
    Node* node = service_.find(key);
    if (node != nullptr && node->config.purge_offline) withdraw(*node, who);
  }
}

void Pubsub::withdraw(Node& node, const xmpp::Jid& publisher) {
  std::vector<Item> gone = service_.withdraw(node, publisher);
  if (gone.empty()) return;
  std::vector<int64_t> seqs;
  std::vector<std::string> ids;
  for (const Item& item : gone) {
    seqs.push_back(item.seq);
    ids.push_back(item.id);
  }
  auto told = when_kept([this, key = node.key, ids = std::move(ids)](bool ok) {
    Node* there = service_.find(key);
    if (ok && there != nullptr && there->config.notify_retract) tell_retracted(*there, ids);
  });
  store_.change_items({}, std::move(seqs), or_put_back(node.key, std::move(gone), std::move(told)));
}

// In events of which each is a stanza that any server passes on.
void Pubsub::tell_retracted(Node& node, const std::vector<std::string>& ids) {
  std::vector<std::string> some;
  size_t bytes = 0;
  for (const std::string& id : ids) {
    if (!some.empty() && bytes + id.size() > limits::topic_answer_bytes_max / 2) {
      tell(node, xmpp::event_items(node.name, {}, std::exchange(some, {})));
      bytes = 0;
    }
    bytes += id.size() + 64;
    some.push_back(id);
  }
  tell(node, xmpp::event_items(node.name, {}, some));
}

}  // namespace xbus::server
