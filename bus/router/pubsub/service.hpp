// The pubsub service: every operation of XEP-0060 on leaf nodes, with no XML, no I/O and no clock. It says what has
// changed and who is told; the server keeps and tells it.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bus/clock.hpp"
#include "bus/result.hpp"
#include "bus/router/pubsub/access.hpp"
#include "bus/router/pubsub/node.hpp"
#include "bus/xmpp/forms.hpp"

namespace xbus::router::pubsub {

template <class T>
using Outcome = Result<T, xmpp::PubsubRefusal>;

// One item of a publication, its payload counted and not looked into.
struct Draft {
  std::string id;        // empty: the service makes one
  size_t payloads = 0;   // elements inside
  std::string type;      // the namespace of the first
  size_t bytes = 0;      // of the payload as it is stored
};

struct Published {
  Node* node = nullptr;
  bool created = false;      // the node, by the way
  std::vector<Item> added;   // in the order of the drafts; of a node that keeps none, seq is 0
  std::vector<Item> gone;    // overwritten, or the oldest of a node that was full
  std::vector<std::string> retracted;  // ids of those that subscribers are told of
};

struct Retracted {
  Node* node = nullptr;
  std::vector<Item> gone;
};

struct Subscribed {
  Node* node = nullptr;
  Subscription subscription;
  bool changed = false;  // false: it was there, as it is
};

struct Unsubscribed {
  Node* node = nullptr;
  Subscription subscription;  // what it was
};

struct Configured {
  Node* node = nullptr;
  xmpp::NodeConfig before;
  std::vector<Item> gone;           // beyond a smaller max_items
  std::vector<Subscription> ended;  // of those whom another access model leaves out
  std::vector<Subscription> were;   // the same, in their order, as they were
};

// The list as asked for, with the old value where a change was refused (PS-40).
struct ListChange {
  Node* node = nullptr;
  std::vector<Subscription> subscriptions;  // that have changed, as they are now
  std::vector<Subscription> were;           // the same, in their order, as they were
  std::vector<std::pair<xmpp::Jid, Affiliation>> affiliations;
  // What could not be done, with the value that stays.
  std::vector<Subscription> refused_subscriptions;
  std::vector<std::pair<xmpp::Jid, Affiliation>> refused_affiliations;
};

class Service {
 public:
  // Makes ids that nobody guesses: of instant nodes and of items.
  using Ids = std::function<std::string()>;
  Service(World& world, Ids ids);

  // ---- What there is ----
  const std::map<std::string, std::unique_ptr<Node>, std::less<>>& nodes() const { return nodes_; }
  Node* find(std::string_view name);
  Node* find(int64_t key);
  // item-not-found, or gone with where to.
  Outcome<Node*> node(std::string_view name);
  const World& world() const { return world_; }
  size_t items() const { return items_; }
  uint64_t items_bytes() const { return items_bytes_; }
  size_t subscriptions() const { return subscriptions_; }
  // The nodes where some address of the account is subscribed.
  std::vector<Node*> subscribed_to(const xmpp::Jid& account);

  // ---- Nodes ----
  // `name` empty: an instant node.
  Outcome<Node*> create(const xmpp::Jid& who, std::string name, const xmpp::NodeConfig& config,
                        Timestamp now);
  // The node, where `who` may configure it.
  Outcome<Node*> owned(const xmpp::Jid& who, std::string_view name);
  Outcome<Configured> configure(const xmpp::Jid& who, std::string_view name,
                                const xmpp::Form& submitted);
  // What is returned is not the service's any more. `redirect` empty: none.
  Outcome<std::unique_ptr<Node>> remove(const xmpp::Jid& who, std::string_view name,
                                        std::string redirect);
  // All its items.
  Outcome<std::pair<Node*, std::vector<Item>>> purge(const xmpp::Jid& who, std::string_view name);

  // ---- Subscriptions ----
  Outcome<Subscribed> subscribe(const xmpp::Jid& who, std::string_view name, const xmpp::Jid& jid,
                                const std::optional<xmpp::Form>& options, Timestamp now);
  Outcome<Unsubscribed> unsubscribe(const xmpp::Jid& who, std::string_view name,
                                    const xmpp::Jid& jid);
  Outcome<Subscribed> options(const xmpp::Jid& who, std::string_view name, const xmpp::Jid& jid);
  Outcome<Subscribed> set_options(const xmpp::Jid& who, std::string_view name,
                                  const xmpp::Jid& jid, const xmpp::Form& submitted, Timestamp now);
  // An owner's word on a pending subscription.
  Outcome<Subscribed> decide(const xmpp::Jid& who, std::string_view name, const xmpp::Jid& jid,
                             bool allow);
  Outcome<ListChange> set_subscriptions(
      const xmpp::Jid& who, std::string_view name,
      const std::vector<std::pair<xmpp::Jid, SubscriptionState>>& wanted);
  Outcome<ListChange> set_affiliations(
      const xmpp::Jid& who, std::string_view name,
      const std::vector<std::pair<xmpp::Jid, Affiliation>>& wanted);
  // Ends what nobody asked about: temporary ones of a JID that has gone, leases, bounces.
  std::optional<Subscription> drop(Node& node, const xmpp::Jid& jid);

  // ---- Items ----
  Outcome<Published> publish(const xmpp::Jid& who, std::string_view name,
                             const std::vector<Draft>& drafts,
                             std::optional<xmpp::Form> options, Timestamp now);
  Outcome<Retracted> retract(const xmpp::Jid& who, std::string_view name,
                             const std::vector<std::string>& ids);
  Outcome<std::pair<Node*, ItemPage>> retrieve(const xmpp::Jid& who, std::string_view name,
                                               const ItemQuery& query);
  // The node, where `who` may retrieve its items.
  Outcome<Node*> readable(const xmpp::Jid& who, std::string_view name);
  // All that the account has published there.
  std::vector<Item> withdraw(Node& node, const xmpp::Jid& publisher);
  // The items of the node that have had their time.
  std::vector<Item> expire(Node& node, Timestamp now);

  // ---- Undoing what could not be kept, and reading back what was ----
  void undo(int64_t node_key, const std::vector<Item>& added, std::vector<Item> gone);
  void undo_create(Node& node);
  // Of a node that remove() gave; null: there is another of that name.
  Node* undo_remove(Node&& node);
  Node& restore(std::unique_ptr<Node> node);
  void restore(Node& node, Item item);
  void restore(Node& node, Subscription subscription);
  void restore_redirect(std::string name, std::string uri);
  const std::map<std::string, std::string, std::less<>>& redirects() const { return redirects_; }

 private:
  xmpp::PubsubRefusal missing(std::string_view name) const;
  std::optional<xmpp::PubsubRefusal> may_create(const xmpp::Jid& who, std::string_view name);
  std::optional<xmpp::PubsubRefusal> check(const Node& node, const std::vector<Draft>& drafts) const;
  bool may_keep(const Node& node, size_t more, uint64_t bytes) const;
  void counted(const Node& node, size_t items, uint64_t bytes);
  void discounted(const Node& node, size_t items, uint64_t bytes);
  void add_item(Node& node, Item item, std::vector<Item>& gone);
  void drop_barred(Configured& outcome);
  // Into `ended` as they are now, and into `were`.
  void drop_all(Node& node, const std::vector<xmpp::Jid>& jids, std::vector<Subscription>& ended,
                std::vector<Subscription>& were);
  void take_out(Node& node, int64_t seq, std::vector<Item>& gone);
  Subscription& put(Node& node, Subscription subscription);
  void forget_all(Node& node);
  std::unique_ptr<Node> detach(Node& there);
  std::vector<Item> trim(Node& node);
  Outcome<std::pair<Node*, Subscription*>> subscription_of(const xmpp::Jid& who,
                                                           std::string_view name,
                                                           const xmpp::Jid& jid);

  World& world_;
  Ids ids_;
  std::map<std::string, std::unique_ptr<Node>, std::less<>> nodes_;
  std::unordered_map<int64_t, Node*> by_key_;
  std::map<std::string, std::string, std::less<>> redirects_;  // of deleted nodes
  std::unordered_map<std::string, size_t> created_by_;         // nodes of each account
  // Of each account, how many subscriptions on which node.
  std::unordered_map<std::string, std::map<int64_t, size_t>> subscribed_;
  std::unordered_map<std::string, size_t> subscriptions_of_;
  int64_t last_key_ = 0, last_seq_ = 0;
  size_t items_ = 0, subscriptions_ = 0;
  uint64_t items_bytes_ = 0;
  struct Kept {
    size_t items = 0;
    uint64_t bytes = 0;
  };
  std::unordered_map<std::string, Kept> kept_by_;  // in the nodes that each account has made
};

}  // namespace xbus::router::pubsub
