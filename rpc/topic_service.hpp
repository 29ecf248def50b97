// TopicService: the pubsub service of a bus as its clients ask it: where it is, what it offers, and what its refusals
// mean. Not for includes from outside of rpc.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/result.hpp"
#include "bus/task.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/pubsub.hpp"
#include "bus/xmpp/pubsub_answer.hpp"
#include "bus/xmpp/rsm.hpp"
#include "rpc/fault.hpp"

namespace xbus {

class Bus;

// What a refusal by a pubsub service means: forbidden, not_found, already_exists, invalid, too_big, busy;
// no_such_method for what the service lacks, with the feature in the message.
Fault topic_fault(const xmpp::StanzaError& error);

// One page of items, in the order in which the service gives them.
struct TopicPage {
  std::vector<xmpp::PubsubItem> items;
  std::optional<xmpp::Page> page;
};

// Lives on the bus's loop and ends before the bus. Every operation throws a Fault.
class TopicService {
 public:
  // `jid` empty: events.DOMAIN, else the first with the identity pubsub/service in the server's disco#items.
  TopicService(Bus& bus, std::string jid, Duration timeout);

  // Asks once who and what the service is; does nothing when that is known.
  Task<void> find();
  // After find().
  const xmpp::Jid& jid() const { return jid_; }
  bool offers(std::string_view feature) const;  // "auto-create", without http://jabber.org/protocol/pubsub#
  Bus& bus() { return bus_; }

  // What an iq of that type is answered with: its first element, empty where there is none.
  Task<xml::Element> ask(std::string type, xml::Element payload);
  Task<xmpp::DiscoInfo> info(std::string node);
  Task<std::vector<std::string>> topics();

  // ---- A subscription of this connection's own full JID (XEP-0060 section 6) ----
  // Ends with the session where the service offers that.
  Task<void> subscribe(std::string topic);
  Task<void> unsubscribe(std::string topic, std::string jid);
  // Takes away what earlier sessions of the account have left: subscriptions of full JIDs that nobody answers at any
  // more. Nothing to do where subscriptions end with their sessions.
  Task<void> clear_leftovers(std::string topic);
  Task<TopicPage> items(std::string topic, std::optional<xmpp::PageRequest> page);
  // nullopt: it is not kept.
  Task<std::optional<xmpp::PubsubItem>> item(std::string topic, std::string id);

 private:
  Task<bool> look_at(xmpp::Jid jid, Time until);
  Task<std::vector<xmpp::Jid>> offered_by_server(Time until);

  Bus& bus_;
  std::string wanted_;
  Duration timeout_;
  xmpp::Jid jid_;
  xmpp::DiscoInfo info_;
};

// <pubsub/> with one element inside, in the namespace of requests or of owners' requests.
xml::Element topic_request(std::string_view name, std::string_view topic, std::string_view ns = xmpp::ns_pubsub);

}  // namespace xbus
