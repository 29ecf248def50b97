#include "rpc/topic_service.hpp"

#include <algorithm>

#include "bus/limits_events.hpp"
#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/pubsub_options.hpp"
#include "rpc/bus.hpp"

namespace xbus {

namespace {

using client::Answer;
using xmpp::Condition;
using xmpp::PubsubCondition;

FaultKind kind_of(const xmpp::PubsubRefusal& refusal, FaultKind otherwise) {
  switch (refusal.condition) {
    case Condition::feature_not_implemented: return FaultKind::no_such_method;
    case Condition::item_not_found:
    case Condition::gone: return FaultKind::not_found;
    case Condition::conflict:
      return refusal.detail == PubsubCondition::precondition_not_met ? FaultKind::invalid : FaultKind::already_exists;
    case Condition::forbidden:
    case Condition::not_allowed: return FaultKind::forbidden;
    // Logged in it is: the topic is closed to it.
    case Condition::not_authorized: return FaultKind::forbidden;
    case Condition::not_acceptable:
      return refusal.detail == PubsubCondition::payload_too_big ? FaultKind::too_big : FaultKind::invalid;
    case Condition::bad_request:
      return refusal.detail == PubsubCondition::none ? otherwise : FaultKind::invalid;
    case Condition::resource_constraint: return FaultKind::busy;
    default: return otherwise;
  }
}

std::string text_of(const xmpp::PubsubRefusal& refusal) {
  if (refusal.condition == Condition::feature_not_implemented && !refusal.feature.empty())
    return "the pubsub service lacks " + refusal.feature;
  if (!refusal.text.empty()) return refusal.text;
  if (refusal.detail != PubsubCondition::none) return std::string(name_of(refusal.detail));
  if (refusal.condition == Condition::item_not_found) return "there is no such topic";
  if (refusal.condition == Condition::gone && !refusal.uri.empty()) return "the topic has moved to " + refusal.uri;
  return std::string(name_of(refusal.condition));
}

[[noreturn]] void unanswered(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::timed_out: throw Fault(Fault::Kind::timeout, "the pubsub service does not answer");
    case Answer::Kind::lost: throw Fault(Fault::Kind::lost, "the connection ended under the request");
    case Answer::Kind::not_sent: throw fault_from(answer.error);
    case Answer::Kind::error:
    case Answer::Kind::result: break;
  }
  throw topic_fault(answer.error);
}

bool is_pubsub(const xmpp::DiscoInfo& info) { return info.has_identity("pubsub", "service"); }

// Nobody is there, as opposed to nobody knows.
bool is_absence(const Answer& answer) { return answer.kind == Answer::Kind::error; }

TopicPage page_from(const xml::Element& answer) {
  TopicPage out;
  out.page = xmpp::page_from(answer);
  const xml::Element* list = answer.first("items", xmpp::ns_pubsub);
  if (list == nullptr) return out;
  for (const xml::Element* each : list->elements("item", xmpp::ns_pubsub)) {
    xmpp::PubsubItem item;
    item.id = std::string(each->attr_or("id", {}));
    item.publisher = std::string(each->attr_or("publisher", {}));
    if (const xml::Element* payload = each->first_element()) item.payload = *payload;
    out.items.push_back(std::move(item));
  }
  return out;
}

Task<Answer> request(Bus& bus, xmpp::Jid to, std::string type, xml::Element payload, Duration deadline) {
  auto asking = bus.client().request(std::move(to), std::move(type), std::move(payload),
                                     std::max(deadline, Duration::zero()));
  Answer answer = co_await std::move(asking);
  co_return answer;
}

}  // namespace

Fault topic_fault(const xmpp::StanzaError& error) {
  const xmpp::PubsubRefusal refusal = xmpp::pubsub_refusal(error);
  const Fault plain = fault_from(error);
  const FaultKind kind = kind_of(refusal, plain.kind());
  Fault fault(kind, text_of(refusal));
  fault.detail("condition", std::string(name_of(refusal.condition)));
  if (refusal.detail != PubsubCondition::none) fault.detail("pubsub", std::string(name_of(refusal.detail)));
  return fault;
}

xml::Element topic_request(std::string_view name, std::string_view topic, std::string_view ns) {
  xml::Element inside(name, ns);
  if (!topic.empty()) inside.set("node", topic);
  return xml::Element("pubsub", ns).with(std::move(inside));
}

TopicService::TopicService(Bus& bus, std::string jid, Duration timeout)
    : bus_(bus), wanted_(std::move(jid)), timeout_(timeout) {}

bool TopicService::offers(std::string_view feature) const {
  std::string name(xmpp::ns_pubsub);
  name.append("#").append(feature);
  return info_.has_feature(name);
}

Task<bool> TopicService::look_at(xmpp::Jid jid, Time until) {
  auto asking = request(bus_, jid, "get", xmpp::disco_info_query(), until - bus_.loop().now());
  const Answer answer = co_await std::move(asking);
  if (is_absence(answer)) co_return false;
  if (answer.kind != Answer::Kind::result) unanswered(answer);
  const xml::Element* query = answer.stanza.first("query", xmpp::ns_disco_info);
  auto info = query ? xmpp::disco_info_from(*query) : Result<xmpp::DiscoInfo, xmpp::DiscoError>(Err{xmpp::DiscoError::not_disco});
  if (!info || !is_pubsub(*info)) co_return false;
  info_ = std::move(*info);
  jid_ = std::move(jid);
  co_return true;
}

Task<std::vector<xmpp::Jid>> TopicService::offered_by_server(Time until) {
  std::vector<xmpp::Jid> offered;
  const auto server = xmpp::Jid::parse(bus_.client().domain());
  if (!server) co_return offered;
  auto asking = request(bus_, *server, "get", xmpp::disco_items_query(), until - bus_.loop().now());
  const Answer answer = co_await std::move(asking);
  const xml::Element* query =
      answer.kind == Answer::Kind::result ? answer.stanza.first("query", xmpp::ns_disco_items) : nullptr;
  if (query == nullptr) co_return offered;
  const auto items = xmpp::disco_items_from(*query);
  if (!items) co_return offered;
  for (const xmpp::DiscoItem& item : items->items)
    if (item.node.empty() && item.jid.is_domain() && offered.size() < limits::pubsub_candidates_max) offered.push_back(item.jid);
  co_return offered;
}

Task<void> TopicService::find() {
  if (!jid_.empty()) co_return;
  const Time until = bus_.loop().now() + timeout_;
  if (bus_.jid().empty()) throw Fault(Fault::Kind::unavailable, "not connected to the bus");
  // The registry's domain names the bus for a component too, which has a domain of its own.
  const std::string& registry = bus_.registry_domain();
  const std::string domain = registry.starts_with("services.") ? registry.substr(9) : bus_.client().domain();
  const auto first = xmpp::Jid::parse(wanted_.empty() ? "events." + domain : wanted_);
  if (!first) throw Fault(Fault::Kind::invalid, "\"" + wanted_ + "\" is no JID");
  auto looking = look_at(*first, until);
  if (co_await std::move(looking)) co_return;
  if (!wanted_.empty()) throw Fault(Fault::Kind::unavailable, wanted_ + " is no pubsub service");
  auto listing = offered_by_server(until);
  const std::vector<xmpp::Jid> offered = co_await std::move(listing);
  for (const xmpp::Jid& candidate : offered) {
    if (candidate == *first) continue;
    auto looking_further = look_at(candidate, until);
    if (co_await std::move(looking_further)) co_return;
  }
  throw Fault(Fault::Kind::unavailable, "this bus has no pubsub service, so it has no topics");
}

Task<xml::Element> TopicService::ask(std::string type, xml::Element payload) {
  auto finding = find();
  co_await std::move(finding);
  auto asking = request(bus_, jid_, std::move(type), std::move(payload), timeout_);
  const Answer answer = co_await std::move(asking);
  if (answer.kind != Answer::Kind::result) unanswered(answer);
  const xml::Element* first = answer.stanza.first_element();
  co_return first ? *first : xml::Element();
}

Task<xmpp::DiscoInfo> TopicService::info(std::string node) {
  auto asking = ask("get", xmpp::disco_info_query(node));
  const xml::Element query = co_await std::move(asking);
  auto info = xmpp::disco_info_from(query);
  if (!info) throw Fault(Fault::Kind::failed, "the pubsub service describes the topic in no form that can be read");
  co_return std::move(*info);
}

Task<std::vector<std::string>> TopicService::topics() {
  std::vector<std::string> names;
  xmpp::PageRequest next;
  while (true) {
    auto asking = ask("get", xmpp::disco_items_query({}, next));
    const xml::Element query = co_await std::move(asking);
    const auto items = xmpp::disco_items_from(query);
    if (!items) throw Fault(Fault::Kind::failed, "the pubsub service lists its topics in no form that can be read");
    for (const xmpp::DiscoItem& item : items->items)
      if (!item.node.empty()) names.push_back(item.node);
    // Its own word for the end is believed as far as it goes on.
    if (!items->page || !items->page->last || items->items.empty() || next.after == items->page->last ||
        names.size() >= limits::topics_max)
      break;
    next.after = items->page->last;
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  co_return names;
}

Task<void> TopicService::subscribe(std::string topic) {
  auto finding = find();
  co_await std::move(finding);
  xml::Element request = topic_request("subscribe", topic);
  request.first("subscribe", xmpp::ns_pubsub)->set("jid", bus_.jid().str());
  if (offers("leased-subscription")) {
    xmpp::SubscribeOptions options;
    options.until_presence = true;
    request.add("options").add(xmpp::to_element(xmpp::options_record(options)));
  }
  auto asking = ask("set", std::move(request));
  const xml::Element answer = co_await std::move(asking);
  const xml::Element* subscription = answer.first("subscription", xmpp::ns_pubsub);
  const std::string_view state =
      subscription ? subscription->attr_or("subscription", "subscribed") : std::string_view("subscribed");
  if (state == name_of(xmpp::SubscriptionState::pending))
    throw Fault(Fault::Kind::forbidden, "an owner of the topic has to allow the subscription first");
}

Task<void> TopicService::unsubscribe(std::string topic, std::string jid) {
  xml::Element request = topic_request("unsubscribe", topic);
  request.first("unsubscribe", xmpp::ns_pubsub)->set("jid", jid);
  auto asking = ask("set", std::move(request));
  co_await std::move(asking);
}

Task<void> TopicService::clear_leftovers(std::string topic) {
  auto finding = find();
  co_await std::move(finding);
  if (offers("leased-subscription") || !offers("retrieve-subscriptions")) co_return;
  auto asking = ask("get", topic_request("subscriptions", {}));
  const xml::Element answer = co_await std::move(asking);
  const xml::Element* list = answer.first("subscriptions", xmpp::ns_pubsub);
  if (list == nullptr) co_return;
  std::vector<xmpp::Jid> others;
  for (const xml::Element* each : list->elements("subscription", xmpp::ns_pubsub)) {
    const auto jid = xmpp::Jid::parse(each->attr_or("jid", {}));
    if (jid && each->attr_or("node", {}) == topic && jid->is_full() && *jid != bus_.jid() &&
        jid->bare() == bus_.jid().bare())
      others.push_back(*jid);
  }
  for (const xmpp::Jid& other : others) {
    auto pinging = request(bus_, other, "get", xmpp::ping(), timeout_);
    const Answer pong = co_await std::move(pinging);
    // A session that does not know pings answers all the same; only its server says that it has gone.
    const bool gone = pong.kind == Answer::Kind::error && (pong.error.condition == Condition::service_unavailable ||
                                                           pong.error.condition == Condition::recipient_unavailable ||
                                                           pong.error.condition == Condition::item_not_found);
    if (!gone) continue;
    auto leaving = unsubscribe(topic, other.str());
    co_await std::move(leaving);
  }
}

Task<TopicPage> TopicService::items(std::string topic, std::optional<xmpp::PageRequest> page) {
  xml::Element request = topic_request("items", topic);
  if (page) request.add(xmpp::to_element(*page));
  auto asking = ask("get", std::move(request));
  const xml::Element answer = co_await std::move(asking);
  co_return page_from(answer);
}

Task<std::optional<xmpp::PubsubItem>> TopicService::item(std::string topic, std::string id) {
  xml::Element request = topic_request("items", topic);
  request.first("items", xmpp::ns_pubsub)->add("item").set("id", id);
  std::optional<xmpp::PubsubItem> found;
  try {
    auto asking = ask("get", std::move(request));
    const xml::Element answer = co_await std::move(asking);
    for (xmpp::PubsubItem& item : page_from(answer).items)
      if (item.id == id) found = std::move(item);
  } catch (const Fault& fault) {
    // Some services say so instead of giving an empty list (XEP-0060 section 6.5.9).
    if (fault.kind() != Fault::Kind::not_found) throw;
  }
  co_return found;
}

}  // namespace xbus
