#include "bus/xmpp/pubsub_answer.hpp"

namespace xbus::xmpp {
namespace {

// <pubsub/> or <event/> with the one element inside, which names the node.
xml::Element envelope(std::string_view name, std::string_view ns, xml::Element inside,
                      std::string_view node) {
  if (!node.empty()) inside.set("node", node);
  return xml::Element(name, ns).with(std::move(inside));
}

xml::Element pubsub(std::string_view name, std::string_view node) {
  return envelope("pubsub", ns_pubsub, xml::Element(name, ns_pubsub), node);
}

xml::Element& inside(xml::Element& outer) { return outer.nodes().front().element.front(); }

xml::Element item_element(PubsubItem item, std::string_view ns) {
  xml::Element element("item", ns);
  element.set("id", item.id);
  if (!item.publisher.empty()) element.set("publisher", item.publisher);
  if (item.payload) element.add(std::move(*item.payload));
  return element;
}

xml::Element subscription_element(const PubsubSubscription& of, std::string_view ns) {
  xml::Element element("subscription", ns);
  if (!of.node.empty()) element.set("node", of.node);
  element.set("jid", of.jid.str()).set("subscription", name_of(of.state));
  return element;
}

xml::Element affiliation_element(const PubsubAffiliation& of, std::string_view ns) {
  xml::Element element("affiliation", ns);
  if (!of.node.empty()) element.set("node", of.node);
  if (!of.jid.empty()) element.set("jid", of.jid.str());
  element.set("affiliation", name_of(of.affiliation));
  return element;
}

xml::Element owner(std::string_view name, std::string_view node) {
  return envelope("pubsub", ns_pubsub_owner, xml::Element(name, ns_pubsub_owner), node);
}

xml::Element event(std::string_view name, std::string_view node) {
  return envelope("event", ns_pubsub_event, xml::Element(name, ns_pubsub_event), node);
}

}  // namespace

xml::Element answer_created(std::string_view node) { return pubsub("create", node); }

xml::Element answer_published(std::string_view node, const std::vector<std::string>& ids) {
  xml::Element answer = pubsub("publish", node);
  for (const std::string& id : ids) {
    xml::Element item("item", ns_pubsub);
    inside(answer).add(item.set("id", id));
  }
  return answer;
}

xml::Element answer_subscription(const PubsubSubscription& subscription) {
  return xml::Element("pubsub", ns_pubsub).with(subscription_element(subscription, ns_pubsub));
}

xml::Element answer_subscriptions(std::string_view node,
                                  const std::vector<PubsubSubscription>& all) {
  xml::Element answer = pubsub("subscriptions", node);
  for (const PubsubSubscription& one : all)
    inside(answer).add(subscription_element(one, ns_pubsub));
  return answer;
}

xml::Element answer_affiliations(std::string_view node, const std::vector<PubsubAffiliation>& all) {
  xml::Element answer = pubsub("affiliations", node);
  for (const PubsubAffiliation& one : all) inside(answer).add(affiliation_element(one, ns_pubsub));
  return answer;
}

xml::Element answer_options(std::string_view node, const Jid& jid, const Form& form) {
  xml::Element answer = pubsub("options", node);
  inside(answer).set("jid", jid.str()).add(to_element(form));
  return answer;
}

xml::Element answer_default_options(std::string_view node, const Form& form) {
  xml::Element answer = pubsub("default", node);
  inside(answer).add(to_element(form));
  return answer;
}

xml::Element answer_items(std::string_view node, std::vector<PubsubItem> items,
                          const std::optional<Page>& page) {
  xml::Element answer = pubsub("items", node);
  xml::Element values("cap-v-map", ns_compare_and_publish);
  for (PubsubItem& item : items) {
    if (!item.value.empty())
      values.add("cap-value-map-entry").set("item-id", item.id).set("cap-value", item.value);
    inside(answer).add(item_element(std::move(item), ns_pubsub));
  }
  if (!values.nodes().empty()) inside(answer).add(std::move(values));
  if (page) answer.add(to_element(*page));
  return answer;
}

xml::Element answer_configuration(std::string_view node, const Form& form) {
  xml::Element answer = owner("configure", node);
  inside(answer).add(to_element(form));
  return answer;
}

xml::Element answer_default_configuration(const Form& form) {
  xml::Element answer = owner("default", {});
  inside(answer).add(to_element(form));
  return answer;
}

xml::Element answer_owner_subscriptions(std::string_view node,
                                        const std::vector<PubsubSubscription>& all) {
  xml::Element answer = owner("subscriptions", node);
  for (const PubsubSubscription& one : all)
    inside(answer).add(subscription_element(one, ns_pubsub_owner));
  return answer;
}

xml::Element answer_owner_affiliations(std::string_view node,
                                       const std::vector<PubsubAffiliation>& all) {
  xml::Element answer = owner("affiliations", node);
  for (const PubsubAffiliation& one : all)
    inside(answer).add(affiliation_element(one, ns_pubsub_owner));
  return answer;
}

xml::Element event_items(std::string_view node, std::vector<PubsubItem> items,
                         const std::vector<std::string>& retracted) {
  xml::Element told = event("items", node);
  for (PubsubItem& item : items) inside(told).add(item_element(std::move(item), ns_pubsub_event));
  for (const std::string& id : retracted) {
    xml::Element retract("retract", ns_pubsub_event);
    inside(told).add(retract.set("id", id));
  }
  return told;
}

xml::Element event_purged(std::string_view node) { return event("purge", node); }

xml::Element event_deleted(std::string_view node, std::string_view redirect) {
  xml::Element told = event("delete", node);
  if (!redirect.empty()) {
    xml::Element to("redirect", ns_pubsub_event);
    inside(told).add(to.set("uri", redirect));
  }
  return told;
}

xml::Element event_configured(std::string_view node, const std::optional<Form>& form) {
  xml::Element told = event("configuration", node);
  if (form) inside(told).add(to_element(*form));
  return told;
}

xml::Element event_subscription(const PubsubSubscription& subscription) {
  return xml::Element("event", ns_pubsub_event)
      .with(subscription_element(subscription, ns_pubsub_event));
}

Form authorization_form(std::string_view node, const Jid& subscriber) {
  Form form = make_form(FormType::form, form_subscribe_authorization);
  form.title = "PubSub subscriber request";
  form.instructions = {"To approve this entity's subscription, tick the box and submit."};
  form.add("pubsub#node", node, FieldType::text_single);
  form.add("pubsub#subscriber_jid", subscriber.str(), FieldType::jid_single);
  form.add("pubsub#allow", "false", FieldType::boolean);
  form.fields.back().label = "Allow this entity to subscribe?";
  return form;
}

std::optional<Authorization> authorization_from(const xml::Element& message) {
  const xml::Element* x = message.first("x", ns_data);
  if (x == nullptr) return {};
  auto form = form_from(*x);
  if (!form || form->type != FormType::submit || form->form_type() != form_subscribe_authorization)
    return {};
  auto node = form->value("pubsub#node");
  auto subscriber = Jid::parse(form->value("pubsub#subscriber_jid").value_or(std::string_view()));
  auto allow = boolean_of(form->value("pubsub#allow").value_or(std::string_view()));
  if (!node || node->empty() || !subscriber || !allow) return {};
  return Authorization{std::string(*node), *subscriber, *allow};
}

}  // namespace xbus::xmpp
