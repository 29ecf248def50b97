// What a pubsub service says: the payloads of its answers, and the events and questions that it sends in messages
// (XEP-0060).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/xml/element.hpp"
#include "bus/xmpp/forms.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/pubsub.hpp"
#include "bus/xmpp/rsm.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view form_subscribe_authorization =
    "http://jabber.org/protocol/pubsub#subscribe_authorization";

// An item as it is told: in an answer or in an event.
struct PubsubItem {
  std::string id;
  std::string publisher;  // bare JID; empty: not told
  std::optional<xml::Element> payload;
  std::string value = {};  // for compare-and-publish (XEP-0395); empty: not told
};

struct PubsubSubscription {
  std::string node;
  Jid jid;
  SubscriptionState state = SubscriptionState::none;
};

struct PubsubAffiliation {
  std::string node;  // in one's own list
  Jid jid;           // in an owner's
  Affiliation affiliation = Affiliation::none;
};

// ---- Answers to anybody: <pubsub/> ----
xml::Element answer_created(std::string_view node);
xml::Element answer_published(std::string_view node, const std::vector<std::string>& ids);
xml::Element answer_subscription(const PubsubSubscription& subscription);
xml::Element answer_subscriptions(std::string_view node, const std::vector<PubsubSubscription>& all);
xml::Element answer_affiliations(std::string_view node, const std::vector<PubsubAffiliation>& all);
xml::Element answer_options(std::string_view node, const Jid& jid, const Form& form);
xml::Element answer_default_options(std::string_view node, const Form& form);
xml::Element answer_items(std::string_view node, std::vector<PubsubItem> items,
                          const std::optional<Page>& page);

// ---- Answers to owners: <pubsub/> of pubsub#owner ----
xml::Element answer_configuration(std::string_view node, const Form& form);
xml::Element answer_default_configuration(const Form& form);
xml::Element answer_owner_subscriptions(std::string_view node,
                                        const std::vector<PubsubSubscription>& all);
xml::Element answer_owner_affiliations(std::string_view node,
                                       const std::vector<PubsubAffiliation>& all);

// ---- Events: <event/>, the payload of a message ----
xml::Element event_items(std::string_view node, std::vector<PubsubItem> items,
                         const std::vector<std::string>& retracted = {});
xml::Element event_purged(std::string_view node);
xml::Element event_deleted(std::string_view node, std::string_view redirect);
xml::Element event_configured(std::string_view node, const std::optional<Form>& form);
xml::Element event_subscription(const PubsubSubscription& subscription);

// ---- Asking an owner to approve a subscription, in a message (section 8.6) ----
Form authorization_form(std::string_view node, const Jid& subscriber);
struct Authorization {
  std::string node;
  Jid subscriber;
  bool allow = false;
};
// nullopt: another form, a cancelled one, or one without what it must say.
std::optional<Authorization> authorization_from(const xml::Element& message);

}  // namespace xbus::xmpp
