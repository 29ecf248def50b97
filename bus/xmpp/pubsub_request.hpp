// What may be asked of a pubsub service, read from the iq's payload (XEP-0060 sections 5 to 8).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/forms.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/pubsub.hpp"
#include "bus/xmpp/rsm.hpp"

namespace xbus::xmpp {

struct PubsubRequest {
  enum class Action : uint8_t {
    // pubsub
    subscribe,
    unsubscribe,
    options,
    set_options,
    default_options,
    subscriptions,  // one's own
    affiliations,   // one's own
    items,
    publish,
    retract,
    create,
    // pubsub#owner
    configuration,
    configure,
    cancel_configure,
    default_configuration,
    delete_node,
    purge,
    owner_subscriptions,
    set_subscriptions,
    owner_affiliations,
    set_affiliations,
  };
  struct Item {
    std::string id;  // empty: none
    std::vector<xml::Element> payload;  // as many as there are: one, as a rule
  };

  Action action = Action::items;
  std::string node = {};  // empty: none
  Jid jid = {};           // of subscribe, unsubscribe and options
  std::string subid = {};
  std::optional<Form> form = {};  // the configuration, the options or the publish-options
  std::vector<Item> items = {};   // of publish, retract and items
  std::optional<uint32_t> items_wanted = {};  // max_items of a retrieval
  PageRequest page = {};
  bool notify = false;        // of retract
  std::string redirect = {};  // of delete
  struct Subscriber {
    Jid jid;
    SubscriptionState state = SubscriptionState::none;
  };
  std::vector<Subscriber> subscribers = {};
  struct Affiliate {
    Jid jid;
    Affiliation affiliation = Affiliation::none;
  };
  std::vector<Affiliate> affiliates = {};
};

// `payload` is <pubsub/> of either namespace, `set` the type of the iq. What is missing, doubled or malformed is
// refused with the pair of conditions that the XEP gives it; what is no request of pubsub with
// feature-not-implemented.
Result<PubsubRequest, PubsubRefusal> pubsub_request_from(const xml::Element& payload, bool set);

}  // namespace xbus::xmpp
