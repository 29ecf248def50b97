// The registry: lists live services, tells callers who watch, and passes calls on for those who know nothing of xbus.
// One class with two hosts: inside xbusd, and the component xbus-registry beside another server.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "bus/clock.hpp"
#include "bus/net/timer.hpp"
#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/entity.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/registry/caller_policy.hpp"
#include "rpc/registry/conversations.hpp"
#include "rpc/registry/dispatches.hpp"
#include "rpc/registry/instances.hpp"
#include "rpc/registry/liveness.hpp"
#include "rpc/registry/names.hpp"
#include "rpc/registry/protocol.hpp"
#include "rpc/registry/undescribed.hpp"
#include "rpc/registry/watches.hpp"

namespace xbus::store {
class Store;
}

namespace xbus::registry {

struct RegistryOptions {
  std::string domain = "services.localhost";  // its own address
  NamePolicy names;                           // with the domain of the bus
  std::function<bool(const xmpp::Jid&)> is_admin;
  CallerPolicy callers;  // the service's own rules come on top
  // One line for the log, at level debug: calls passed on. May be empty.
  std::function<void(std::string_view event, const std::vector<std::pair<std::string_view, std::string>>& fields)> log;
  uint32_t seed = 1;  // of the choice between instances
};

// Lives on one loop, the port's. Keeps names, live instances and watches in the store: after a restart it asks those
// it knew and lists the ones that answer.
class Registry final : public xmpp::Entity {
 public:
  Registry(RegistryOptions options, store::Store& store);
  ~Registry() override;

  void on_connected(xmpp::EntityPort& port) override;
  void on_disconnected() override;
  void on_stanza(const xml::Element& stanza) override;

  // Who may own which names and who may call, from now on (SIGHUP). Instances of accounts that may not any more are
  // told so.
  void set_policy(NamePolicy names, CallerPolicy callers);

  // Of topics `NAME/...`, which belong to the owners of NAME. On the registry's loop.
  bool owns_name(std::string_view name, const xmpp::Jid& account) const;
  bool has_owner(std::string_view name) const;
  // As owns_name; takes the name where policy lets the first one have it, until the store says that it cannot be kept.
  bool claim_name(std::string_view name, const xmpp::Jid& account);

  // What is live now, for the log and for tests.
  std::vector<ServiceInfo> services() const;
  // How much there is of what: for metrics.
  struct Numbers {
    uint64_t services = 0, watches = 0, names = 0;
    uint64_t dispatched = 0, dispatching = 0;  // calls passed on since the start, and under way
    uint64_t conversations = 0;
    uint64_t failed_writes = 0;  // of its store
    std::map<InstanceState, uint64_t> instances;
  };
  Numbers numbers() const;

 private:
  // registry_presence.cpp
  void on_presence(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to);
  void register_instance(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to);
  void drop_instance(const std::string& key, const xmpp::Jid& jid);
  void drop_party(const xmpp::Jid& jid);
  void drop_watch(const xmpp::Jid& watcher);
  void untrack(const xmpp::Jid& jid);
  void push(const std::string& key, const InstanceInfo& instance, xmpp::PresenceType type);
  void refuse(const xml::Element& stanza, Refusal refusal, std::string text);
  void list_instance(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to);
  // registry_names.cpp
  void on_give(const xml::Element& stanza, const xmpp::Jid& from);
  void on_release(const xml::Element& stanza, const xmpp::Jid& from);
  void change_name(const std::string& key, std::optional<NameInfo> name, std::function<void(bool kept)> then);
  void take_name(const xml::Element& stanza, const std::string& key, const xmpp::Jid& owner,
                 std::function<void()> then);
  void hold(const std::string& key, const xml::Element& stanza);
  void drop_disowned(const std::string& key);
  // registry_iq.cpp
  void on_iq(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to);
  void on_domain_iq(const xml::Element& stanza, const xmpp::Jid& from);
  void on_service_iq(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to);
  void on_watch(const xml::Element& stanza, const xmpp::Jid& from);
  void on_services(const xml::Element& stanza, const xmpp::Jid& from);
  void on_names(const xml::Element& stanza, const xmpp::Jid& from);
  void on_items(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to);
  void on_info(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to);
  void on_answer(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to);
  // registry_dispatch.cpp
  void dispatch(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to, Time since);
  struct Wanted {
    const std::string& key;
    std::string method;
    const xmpp::Jid& caller;
    bool with_metadata = false;  // only instances that have our feature
  };
  struct Unchosen {
    xmpp::StanzaError why;
    bool undescribed = false;  // there is one that has yet to say what it is
  };
  Result<Instance*, Unchosen> choose(const Wanted& wanted);
  bool wait_for_description(const std::string& key, const xml::Element& stanza, Time since,
                            const std::string& call_id = {});
  void take_up(const std::string& key);
  void fail(const Dispatched& call, const xmpp::StanzaError& error);
  void fail_lost(const Dispatched& call);
  void settle(const Dispatched& call);
  void arm_deadline();
  // registry_message.cpp
  void on_message(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to, Time since);
  void pass_notify(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to, Time since);
  void pass_cancel(const Dispatched& call);
  // One that waits for a description; false: there is none.
  bool cancel_waiting(const xmpp::Jid& caller, const std::string& key, const std::string& call_id);
  void cancel_all_of(const xmpp::Jid& caller);
  // registry_chat.cpp
  void pass_chat(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to, Time since);
  // registry_life.cpp
  void tick();
  void ask(const xmpp::Jid& jid);
  void ask_about(const xmpp::Jid& jid);
  void give_up(const xmpp::Jid& jid);
  void on_own_answer(const xml::Element& stanza, const xmpp::Jid& from);
  void learn(const xmpp::DiscoInfo& info, const xmpp::Jid& from);
  void await_description(Instance& instance);
  void await_no_longer(const xmpp::Jid& jid);
  void confirm(const xmpp::Jid& jid);
  void restore();

  bool visible(const xmpp::Jid& caller, const std::string& key) const;
  // Whose limits it counts against: an account of the bus, or a whole foreign domain, which makes accounts as it likes.
  std::string payer(const xmpp::Jid& jid) const;
  std::string key_of(const xmpp::Jid& service) const { return name_of_address(service); }
  std::optional<std::string> key_of_name(std::string_view name) const;
  void answer(const xml::Element& request, std::optional<xml::Element> payload = {});
  void answer(const xml::Element& request, const xmpp::StanzaError& error);
  void send(xml::Element stanza);
  Time now() const { return port_->loop().now(); }

  RegistryOptions options_;
  store::Store& store_;
  xmpp::EntityPort* port_ = nullptr;
  Names names_;
  // What has come for a name while its owner was being written down, oldest first.
  std::map<std::string, std::vector<xml::Element>> held_;
  Undescribed undescribed_;
  Instances instances_;
  Watches watches_;
  Dispatches dispatches_;
  Conversations conversations_;
  Liveness liveness_;
  std::unordered_set<xmpp::Jid> described_;  // parties that answer disco#info
  std::minstd_rand random_;
  std::unique_ptr<net::Timer> tick_;
  std::unique_ptr<net::Timer> deadline_;
  bool restored_ = false;
  uint64_t dispatched_ = 0;  // since the start
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards what the store calls back
};

}  // namespace xbus::registry
