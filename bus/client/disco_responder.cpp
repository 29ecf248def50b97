#include "bus/client/disco_responder.hpp"

#include <algorithm>
#include <utility>

#include "bus/xmpp/caps.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus::client {

DiscoResponder::DiscoResponder(Client& client, std::string caps_node)
    : client_(client), caps_node_(std::move(caps_node)) {
  info_.features = {std::string(xmpp::ns_disco_info), std::string(xmpp::ns_disco_items),
                    std::string(xmpp::ns_caps), std::string(xmpp::ns_caps2)};
  client_.on_iq(xmpp::ns_disco_info, [this](const xml::Element& iq) { answer_info(iq); });
  client_.on_iq(xmpp::ns_disco_items, [this](const xml::Element& iq) { answer_items(iq); });
}

DiscoResponder::~DiscoResponder() {
  client_.on_iq(xmpp::ns_disco_info, nullptr);
  client_.on_iq(xmpp::ns_disco_items, nullptr);
}

void DiscoResponder::add_identity(xmpp::Identity identity) {
  auto& all = info_.identities;
  if (std::find(all.begin(), all.end(), identity) != all.end()) return;
  all.push_back(std::move(identity));
  change();
}

void DiscoResponder::add_feature(std::string feature) {
  if (info_.has_feature(feature)) return;
  info_.features.push_back(std::move(feature));
  change();
}

void DiscoResponder::remove_feature(std::string_view feature) {
  if (std::erase(info_.features, feature) > 0) change();
}

void DiscoResponder::set_form(xmpp::Form form) {
  auto type = std::string(form.form_type());
  if (auto* old = info_.form(type); old && *old == form) return;
  std::erase_if(info_.forms, [&](auto& other) { return other.form_type() == type; });
  info_.forms.push_back(std::move(form));
  change();
}

void DiscoResponder::remove_form(std::string_view form_type) {
  if (std::erase_if(info_.forms, [&](auto& form) { return form.form_type() == form_type; }) > 0) change();
}

void DiscoResponder::hash() const {
  if (std::exchange(hashed_, true)) return;
  caps_.clear();
  nodes_.clear();
  if (auto caps = xmpp::make_caps(caps_node_, info_)) {
    caps_.push_back(xmpp::to_element(*caps));
    nodes_.push_back(caps->disco_node());
  }
  if (auto caps = xmpp::make_caps2(info_)) {
    for (auto& one : xmpp::caps2_from(*caps)) nodes_.push_back(one.disco_node());
    caps_.push_back(std::move(*caps));
  }
}

void DiscoResponder::change() {
  hashed_ = false;
  if (changed_) changed_();
}

void DiscoResponder::answer_info(const xml::Element& iq) {
  auto node = std::string(iq.first_element()->attr_or("node", ""));
  auto refuse = [&](xmpp::Condition condition) {
    if (auto error = xmpp::error_for(iq, condition)) client_.send(*error);
  };
  if (xmpp::iq_type(iq) != xmpp::IqType::get) return refuse(xmpp::Condition::bad_request);
  if (!node.empty()) hash();
  if (!node.empty() && std::find(nodes_.begin(), nodes_.end(), node) == nodes_.end()) {
    auto from = xmpp::Jid::parse(iq.attr_or("from", ""));
    auto told = node_info_ && from ? node_info_(*from, node) : std::nullopt;
    if (!told) return refuse(xmpp::Condition::item_not_found);
    client_.send(xmpp::result_for(iq, xmpp::to_element(*told)));
    return;
  }
  auto answer = info_;
  answer.node = node;
  client_.send(xmpp::result_for(iq, xmpp::to_element(answer)));
}

void DiscoResponder::answer_items(const xml::Element& iq) {
  auto node = std::string(iq.first_element()->attr_or("node", ""));
  auto get = xmpp::iq_type(iq) == xmpp::IqType::get;
  if (get && !node.empty() && node_items_) {
    auto from = xmpp::Jid::parse(iq.attr_or("from", ""));
    if (auto told = from ? node_items_(*from, node) : std::nullopt) {
      client_.send(xmpp::result_for(iq, xmpp::to_element(xmpp::DiscoItems{node, std::move(*told), {}})));
      return;
    }
  }
  if (!get || !node.empty()) {
    auto condition = get ? xmpp::Condition::item_not_found : xmpp::Condition::bad_request;
    if (auto error = xmpp::error_for(iq, condition)) client_.send(*error);
    return;
  }
  client_.send(xmpp::result_for(iq, xmpp::to_element(xmpp::DiscoItems{{}, items_, {}})));
}

}  // namespace xbus::client
