// A registry on a stage: stanzas are handed to it as text, what it sends is read back one by one, the clock is ours.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>

#include "bus/net/virtual_loop.hpp"
#include "bus/store/memory_store.hpp"
#include "bus/store/store.hpp"
#include "bus/xml/element.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry {

class Stage final : public xmpp::EntityPort {
 public:
  explicit Stage(RegistryOptions with = {}) : options(std::move(with)) {
    options.names.claim = Claim::first;
    options.is_admin = [](const xmpp::Jid& jid) { return jid.local() == "root"; };
    open();
  }
  ~Stage() { close(); }

  // Starts the registry anew on the same store, as after a restart.
  void open() {
    registry = std::make_unique<Registry>(options, *store);
    registry->on_connected(*this);
    loop_.run_until_idle();
  }
  void close() {
    if (registry) registry->on_disconnected();
    registry.reset();
  }

  void send(const xml::Element& stanza) override { sent.push_back(stanza); }
  net::Loop& loop() override { return loop_; }

  void tell(const std::string& stanza) {
    auto element = xml::parse(stanza, xml::ns_client);
    ASSERT_TRUE(element) << stanza;
    registry->on_stanza(*element);
    loop_.run_until_idle();
  }
  void pass(Duration time) { loop_.advance(time); }

  // The next stanza sent to `to`; an empty element when there is none.
  xml::Element next(const std::string& to) {
    for (auto it = sent.begin(); it != sent.end(); ++it) {
      if (it->attr_or("to", "") != to) continue;
      xml::Element out = std::move(*it);
      sent.erase(it);
      return out;
    }
    return {};
  }
  size_t waiting(const std::string& to) const {
    size_t count = 0;
    for (const xml::Element& stanza : sent) count += stanza.attr_or("to", "") == to;
    return count;
  }
  void forget(const std::string& to) {
    while (waiting(to) != 0) next(to);
  }

  // Registers, and describes itself when asked, as an instance of ours does.
  void join(const std::string& jid, const std::string& name, const std::string& inside = "",
            const std::string& features =
                "<feature var='jabber:iq:rpc'/><feature var='urn:xbus:call:0'/>",
            const std::string& methods = "add") {
    tell("<presence from='" + jid + "' to='" + name + "@services.localhost' id='p'>" + inside +
         "</presence>");
    const xml::Element listed = next(jid);
    EXPECT_EQ(listed.name(), "presence");
    EXPECT_EQ(listed.attr("type"), nullptr) << xml::write(listed);
    const xml::Element asked = next(jid);
    if (asked.name() == "iq") describe(jid, name, asked, features, methods);
  }
  // Answers the question what the instance is.
  void describe(const std::string& jid, const std::string& name, const xml::Element& asked,
                const std::string& features =
                    "<feature var='jabber:iq:rpc'/><feature var='urn:xbus:call:0'/>",
                const std::string& methods = "add") {
    tell("<iq type='result' from='" + jid + "' to='services.localhost' id='" +
         std::string(asked.attr_or("id", "")) +
         "'><query xmlns='http://jabber.org/protocol/disco#info'>"
         "<identity category='automation' type='rpc'/>" +
         features +
         "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>"
         "urn:xbus:interface:0</value></field><field var='name'><value>" +
         name + "</value></field><field var='hash'><value>h-" + methods +
         "</value></field><field var='methods'><value>" + methods +
         "</value></field></x></query></iq>");
  }
  void leave(const std::string& jid, const std::string& name) {
    tell("<presence type='unavailable' from='" + jid + "' to='" + name + "@services.localhost'/>");
  }
  void watch(const std::string& jid, const std::string& name) {
    tell("<iq type='set' from='" + jid + "' to='services.localhost' id='w'>" +
         "<watch xmlns='urn:xbus:registry:0'><service name='" + name + "'/></watch></iq>");
  }
  // Answers the ping that waits for `jid`, with what is inside an iq of that type.
  void pong(const std::string& jid, const std::string& type = "result",
            const std::string& inside = "") {
    const xml::Element ping = next(jid);
    ASSERT_EQ(ping.name(), "iq") << "no request waits for " << jid;
    tell("<iq type='" + type + "' from='" + jid + "' to='services.localhost' id='" +
         std::string(ping.attr_or("id", "")) + "'>" + inside + "</iq>");
  }
  std::vector<std::string> live(const std::string& name) const {
    std::vector<std::string> out;
    for (const ServiceInfo& service : registry->services())
      if (service.name == name)
        for (const InstanceInfo& instance : service.instances) out.push_back(instance.jid.str());
    return out;
  }
  // Sends a Jabber-RPC call to the service address.
  void call(const std::string& from, const std::string& name, const std::string& id,
            const std::string& method = "add", const std::string& attributes = "") {
    tell("<iq type='set' from='" + from + "' to='" + name + "@services.localhost' id='" + id +
         "'><query xmlns='jabber:iq:rpc' " + attributes + "><methodCall><methodName>" + method +
         "</methodName></methodCall></query></iq>");
  }

  RegistryOptions options;
  std::unique_ptr<store::Store> store = store::make_memory_store();
  net::VirtualLoop loop_;
  std::deque<xml::Element> sent;
  std::unique_ptr<Registry> registry;
};

inline std::string condition(const xml::Element& stanza) {
  if (stanza.attr_or("type", "") != "error") return "no error: " + xml::write(stanza);
  return std::string(xmpp::name_of(xmpp::stanza_error_from(stanza).condition));
}

}  // namespace xbus::registry
