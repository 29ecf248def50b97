// A bus with the pubsub service on it, and the few stanzas that plays about it say.
#pragma once
#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {

constexpr std::string_view ns_ps = "http://jabber.org/protocol/pubsub";
constexpr std::string_view ns_ps_owner = "http://jabber.org/protocol/pubsub#owner";
constexpr std::string_view ns_ps_event = "http://jabber.org/protocol/pubsub#event";

class Topics : public testing::Test {
 protected:
  explicit Topics(Options options = {},
                  std::unique_ptr<store::Store> with = store::make_memory_store())
      : bus(std::move(options), std::move(with)) {
    serve(bus);
  }

  void serve(Bus& on) {
    on.server.serve_topics(
        "events.localhost",
        {.owns = [this](std::string_view name, const xmpp::Jid& who) { return owner(name) == who.str(); },
         .owned = [this](std::string_view name) { return !owner(name).empty(); },
         .claim = [this](std::string_view name, const xmpp::Jid& who) { return owner(name) == who.str(); }});
  }
  std::string owner(std::string_view name) const {
    auto found = names.find(name);
    return found == names.end() ? std::string() : found->second;
  }

  // The one stanza that answers.
  static xml::Element ask(Actor& who, std::string_view type, const std::string& payload) {
    static int number = 0;
    std::string id = "q" + std::to_string(++number);
    who.send("<iq to='events.localhost' type='" + std::string(type) + "' id='" + id + "'>" + payload + "</iq>");
    for (xml::Element& stanza : who.stanzas()) {
      if (stanza.attr_or("id", "") == id) return std::move(stanza);
    }
    ADD_FAILURE() << "no answer to " << payload;
    return xml::Element("iq", xml::ns_client);
  }
  static xml::Element pubsub(Actor& who, std::string_view type, const std::string& inside) {
    return ask(who, type, "<pubsub xmlns='" + std::string(ns_ps) + "'>" + inside + "</pubsub>");
  }
  static xml::Element own(Actor& who, std::string_view type, const std::string& inside) {
    return ask(who, type, "<pubsub xmlns='" + std::string(ns_ps_owner) + "'>" + inside + "</pubsub>");
  }
  // "result", or the condition of the error with pubsub's own.
  static std::string outcome(const xml::Element& iq) {
    if (iq.attr_or("type", "") == "result") return "result";
    std::string text = condition_of(iq);
    const xml::Element* error = iq.first("error", xml::ns_client);
    if (error == nullptr) return text;
    for (const xml::Element* child : error->elements()) {
      if (child->ns() == "http://jabber.org/protocol/pubsub#errors") text += '+' + child->name();
    }
    return text;
  }
  static std::string form(std::string_view type,
                          const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string text = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>"
                       "http://jabber.org/protocol/pubsub#" + std::string(type) + "</value></field>";
    for (const auto& [var, value] : fields)
      text += "<field var='pubsub#" + var + "'><value>" + value + "</value></field>";
    return text + "</x>";
  }
  static std::string create(Actor& who, const std::string& node,
                            const std::vector<std::pair<std::string, std::string>>& fields = {}) {
    return outcome(pubsub(who, "set", "<create node='" + node + "'/><configure>" +
                                          form("node_config", fields) + "</configure>"));
  }
  static std::string subscribe(Actor& who, const std::string& node, const std::string& more = {}) {
    xml::Element answer =
        pubsub(who, "set", "<subscribe node='" + node + "' jid='" + who.jid() + "'/>" + more);
    if (outcome(answer) != "result") return outcome(answer);
    return std::string(answer.first_element()->first_element()->attr_or("subscription", ""));
  }
  static std::string item(const std::string& id, const std::string& text = "t") {
    return "<item id='" + id + "'><p xmlns='u'>" + text + "</p></item>";
  }
  static std::string publish(Actor& who, const std::string& node, const std::string& items) {
    return outcome(pubsub(who, "set", "<publish node='" + node + "'>" + items + "</publish>"));
  }
  // The ids of the node's items, as a retrieval shows them.
  static std::string items(Actor& who, const std::string& node, const std::string& more = {}) {
    xml::Element answer = pubsub(who, "get", "<items node='" + node + "'/>" + more);
    if (outcome(answer) != "result") return outcome(answer);
    return ids(*answer.first_element()->first("items", ns_ps));
  }
  static std::string ids(const xml::Element& list) {
    std::string text;
    for (const xml::Element* one : list.elements()) {
      if (one->name() == "cap-v-map") continue;
      if (one->name() == "retract") text += '-';
      text += std::string(one->attr_or("id", "")) + ' ';
    }
    return text;
  }
  // What the actor was told, one line an event: "items n: a b ", "purge n", "missed 3 from a".
  static std::vector<std::string> events(Actor& who) {
    std::vector<std::string> told;
    for (const xml::Element& stanza : who.stanzas()) {
      if (stanza.name() != "message") continue;
      EXPECT_EQ(stanza.attr_or("type", ""), "headline");
      EXPECT_EQ(stanza.attr_or("from", ""), "events.localhost");
      if (const xml::Element* missed = stanza.first("missed", "urn:xbus:events:0")) {
        told.push_back("missed " + std::string(missed->attr_or("count", "")) + " from " +
                       std::string(missed->attr_or("first", "")));
        continue;
      }
      const xml::Element* event = stanza.first("event", ns_ps_event);
      if (event == nullptr) continue;
      const xml::Element& what = *event->first_element();
      std::string line = what.name() + ' ' + std::string(what.attr_or("node", ""));
      if (what.name() == "items") line += ": " + ids(what);
      if (what.name() == "subscription")
        line += ' ' + std::string(what.attr_or("jid", "")) + ' ' + std::string(what.attr_or("subscription", ""));
      told.push_back(std::move(line));
    }
    return told;
  }

  std::map<std::string, std::string, std::less<>> names;
  Bus bus;
};

}  // namespace xbus::server
