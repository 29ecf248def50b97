// Commands: each method of a service as an ad-hoc command (XEP-0050), so that any chat client can call it by a form.
#pragma once
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bus/clock.hpp"
#include "bus/xmpp/commands.hpp"
#include "bus/xmpp/disco.hpp"
#include "rpc/front.hpp"
#include "rpc/service.hpp"

namespace xbus {

// The node of a command is the method's name. A method without parameters is called at once; else the first step gives
// the form and a session, bound to the full JID that began it (CMD-02), and the second one calls. A session ends with
// its call, when it is cancelled, or after limits::command_session_time_max; what comes later is session-expired.
// Beyond limits::command_sessions_per_account_max of one account and limits::command_sessions_max of all: resource-constraint.
class Commands {
 public:
  // `self`: the address that is shown, which a reconnection may change.
  Commands(const Service& service, std::function<xmpp::Jid()> self, Front front);

  // An iq whose payload is in ns_commands.
  void on_iq(const xml::Element& iq, Time now);

  // For service discovery: the commands that this entity may use, and the information about a node; nullopt when
  // there is no such command for it (CMD-01).
  std::vector<xmpp::DiscoItem> items(const xmpp::Jid& from) const;
  std::optional<xmpp::DiscoInfo> info(const xmpp::Jid& from, std::string_view node) const;

  size_t sessions() const { return order_.size(); }

 private:
  struct Session {
    std::string id, node;
    xmpp::Jid from;
    Time until{};
    bool over = false;  // kept for a while, to tell expired ones from those that never were
  };
  using Order = std::list<Session>;  // the one that ends first, first

  const Method* visible(const xmpp::Jid& from, std::string_view node) const;
  void begin(const xml::Element& iq, const xmpp::CommandRequest& request, const Method& method, const xmpp::Jid& from,
             Time now);
  void go_on(const xml::Element& iq, const xmpp::CommandRequest& request, const Method& method, const xmpp::Jid& from,
             Time now);
  void call(const xml::Element& iq, const Method& method, const xmpp::Jid& from, std::string session,
            std::vector<Value> args);
  void answer(const xml::Element& iq, const xmpp::CommandAnswer& answer) const;
  void refuse(const xml::Element& iq, const xmpp::StanzaError& error) const;
  size_t open_by(const xmpp::Jid& from) const;
  void expire(Time now);
  void end(const std::string& session);

  const Service& service_;
  std::function<xmpp::Jid()> self_;
  Front front_;
  Order order_;
  std::unordered_map<std::string, Order::iterator> by_id_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards what is told later
};

}  // namespace xbus
