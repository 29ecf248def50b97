#include "bus/server/pubsub_records.hpp"

#include <charconv>

#include "bus/server/parcel.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/datetime.hpp"

namespace xbus::server {
namespace {

using router::pubsub::Node;
using router::pubsub::Subscription;

constexpr std::string_view ns_record = "urn:xbus:store:0";

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::optional<xmpp::Form> form_in(const xml::Element& element) {
  const xml::Element* x = element.first("x", xmpp::ns_data);
  if (x == nullptr) return {};
  auto form = xmpp::form_from(*x);
  if (!form) return {};
  return std::move(*form);
}

}  // namespace

std::string record_of(const Node& node) {
  xml::Element record("node", ns_record);
  record.set("key", std::to_string(node.key))
      .set("creator", node.creator.str())
      .set("created", xmpp::format_datetime(node.created));
  for (const auto& [jid, affiliation] : node.affiliations.all()) {
    xml::Element one("affiliation", ns_record);
    record.add(one.set("jid", jid).set("affiliation", xmpp::name_of(affiliation)));
  }
  record.add(xmpp::to_element(xmpp::config_record(node.config)));
  return xml::write(record);
}

std::unique_ptr<Node> node_from(std::string name, std::string_view record) {
  auto element = xml::parse(record, {}, written_limits());
  if (!element) return nullptr;
  auto key = number(element->attr_or("key", {}));
  auto creator = xmpp::Jid::parse(element->attr_or("creator", {}));
  auto created = xmpp::parse_datetime(element->attr_or("created", {}));
  auto form = form_in(*element);
  if (!key || !creator || !created || !form) return nullptr;
  auto config = xmpp::configured({}, *form);
  if (!config) return nullptr;
  auto node = std::make_unique<Node>();
  node->key = *key;
  node->name = std::move(name);
  node->creator = *creator;
  node->created = *created;
  node->config = std::move(*config);
  for (const xml::Element* one : element->elements("affiliation", ns_record)) {
    auto jid = xmpp::Jid::parse(one->attr_or("jid", {}));
    auto affiliation = xmpp::affiliation_of(one->attr_or("affiliation", {}));
    if (jid && affiliation) node->affiliations.set(*jid, *affiliation);
  }
  return node;
}

std::string subscription_key(int64_t node_key, const xmpp::Jid& jid) {
  return std::to_string(node_key) + ' ' + jid.str();
}

std::string record_of(const Subscription& subscription) {
  xml::Element record("subscription", ns_record);
  record.set("subscription", xmpp::name_of(subscription.state));
  record.add(xmpp::to_element(xmpp::options_record(subscription.options)));
  return xml::write(record);
}

std::optional<std::pair<int64_t, Subscription>> subscription_from(std::string_view key,
                                                                  std::string_view record) {
  size_t blank = key.find(' ');
  auto node_key = number(key.substr(0, blank));
  if (blank == std::string_view::npos || !node_key) return {};
  auto jid = xmpp::Jid::parse(key.substr(blank + 1));
  auto element = xml::parse(record, {}, written_limits());
  if (!jid || !element) return {};
  auto state = xmpp::subscription_state_of(element->attr_or("subscription", {}));
  auto form = form_in(*element);
  if (!state || !form) return {};
  auto options = xmpp::with_options({}, *form);
  if (!options) return {};
  return std::pair(*node_key, Subscription{*jid, *state, *options, 0});
}

}  // namespace xbus::server
