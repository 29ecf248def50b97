#include "services/ticker/publishers.hpp"

#include <algorithm>
#include <utility>

#include "bus/xmpp/pubsub.hpp"
#include "rpc/topic_service.hpp"

namespace xbus::ticker {
namespace {

xml::Element request_for(const std::string& topic) {
  xml::Element out("affiliations", xmpp::ns_pubsub_owner);
  out.set("node", topic);
  return out;
}

void add(xml::Element& to, const xmpp::Jid& jid, std::string_view affiliation) {
  to.add("affiliation").set("jid", jid.str()).set("affiliation", affiliation);
}

}  // namespace

std::vector<xmpp::Jid> publishers_of(const std::vector<std::string>& accounts, std::string_view bus_domain) {
  std::vector<xmpp::Jid> out;
  for (const std::string& account : accounts) {
    auto jid = account.find('@') == account.npos ? xmpp::Jid::make(account, bus_domain) : xmpp::Jid::parse(account);
    if (jid && std::find(out.begin(), out.end(), *jid) == out.end()) out.push_back(std::move(*jid));
  }
  return out;
}

std::optional<xml::Element> changes(const xml::Element& affiliations, const std::vector<xmpp::Jid>& wanted,
                                    const std::string& topic) {
  xml::Element out = request_for(topic);
  std::vector<xmpp::Jid> there;
  for (const xml::Element* each : affiliations.elements("affiliation", xmpp::ns_pubsub_owner)) {
    auto jid = xmpp::Jid::parse(each->attr_or("jid", ""));
    const auto affiliation = xmpp::affiliation_of(each->attr_or("affiliation", ""));
    if (!jid || !affiliation || *affiliation == xmpp::Affiliation::none) continue;
    const bool is_wanted = std::find(wanted.begin(), wanted.end(), *jid) != wanted.end();
    if (*affiliation == xmpp::Affiliation::publisher && !is_wanted) add(out, *jid, "none");
    if (*affiliation != xmpp::Affiliation::member) there.push_back(std::move(*jid));
  }
  for (const xmpp::Jid& jid : wanted)
    if (std::find(there.begin(), there.end(), jid) == there.end()) add(out, jid, "publisher");
  if (out.element_count() == 0) return std::nullopt;
  return out;
}

Task<void> allow_publishers(TopicService& service, std::string topic, std::vector<xmpp::Jid> wanted) {
  const auto wrapped = [](xml::Element inside) {
    xml::Element pubsub("pubsub", xmpp::ns_pubsub_owner);
    pubsub.add(std::move(inside));
    return pubsub;
  };
  auto reading = service.ask("get", wrapped(request_for(topic)));
  const xml::Element answer = co_await std::move(reading);
  const xml::Element* present = answer.first("affiliations", xmpp::ns_pubsub_owner);
  auto needed = changes(present ? *present : xml::Element(), wanted, topic);
  if (!needed) co_return;
  auto changing = service.ask("set", wrapped(std::move(*needed)));
  co_await std::move(changing);
}

}  // namespace xbus::ticker
