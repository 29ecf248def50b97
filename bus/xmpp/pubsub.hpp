// The words of Publish-Subscribe (XEP-0060): namespaces, affiliations, subscription states, and its errors.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bus/xmpp/error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_pubsub = "http://jabber.org/protocol/pubsub";
inline constexpr std::string_view ns_pubsub_owner = "http://jabber.org/protocol/pubsub#owner";
inline constexpr std::string_view ns_pubsub_event = "http://jabber.org/protocol/pubsub#event";
inline constexpr std::string_view ns_pubsub_errors = "http://jabber.org/protocol/pubsub#errors";
// Compare-and-publish (XEP-0395): its feature, and the precondition among the publish-options.
inline constexpr std::string_view ns_compare_and_publish = "urn:xmpp:pubsub:cap:0";
inline constexpr std::string_view var_compare_and_publish = "pubsub#prev_item_cap_value";

// Section 4.1.
enum class Affiliation : uint8_t { none, outcast, member, publish_only, publisher, owner };
// Section 4.2.
enum class SubscriptionState : uint8_t { none, pending, unconfigured, subscribed };

std::string_view name_of(Affiliation affiliation);
std::string_view name_of(SubscriptionState state);
std::optional<Affiliation> affiliation_of(std::string_view name);
std::optional<SubscriptionState> subscription_state_of(std::string_view name);

// The conditions of the namespace pubsub#errors.
enum class PubsubCondition : uint8_t {
  none,
  closed_node,
  configuration_required,
  invalid_jid,
  invalid_options,
  invalid_payload,
  invalid_subid,
  item_forbidden,
  item_required,
  jid_required,
  max_items_exceeded,
  max_nodes_exceeded,
  node_full,
  nodeid_required,
  not_in_roster_group,
  not_subscribed,
  payload_required,
  payload_too_big,
  pending_subscription,
  precondition_not_met,
  presence_subscription_required,
  subid_required,
  too_many_subscriptions,
  unsupported,
  unsupported_access_model,
};

std::string_view name_of(PubsubCondition condition);
std::optional<PubsubCondition> pubsub_condition_of(std::string_view name);

// Why a request is refused: the pair of conditions that XEP-0060 gives the case.
struct PubsubRefusal {
  Condition condition = Condition::undefined_condition;
  PubsubCondition detail = PubsubCondition::none;
  std::string feature = {};  // of unsupported
  std::string uri = {};      // of gone and redirect: where to
  std::string text = {};     // for a person
  // Of a publication that was compared with the newest item and not made: its value, empty where there is none.
  std::optional<std::string> newest_value = {};

  PubsubRefusal() = default;
  PubsubRefusal(Condition of, PubsubCondition more = PubsubCondition::none, std::string why = {})
      : condition(of), detail(more), text(std::move(why)) {}
  bool operator==(const PubsubRefusal&) const = default;
};

// feature-not-implemented with <unsupported feature=.../>.
PubsubRefusal unsupported(std::string feature);

// As it goes on the wire, with the type that the examples of XEP-0060 show.
StanzaError stanza_error(const PubsubRefusal& refusal);
// What does not fit into that: XEP-0395 section 4.3 has a third element inside <error/>. `stanza` is the error stanza.
void add_details(xml::Element& stanza, const PubsubRefusal& refusal);
// Reads it back: what a service of anybody said.
PubsubRefusal pubsub_refusal(const StanzaError& error);

}  // namespace xbus::xmpp
