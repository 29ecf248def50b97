#include "bus/xmpp/pubsub.hpp"

#include <array>

namespace xbus::xmpp {
namespace {

constexpr std::array<std::string_view, 6> affiliations = {"none",         "outcast",   "member",
                                                          "publish-only", "publisher", "owner"};
constexpr std::array<std::string_view, 4> states = {"none", "pending", "unconfigured",
                                                    "subscribed"};
constexpr std::array<std::string_view, 25> conditions = {
    "",
    "closed-node",
    "configuration-required",
    "invalid-jid",
    "invalid-options",
    "invalid-payload",
    "invalid-subid",
    "item-forbidden",
    "item-required",
    "jid-required",
    "max-items-exceeded",
    "max-nodes-exceeded",
    "node-full",
    "nodeid-required",
    "not-in-roster-group",
    "not-subscribed",
    "payload-required",
    "payload-too-big",
    "pending-subscription",
    "precondition-not-met",
    "presence-subscription-required",
    "subid-required",
    "too-many-subscriptions",
    "unsupported",
    "unsupported-access-model",
};
static_assert(conditions.back() == "unsupported-access-model");

template <class E, size_t n>
std::optional<E> find(const std::array<std::string_view, n>& names, std::string_view name) {
  if (name.empty()) return {};
  for (size_t i = 0; i < n; ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return {};
}

// Where the examples differ from the type that RFC 6120 gives the condition.
ErrorType type_of(const PubsubRefusal& refusal) {
  if (refusal.condition == Condition::policy_violation ||
      refusal.condition == Condition::resource_constraint)
    return ErrorType::wait;
  if (refusal.condition == Condition::unexpected_request) return ErrorType::cancel;
  if (refusal.newest_value) return ErrorType::modify;
  if (refusal.condition == Condition::gone) return ErrorType::modify;
  return default_type(refusal.condition);
}

}  // namespace

std::string_view name_of(Affiliation affiliation) {
  return affiliations[static_cast<size_t>(affiliation)];
}
std::string_view name_of(SubscriptionState state) { return states[static_cast<size_t>(state)]; }
std::string_view name_of(PubsubCondition condition) {
  return conditions[static_cast<size_t>(condition)];
}
std::optional<Affiliation> affiliation_of(std::string_view name) {
  return find<Affiliation>(affiliations, name);
}
std::optional<SubscriptionState> subscription_state_of(std::string_view name) {
  return find<SubscriptionState>(states, name);
}
std::optional<PubsubCondition> pubsub_condition_of(std::string_view name) {
  return find<PubsubCondition>(conditions, name);
}

PubsubRefusal unsupported(std::string feature) {
  PubsubRefusal refusal(Condition::feature_not_implemented, PubsubCondition::unsupported);
  refusal.feature = std::move(feature);
  return refusal;
}

StanzaError stanza_error(const PubsubRefusal& refusal) {
  StanzaError error(type_of(refusal), refusal.condition, refusal.text);
  error.uri = refusal.uri;
  if (refusal.detail != PubsubCondition::none) {
    xml::Element detail(name_of(refusal.detail), std::string(ns_pubsub_errors));
    if (refusal.detail == PubsubCondition::unsupported) detail.set("feature", refusal.feature);
    error.application = std::move(detail);
  }
  return error;
}

void add_details(xml::Element& stanza, const PubsubRefusal& refusal) {
  xml::Element* error = stanza.first("error", stanza.ns());
  if (error == nullptr || !refusal.newest_value) return;
  xml::Element failed("compare-and-publish-failed", ns_compare_and_publish);
  error->add(failed.set("cap-id", *refusal.newest_value));
}

PubsubRefusal pubsub_refusal(const StanzaError& error) {
  PubsubRefusal refusal(error.condition, PubsubCondition::none, error.text);
  refusal.uri = error.uri;
  if (error.application && error.application->ns() == ns_pubsub_errors) {
    if (auto detail = pubsub_condition_of(error.application->name())) refusal.detail = *detail;
    if (refusal.detail == PubsubCondition::unsupported)
      refusal.feature = std::string(error.application->attr_or("feature", {}));
  }
  return refusal;
}

}  // namespace xbus::xmpp
