#include "bus/xmpp/pubsub_request.hpp"

#include <algorithm>
#include <charconv>

#include "bus/limits_topics.hpp"

namespace xbus::xmpp {
namespace {

using Action = PubsubRequest::Action;
using Refused = std::optional<PubsubRefusal>;

PubsubRefusal bad(PubsubCondition detail, std::string text = {}) {
  return {Condition::bad_request, detail, std::move(text)};
}

// One element of a request: what reads it, and whether it is for get or set.
struct Shape {
  std::string_view name;
  std::string_view ns;
  bool set;
  Action action;
  Refused (*read)(const xml::Element&, PubsubRequest&);
};

Refused read_node(const xml::Element& element, PubsubRequest& request) {
  request.node = std::string(element.attr_or("node", {}));
  if (request.node.size() > limits::topic_name_bytes_max || !xml::is_xml_text(request.node))
    return PubsubRefusal(Condition::not_acceptable, PubsubCondition::none, "too long a node id");
  return {};
}

Refused need_node(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = read_node(element, request)) return refused;
  if (request.node.empty()) return bad(PubsubCondition::nodeid_required);
  return {};
}

Refused read_form(const xml::Element& holder, PubsubRequest& request) {
  const xml::Element* x = holder.first("x", ns_data);
  if (x == nullptr) return {};
  auto form = form_from(*x);
  if (!form) return bad(PubsubCondition::none, "the form cannot be read");
  if (form->type != FormType::submit && form->type != FormType::cancel)
    return bad(PubsubCondition::none, "a form of type submit is wanted");
  request.form = std::move(*form);
  return {};
}

// The XEP gives a missing jid invalid-jid when subscribing, jid-required with options.
Refused read_jid(const xml::Element& element, PubsubRequest& request, PubsubCondition missing) {
  const std::string* text = element.attr("jid");
  if (text == nullptr || text->empty()) return bad(missing);
  auto jid = Jid::parse(*text);
  if (!jid) return bad(PubsubCondition::invalid_jid);
  request.jid = *jid;
  request.subid = std::string(element.attr_or("subid", {}));
  return {};
}

Refused read_subscribe(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = need_node(element, request)) return refused;
  return read_jid(element, request, PubsubCondition::invalid_jid);
}

Refused read_options(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = need_node(element, request)) return refused;
  return read_jid(element, request, PubsubCondition::jid_required);
}

Refused read_set_options(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = read_options(element, request)) return refused;
  if (auto refused = read_form(element, request)) return refused;
  if (!request.form) return bad(PubsubCondition::invalid_options);
  return {};
}

Refused read_item_ids(const xml::Element& element, PubsubRequest& request) {
  for (const xml::Element* child : element.elements("item", element.ns())) {
    PubsubRequest::Item item;
    item.id = std::string(child->attr_or("id", {}));
    if (item.id.empty()) return bad(PubsubCondition::item_required);
    request.items.push_back(std::move(item));
    if (request.items.size() > limits::items_per_request_max)
      return PubsubRefusal(Condition::not_allowed, PubsubCondition::max_items_exceeded);
  }
  return {};
}

Refused read_items(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = need_node(element, request)) return refused;
  if (const std::string* most = element.attr("max_items")) {
    uint32_t value = 0;
    auto [end, error] = std::from_chars(most->data(), most->data() + most->size(), value);
    if (error != std::errc() || end != most->data() + most->size() || value == 0)
      return bad(PubsubCondition::none, "max_items is no number");
    request.items_wanted = value;
  }
  return read_item_ids(element, request);
}

Refused read_publish(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = need_node(element, request)) return refused;
  for (const xml::Element* child : element.elements("item", element.ns())) {
    PubsubRequest::Item item;
    item.id = std::string(child->attr_or("id", {}));
    if (item.id.size() > limits::item_id_bytes_max)
      return PubsubRefusal(Condition::not_acceptable, PubsubCondition::none, "too long an item id");
    for (const xml::Element* payload : child->elements()) {
      // More than one is refused later, whatever they are.
      if (item.payload.size() < 2) item.payload.push_back(*payload);
    }
    request.items.push_back(std::move(item));
    if (request.items.size() > limits::items_per_request_max)
      return PubsubRefusal(Condition::not_allowed, PubsubCondition::max_items_exceeded);
  }
  return {};
}

Refused read_retract(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = need_node(element, request)) return refused;
  if (const std::string* notify = element.attr("notify")) {
    auto flag = boolean_of(*notify);
    if (!flag) return bad(PubsubCondition::none, "notify is no boolean");
    request.notify = *flag;
  }
  if (auto refused = read_item_ids(element, request)) return refused;
  if (request.items.empty()) return bad(PubsubCondition::item_required);
  return {};
}

Refused read_configure(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = need_node(element, request)) return refused;
  if (auto refused = read_form(element, request)) return refused;
  if (!request.form) return bad(PubsubCondition::none, "no form");
  if (request.form->type == FormType::cancel) request.action = Action::cancel_configure;
  return {};
}

Refused read_delete(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = need_node(element, request)) return refused;
  if (const xml::Element* redirect = element.first("redirect", element.ns())) {
    request.redirect = std::string(redirect->attr_or("uri", {}));
    if (request.redirect.empty() || request.redirect.size() > limits::topic_text_bytes_max)
      return bad(PubsubCondition::none, "no uri to redirect to");
  }
  return {};
}

Refused read_set_subscriptions(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = need_node(element, request)) return refused;
  for (const xml::Element* child : element.elements("subscription", element.ns())) {
    auto jid = Jid::parse(child->attr_or("jid", {}));
    if (!jid) return bad(PubsubCondition::invalid_jid);
    auto state = subscription_state_of(child->attr_or("subscription", {}));
    if (!state) return bad(PubsubCondition::none, "no such state");
    request.subscribers.push_back({*jid, *state});
    if (request.subscribers.size() > limits::items_per_request_max)
      return bad(PubsubCondition::none, "too many at once");
  }
  return {};
}

Refused read_set_affiliations(const xml::Element& element, PubsubRequest& request) {
  if (auto refused = need_node(element, request)) return refused;
  for (const xml::Element* child : element.elements("affiliation", element.ns())) {
    auto jid = Jid::parse(child->attr_or("jid", {}));
    if (!jid) return bad(PubsubCondition::invalid_jid);
    auto affiliation = affiliation_of(child->attr_or("affiliation", {}));
    if (!affiliation) return bad(PubsubCondition::none, "no such affiliation");
    for (const auto& before : request.affiliates) {
      if (before.jid.bare_str() == jid->bare_str())
        return bad(PubsubCondition::none, "an address twice");
    }
    request.affiliates.push_back({jid->bare(), *affiliation});
    if (request.affiliates.size() > limits::items_per_request_max)
      return bad(PubsubCondition::none, "too many at once");
  }
  return {};
}

Refused read_nothing(const xml::Element&, PubsubRequest&) { return {}; }

constexpr Shape shapes[] = {
    {"publish", ns_pubsub, true, Action::publish, read_publish},
    {"items", ns_pubsub, false, Action::items, read_items},
    {"subscribe", ns_pubsub, true, Action::subscribe, read_subscribe},
    {"unsubscribe", ns_pubsub, true, Action::unsubscribe, read_subscribe},
    {"retract", ns_pubsub, true, Action::retract, read_retract},
    {"create", ns_pubsub, true, Action::create, read_node},
    {"options", ns_pubsub, false, Action::options, read_options},
    {"options", ns_pubsub, true, Action::set_options, read_set_options},
    {"default", ns_pubsub, false, Action::default_options, read_node},
    {"subscriptions", ns_pubsub, false, Action::subscriptions, read_node},
    {"affiliations", ns_pubsub, false, Action::affiliations, read_node},
    {"configure", ns_pubsub_owner, false, Action::configuration, need_node},
    {"configure", ns_pubsub_owner, true, Action::configure, read_configure},
    {"default", ns_pubsub_owner, false, Action::default_configuration, read_nothing},
    {"delete", ns_pubsub_owner, true, Action::delete_node, read_delete},
    {"purge", ns_pubsub_owner, true, Action::purge, need_node},
    {"subscriptions", ns_pubsub_owner, false, Action::owner_subscriptions, need_node},
    {"subscriptions", ns_pubsub_owner, true, Action::set_subscriptions, read_set_subscriptions},
    {"affiliations", ns_pubsub_owner, false, Action::owner_affiliations, need_node},
    {"affiliations", ns_pubsub_owner, true, Action::set_affiliations, read_set_affiliations},
};

// What may stand behind the first element (PS-18, PS-26, PS-34): a form without node or jid of its own.
Refused read_companion(const xml::Element& element, PubsubRequest& request) {
  std::string_view wanted;
  if (request.action == Action::create) wanted = "configure";
  if (request.action == Action::subscribe) wanted = "options";
  if (request.action == Action::publish) wanted = "publish-options";
  if (wanted.empty() || !element.is(wanted, ns_pubsub))
    return bad(PubsubCondition::none, "one action at a time");
  if (element.attr("node") != nullptr || element.attr("jid") != nullptr)
    return bad(PubsubCondition::none, "the node stands on the element before");
  return read_form(element, request);
}

}  // namespace

Result<PubsubRequest, PubsubRefusal> pubsub_request_from(const xml::Element& payload, bool set) {
  const Shape* shape = nullptr;
  const xml::Element* main = nullptr;
  std::vector<const xml::Element*> all = payload.elements();
  for (const xml::Element* child : all) {
    for (const Shape& candidate : shapes) {
      if (candidate.set != set || candidate.ns != payload.ns() ||
          !child->is(candidate.name, payload.ns()))
        continue;
      shape = &candidate;
      break;
    }
    if (shape != nullptr) {
      main = child;
      break;
    }
    // Companions are allowed in front as well: <options/> asks for itself alone.
    if (!child->is("configure", ns_pubsub) && !child->is("publish-options", ns_pubsub)) break;
  }
  if (shape == nullptr) {
    if (all.empty()) return Err{bad(PubsubCondition::none, "nothing is asked")};
    return Err{unsupported(all.front()->name())};
  }
  PubsubRequest request;
  request.action = shape->action;
  if (auto refused = shape->read(*main, request)) return Err{std::move(*refused)};
  for (const xml::Element* child : all) {
    if (child == main) continue;
    if (child->is("set", ns_rsm)) {
      auto page = page_request_from(payload);
      if (!page) return Err{bad(PubsubCondition::none, "the page cannot be read")};
      request.page = std::move(*page);
      continue;
    }
    if (auto refused = read_companion(*child, request)) return Err{std::move(*refused)};
  }
  return request;
}

}  // namespace xbus::xmpp
