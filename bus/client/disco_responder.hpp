// What a client says about itself: the answers to service discovery (XEP-0030) and the entity capabilities that stand
// for them (XEP-0115, XEP-0390).
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/client/client.hpp"
#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/forms.hpp"

namespace xbus::client {

// Answers disco#info for no node and for its own caps nodes, disco#items with the items given; any other node is
// item-not-found. It must outlive the client's use of it or go before it.
class DiscoResponder {
 public:
  // `caps_node` is the URI that names the software. Has the features disco#info, disco#items and caps from the start.
  DiscoResponder(Client& client, std::string caps_node);
  ~DiscoResponder();
  DiscoResponder(const DiscoResponder&) = delete;
  DiscoResponder& operator=(const DiscoResponder&) = delete;

  // Each changes the caps hash, if it changes anything, and then calls the on_change handler (DISCO-04).
  void add_identity(xmpp::Identity identity);
  void add_feature(std::string feature);
  void remove_feature(std::string_view feature);
  void set_form(xmpp::Form form);  // replaces the one of its FORM_TYPE
  void remove_form(std::string_view form_type);

  void set_items(std::vector<xmpp::DiscoItem> items) { items_ = std::move(items); }

  // Nodes that are told by somebody else, to whom they concern; nullopt: item-not-found.
  using NodeItems = std::function<std::optional<std::vector<xmpp::DiscoItem>>(const xmpp::Jid& from, std::string_view node)>;
  using NodeInfo = std::function<std::optional<xmpp::DiscoInfo>(const xmpp::Jid& from, std::string_view node)>;
  void on_node(NodeItems items, NodeInfo info) {
    node_items_ = std::move(items);
    node_info_ = std::move(info);
  }

  const xmpp::DiscoInfo& info() const { return info_; }
  // The children of a presence that stand for info().
  const std::vector<xml::Element>& caps() const {
    hash();
    return caps_;
  }
  // Presence has to be sent again.
  void on_change(std::function<void()> handler) { changed_ = std::move(handler); }

 private:
  void answer_info(const xml::Element& iq);
  void answer_items(const xml::Element& iq);
  void hash() const;
  void change();

  Client& client_;
  std::string caps_node_;
  xmpp::DiscoInfo info_;
  std::vector<xmpp::DiscoItem> items_;
  // What follows from info_, made when it is asked for: most callers never send a presence.
  mutable bool hashed_ = false;
  mutable std::vector<xml::Element> caps_;
  mutable std::vector<std::string> nodes_;  // that stand for info(), the caps nodes
  std::function<void()> changed_;
  NodeItems node_items_;
  NodeInfo node_info_;
};

}  // namespace xbus::client
