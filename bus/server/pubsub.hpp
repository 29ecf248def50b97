// The pubsub service of the bus, at events.DOMAIN: joins the pure service to XEP-0060 on the wire, to the store and to
// the receivers of events.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/net/timer.hpp"
#include "bus/router/pubsub/service.hpp"
#include "bus/server/mailbox.hpp"
#include "bus/server/server.hpp"
#include "bus/store/store.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/entity.hpp"
#include "bus/xmpp/pubsub_archive.hpp"
#include "bus/xmpp/pubsub_answer.hpp"
#include "bus/xmpp/pubsub_request.hpp"

namespace xbus::server {

class Hub;

// The node of the ad-hoc command for owners.
inline constexpr std::string_view pubsub_get_pending =
    "http://jabber.org/protocol/pubsub#get-pending";

// Lives on the main loop and never holds the router's lock while it works. What is durable is told only when the store
// says that it is: a change is made in memory, asked of the store, and answered and told when it is there. Changes that
// wait for the disk and answers that wait for it are charged to the account that asked.
class Pubsub final : public xmpp::Entity, private router::pubsub::World {
 public:
  Pubsub(Hub& hub, xmpp::Jid domain, TopicOwners owners);
  ~Pubsub() override;

  void on_connected(xmpp::EntityPort& port) override;
  void on_disconnected() override;
  void on_stanza(const xml::Element& stanza) override;

 private:
  using Request = xmpp::PubsubRequest;
  using Node = router::pubsub::Node;
  using Subscription = router::pubsub::Subscription;
  using Refusal = xmpp::PubsubRefusal;
  // Who asked, and what an answer is made of.
  struct Asked {
    xml::Element head;  // the iq without what is inside
    xmpp::Jid from;
  };
  using AskedPtr = std::shared_ptr<const Asked>;
  // What the store has of a node's record.
  struct Standing {
    xmpp::NodeConfig config;
    router::pubsub::Affiliations affiliations;
  };
  // Whether the store has written all of something, true until it could not; known when what was asked of it later is.
  using Kept = std::shared_ptr<const bool>;
  using StandingPtr = std::shared_ptr<const Standing>;

  // ---- pubsub.cpp ----
  void on_iq(const xml::Element& stanza, const xmpp::Jid& from);
  void on_presence(const xml::Element& stanza, const xmpp::Jid& from);
  void on_message(const xml::Element& stanza, const xmpp::Jid& from);
  void answer(const Asked& asked, std::optional<xml::Element> payload = {});
  void refuse(const Asked& asked, const xmpp::StanzaError& error);
  void refuse(const Asked& asked, const Refusal& refusal);
  void send(const xml::Element& stanza);
  Timestamp now() const;
  void load();
  // Runs `then` here when all that was asked of the store up to now is there, or could not be written.
  store::Store::Done when_kept(std::function<void(bool ok)> then);
  // Answers when what was asked last is kept, then does the rest.
  store::Store::Done answered(const AskedPtr& asked, std::optional<xml::Element> payload,
                              std::function<void()> then = {});
  static StandingPtr standing(const Node& node);
  // The node's record; `before`: what memory goes back to where this fails, null: the node has just been made.
  void keep(const Node& node, StandingPtr before, store::Store::Done done = {});
  void settle(int64_t node_key, const StandingPtr& written, bool ok);
  void keep(const Node& node, const Subscription& subscription, store::Store::Done done = {});
  void forget(int64_t node_key, const xmpp::Jid& jid, store::Store::Done done = {});
  // For the removal of items: puts them back in memory where it fails, then `done`.
  store::Store::Done or_put_back(int64_t node_key, std::vector<router::pubsub::Item> items,
                                 store::Store::Done done = {});
  void heed_expiry(const Node& node);
  // False: the account has too much waiting for the disk.
  bool charge(const xmpp::Jid& account, size_t bytes);
  void release(const xmpp::Jid& account, size_t bytes);
  void sweep();
  void sweep_later();

  // ---- pubsub_disco.cpp ----
  void answer_info(const Asked& asked, const xml::Element& query);
  void answer_items_list(const Asked& asked, const xml::Element& query);

  // ---- pubsub_requests.cpp ----
  void on_request(const AskedPtr& asked, Request request);
  void create(const AskedPtr& asked, const Request& request);
  void configure(const AskedPtr& asked, const Request& request);
  void remove(const AskedPtr& asked, const Request& request);
  void purge(const AskedPtr& asked, const Request& request);
  void subscriptions_of(const AskedPtr& asked, const Request& request);
  void affiliations_of(const AskedPtr& asked, const Request& request);
  void owner_lists(const AskedPtr& asked, const Request& request);
  void set_subscriptions(const AskedPtr& asked, const Request& request);
  void set_affiliations(const AskedPtr& asked, const Request& request);
  // Keeps what an owner has changed, answers, with what is `left` undone where something is, and
  // tells those concerned. `kept`: false where something asked of the store before could not be written.
  void keep_changed(const AskedPtr& asked, const Node& node, StandingPtr before,
                    std::vector<Subscription> told, std::optional<xml::Element> left, Kept kept);
  // Subscriptions that an owner's request has changed or ended, as they are and as they were: memory goes back where one
  // cannot be written.
  Kept keep_all(const Node& node, const std::vector<Subscription>& are, const std::vector<Subscription>& were);

  // ---- pubsub_subscribe.cpp ----
  void subscribe(const AskedPtr& asked, const Request& request);
  void unsubscribe(const AskedPtr& asked, const Request& request);
  void options(const AskedPtr& asked, const Request& request);
  void set_options(const AskedPtr& asked, const Request& request);
  // What an option says about the end of the subscription; false: it cannot be seen.
  bool arrange_end(const Node& node, const Subscription& subscription, const xmpp::Jid& who);
  void disarrange(const Node& node, const Subscription& subscription, const xmpp::Jid& who);
  void end(Node& node, const xmpp::Jid& jid);
  // For the write of a subscription that was `was`, if any, and is `is`, if any: memory goes back where it fails, then
  // `done`. `who` asked.
  store::Store::Done or_as_it_was(int64_t node_key, std::optional<Subscription> was,
                                  std::optional<Subscription> is, const xmpp::Jid& who,
                                  store::Store::Done done);
  void take_back(int64_t node_key, const std::optional<Subscription>& was,
                 const std::optional<Subscription>& is, const xmpp::Jid& who);
  void ask_owners(const Node& node, const xmpp::Jid& subscriber);
  void ask_owner(const Node& node, const xmpp::Jid& subscriber, const xmpp::Jid& owner);
  void tell_owners(const Node& node, const Subscription& subscription);
  void send_last(const Node& node, const xmpp::Jid& jid);

  // ---- pubsub_pending.cpp ----
  void on_command(const Asked& asked, const xml::Element& command);

  // ---- pubsub_items.cpp ----
  void publish(const AskedPtr& asked, Request request);
  void retract(const AskedPtr& asked, const Request& request);
  void items(const AskedPtr& asked, const Request& request);

  // What has had its time is not shown, though the sweep has not come yet.
  void expire_now(Node& node);

  // ---- pubsub_archive.cpp ----
  struct Delivery;
  using DeliveryPtr = std::shared_ptr<Delivery>;
  // What became of a stanza that may wait.
  enum class Room : uint8_t {
    yes,
    no,      // the queue is full
    nobody,  // the session has gone
  };
  void on_archive(const AskedPtr& asked, const xml::Element& payload, bool set);
  void archive(const AskedPtr& asked, const xmpp::ArchiveQuery& query);
  void deliver_or_wait(const DeliveryPtr& delivery);
  void deliver_waiting();
  bool deliver(Delivery& delivery);
  // A stanza and how it is written, so that trying again costs nothing.
  struct Written {
    xml::Element stanza;
    std::string text;
  };
  Written next_of(Delivery& delivery);
  // nullopt: no stream of ours takes it.
  std::optional<Written> result_of(const Delivery& delivery, xmpp::PubsubItem told, Timestamp published);
  Room send_if_room(const Written& written, const xmpp::Jid& to);

  // ---- pubsub_offline.cpp ----
  // False: nobody would say when the session goes.
  bool watch_publisher(const xmpp::Jid& who);
  void publisher_gone(const xmpp::Jid& who);
  void withdraw(Node& node, const xmpp::Jid& publisher);
  void tell_retracted(Node& node, const std::vector<std::string>& ids);

  // ---- pubsub_events.cpp ----
  xml::Element headline(xml::Element event);
  void tell(Node& node, xml::Element event);
  void tell_all(const Node& node, xml::Element event);  // the pending ones too
  void tell_one(const xmpp::Jid& jid, xml::Element event);
  void tell_change(const Node& node, const Subscription& subscription);
  void tell_missed(int64_t node_key);

  // ---- router::pubsub::World ----
  bool is_local(const xmpp::Jid& account) const override;
  bool is_admin(const xmpp::Jid& account) const override;
  bool owns(std::string_view name, const xmpp::Jid& account) const override;
  bool owned(std::string_view name) const override;
  bool claim(std::string_view name, const xmpp::Jid& account) override;
  bool sees_presence(const xmpp::Jid& owner, const xmpp::Jid& who) const override;
  bool in_groups(const xmpp::Jid& owner, const std::vector<std::string>& groups,
                 const xmpp::Jid& who) const override;

  Hub& hub_;
  store::Store& store_;
  xmpp::Jid domain_;
  TopicOwners owners_;
  router::pubsub::Service service_;
  std::shared_ptr<Mailbox> mailbox_;
  bool connected_ = false;
  net::Timer sweep_timer_;

  // Nodes whose record is being written: what the store has of them, null: nothing yet.
  struct Changing {
    StandingPtr kept;
    size_t writes = 0;  // under way
  };
  std::map<int64_t, Changing> changing_;
  size_t waiting_bytes_ = 0;  // for the disk
  std::map<std::string, size_t, std::less<>> waiting_of_;  // by bare JID
  // Subscriptions that end with the presence of a full JID.
  std::map<std::string, std::set<std::pair<int64_t, std::string>>, std::less<>> temporary_;
  std::set<std::pair<Timestamp, std::pair<int64_t, std::string>>> leases_;
  std::map<std::string, std::set<int64_t>, std::less<>> publishing_;  // full JIDs, to nodes with purge_offline
  std::vector<DeliveryPtr> deliveries_;  // that wait for room
  std::map<std::string, size_t, std::less<>> delivering_;  // how many pages to which bare JID, those being read too
  std::set<int64_t> expiring_;  // nodes whose items have a time
  // Events that found a queue full, by node and subscriber: told when there is room.
  struct Missed {
    uint64_t count = 0;
    std::string first;  // the item's id, where it had one
  };
  std::map<int64_t, std::map<std::string, Missed>> missed_;
  std::string id_prefix_;
  uint64_t last_id_ = 0;
};

}  // namespace xbus::server
