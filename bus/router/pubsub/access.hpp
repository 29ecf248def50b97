// Who may do what to a node: access models, publish models and ownership (XEP-0060 sections 4.1, 4.5 and 7.1).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/router/pubsub/node.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/pubsub.hpp"

namespace xbus::router::pubsub {

// What the service asks about the rest of the bus. Addresses are bare where they name accounts.
class World {
 public:
  virtual ~World() = default;
  // An account of this bus that may create nodes of its own.
  virtual bool is_local(const xmpp::Jid& account) const = 0;
  virtual bool is_admin(const xmpp::Jid& account) const = 0;
  // Whether the account is an owner of the service name.
  virtual bool owns(std::string_view name, const xmpp::Jid& account) const = 0;
  // Whether anybody is.
  virtual bool owned(std::string_view name) const = 0;
  // The same; takes a name that nobody owns for the account where policy lets it.
  virtual bool claim(std::string_view name, const xmpp::Jid& account) = 0;
  // Whether `owner` lets `who` see its presence.
  virtual bool sees_presence(const xmpp::Jid& owner, const xmpp::Jid& who) const = 0;
  // Whether `who` is in one of the groups of the owner's roster.
  virtual bool in_groups(const xmpp::Jid& owner, const std::vector<std::string>& groups,
                         const xmpp::Jid& who) const = 0;
};

using Refused = std::optional<xmpp::PubsubRefusal>;

// How the account stands to the node: by its list, by owning the service name or being an admin. An owner on the list
// whose service name has become another's is a member.
Affiliation standing(const Node& node, const World& world, const xmpp::Jid& who);

// What is not open to everybody: `authorize` is not refused here, the subscription is pending.
Refused may_subscribe(const Node& node, const World& world, const xmpp::Jid& who);
Refused may_retrieve(const Node& node, const World& world, const xmpp::Jid& who);
Refused may_publish(const Node& node, const World& world, const xmpp::Jid& who);
Refused must_own(const Node& node, const World& world, const xmpp::Jid& who);
// Whether the node is shown to the account in lists.
bool may_see(const Node& node, const World& world, const xmpp::Jid& who);

}  // namespace xbus::router::pubsub
