// What the pubsub service says of itself and of its nodes to service discovery (XEP-0060 section 5).
#include <utility>

#include "bus/limits_topics.hpp"
#include "bus/server/pubsub.hpp"
#include "bus/xmpp/commands.hpp"
#include "bus/xmpp/datetime.hpp"
#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/ping.hpp"

namespace xbus::server {

using router::pubsub::Affiliation;
using xmpp::Condition;

namespace {

// Section 11: what the service does, and nothing else.
constexpr std::string_view features[] = {
    "access-authorize",     "access-open",
    "access-presence",      "access-roster",
    "access-whitelist",     "auto-create",
    "config-node",          "config-node-max",
    "create-and-configure", "create-nodes",
    "delete-items",         "delete-nodes",
    "get-pending",
    "instant-nodes",        "item-ids",
    "leased-subscription",  "manage-subscriptions",
    "member-affiliation",   "meta-data",
    "modify-affiliations",  "multi-items",
    "outcast-affiliation",  "persistent-items",
    "publish",              "publish-node-full",
    "publish-only-affiliation", "publish-options",
    "publisher-affiliation", "purge-nodes",
    "retract-items",        "retrieve-affiliations",
    "retrieve-default",     "retrieve-default-sub",
    "retrieve-items",       "retrieve-subscriptions",
    "rsm",                  "subscribe",
    "subscription-notifications", "subscription-options",
};

xmpp::NodeFacts facts_of(const router::pubsub::Node& node) {
  xmpp::NodeFacts facts;
  facts.created = xmpp::format_datetime(node.created);
  facts.creator = node.creator.str();
  for (const auto& [jid, affiliation] : node.affiliations.all()) {
    auto* list = affiliation == Affiliation::owner       ? &facts.owners
                 : affiliation == Affiliation::publisher ? &facts.publishers
                                                         : nullptr;
    if (list != nullptr && list->size() < limits::topic_lists_max) list->push_back(jid);
  }
  facts.subscribers = node.subscriptions.size();
  facts.items = node.items.size();
  return facts;
}

}  // namespace

void Pubsub::answer_info(const Asked& asked, const xml::Element& query) {
  xmpp::DiscoInfo info;
  info.node = std::string(query.attr_or("node", {}));
  info.features = {std::string(xmpp::ns_disco_info), std::string(xmpp::ns_disco_items),
                   std::string(xmpp::ns_pubsub)};
  auto archive = {std::string(xmpp::ns_archive), std::string(xmpp::archive_extended)};
  if (info.node.empty()) {
    info.identities = {{"pubsub", "service", "Topics", {}}};
    info.features.emplace_back(xmpp::ns_ping);
    info.features.emplace_back(xmpp::ns_commands);
    info.features.emplace_back(xmpp::ns_compare_and_publish);
    info.features.insert(info.features.end(), archive);
    for (std::string_view feature : features)
      info.features.push_back(std::string(xmpp::ns_pubsub) + '#' + std::string(feature));
    return answer(asked, xmpp::to_element(info));
  }
  if (info.node == pubsub_get_pending)
    return answer(asked, xmpp::to_element(xmpp::command_info(info.node, "Pending subscriptions")));
  if (info.node == xmpp::ns_commands) return answer(asked, xmpp::to_element(xmpp::commands_info()));
  auto found = service_.node(info.node);
  if (!found) return refuse(asked, found.error());
  Node& node = **found;
  if (!may_see(node, *this, asked.from)) return refuse(asked, Refusal(Condition::forbidden));
  info.identities = {{"pubsub", "leaf", node.config.title, {}}};
  info.features.insert(info.features.end(), archive);
  info.forms.push_back(xmpp::meta_data_form(node.config, facts_of(node)));
  answer(asked, xmpp::to_element(info));
}

namespace {

// The entries of a page: nodes by name, items by id.
struct Paged {
  explicit Paged(const xmpp::PageRequest& asked)
      : left(std::min<size_t>(asked.max.value_or(limits::topic_page_entries_max),
                              limits::topic_page_entries_max)) {}
  bool take(xmpp::DiscoItem item, const std::string& id) {
    if (left == 0) return false;
    --left;
    bytes += item.name.size() + item.node.size() + item.jid.str().size() + 40;
    if (bytes > limits::topic_answer_bytes_max) return false;
    if (items.empty()) page.first = id;
    page.last = id;
    items.push_back(std::move(item));
    return true;
  }
  size_t left, bytes = 0;
  std::vector<xmpp::DiscoItem> items;
  xmpp::Page page;
};

}  // namespace

void Pubsub::answer_items_list(const Asked& asked, const xml::Element& query) {
  std::string name(query.attr_or("node", {}));
  if (name == xmpp::ns_commands) {
    return answer(asked, xmpp::to_element(xmpp::DiscoItems{
                             name, {{domain_, std::string(pubsub_get_pending), "Pending subscriptions"}}, {}}));
  }
  auto wanted = xmpp::page_request_from(query);
  if (!wanted) return refuse(asked, xmpp::StanzaError(Condition::bad_request));
  Paged paged(*wanted);
  bool cut = *wanted != xmpp::PageRequest{};
  if (name.empty()) {
    const auto& all = service_.nodes();
    auto at = all.begin();
    if (wanted->after) at = all.upper_bound(*wanted->after);
    // What may be seen is found by going through all of them.
    if (wanted->before || wanted->index)
      return refuse(asked, xmpp::StanzaError(Condition::feature_not_implemented));
    for (; at != all.end(); ++at) {
      if (!may_see(*at->second, *this, asked.from)) continue;
      if (paged.take({domain_, at->first, at->second->config.title}, at->first)) continue;
      cut = true;
      break;
    }
  } else {
    router::pubsub::ItemQuery which;
    which.count_at_most = paged.left;
    which.bytes_at_most = SIZE_MAX;
    which.after = wanted->after;
    which.before = wanted->before;
    which.index = wanted->index;
    which.from_start = true;
    auto found = service_.retrieve(asked.from, name, which);
    if (!found) return refuse(asked, found.error());
    auto& [node, page] = *found;
    cut = cut || page.cut;
    paged.page.count = static_cast<uint32_t>(page.count);
    if (page.first_index) paged.page.first_index = static_cast<uint32_t>(*page.first_index);
    for (const router::pubsub::Item& item : page.items) {
      if (paged.take({domain_, {}, item.id}, item.id)) continue;
      cut = true;
      break;
    }
  }
  xmpp::DiscoItems answered{name, std::move(paged.items), {}};
  if (cut) answered.page = paged.page;
  answer(asked, xmpp::to_element(answered));
}

}  // namespace xbus::server
