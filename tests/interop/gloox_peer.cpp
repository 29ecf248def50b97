// gloox on the bus: `peer_gloox client` logs in over STARTTLS and does what any chat client does
// first.
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/connectiontcpclient.h>
#include <gloox/disco.h>
#include <gloox/discohandler.h>
#include <gloox/event.h>
#include <gloox/eventhandler.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>
#include <gloox/rosteritem.h>
#include <gloox/rosterlistener.h>
#include <gloox/rostermanager.h>
#include <gloox/tlsdefault.h>

#include <algorithm>

#include "tests/interop/told.hpp"

using xbus::interop::give_up;
using xbus::interop::say;
using xbus::interop::told;

namespace {

class Peer : public gloox::ConnectionListener,
             public gloox::DiscoHandler,
             public gloox::EventHandler,
             public gloox::MessageHandler,
             public gloox::RosterListener {
 public:
  Peer() : client_(gloox::JID(told("JID")), told("PASSWORD")), partner_(told("PARTNER")) {
    client_.registerConnectionListener(this);
    client_.registerMessageHandler(this);
    client_.rosterManager()->registerRosterListener(this);
    client_.setTls(gloox::TLSRequired);
    // Its SCRAM-PLUS binds to tls-unique, which TLS 1.3 does not have (RFC 9266 section 3), and its SCRAM without it
    // says that the server offered no binding, which a server that did must refuse (RFC 5802 section 6).
    client_.setSASLMechanisms(gloox::SaslMechPlain);
    // The client does not pass the file of setCACerts() on to its TLS, so the TLS is made here.
    auto* tls = new gloox::TLSDefault(&client_, client_.jid().server());
    if (!tls->init("", {}, {})) give_up("no TLS in the library");
    tls->setCACerts({told("CA_FILE")});
    client_.setEncryptionImpl(tls);
    client_.setConnectionImpl(new gloox::ConnectionTCPClient(
        &client_, client_.logInstance(), told("HOST"), std::stoi(told("PORT"))));
  }

  void run() {
    if (!client_.connect(false)) give_up("cannot connect");
    while (client_.recv(200'000) == gloox::ConnNoError) {
    }
    if (!ended_) give_up("disconnected, error " + std::to_string(error_));
  }

  // ---- the connection ----
  bool onTLSConnect(const gloox::CertInfo& info) override {
    if (info.status != gloox::CertOk) give_up("certificate: status " + std::to_string(info.status));
    secured_ = true;
    return true;
  }
  void onConnect() override {
    if (!secured_) give_up("not under TLS");
    say("login " + client_.jid().full());
    client_.disco()->getDiscoInfo(gloox::JID(client_.jid().server()), "", this, 0);
  }
  void onDisconnect(gloox::ConnectionError error) override { error_ = error; }

  // ---- disco ----
  void handleDiscoInfo(const gloox::JID&, const gloox::Disco::Info& info, int) override {
    say(info.hasFeature("http://jabber.org/protocol/disco#info") ? "disco True" : "disco False");
    client_.xmppPing(gloox::JID(client_.jid().server()), this);
  }
  void handleDiscoItems(const gloox::JID&, const gloox::Disco::Items&, int) override {}
  void handleDiscoError(const gloox::JID&, const gloox::Error*, int) override {
    give_up("disco refused");
  }

  // ---- ping ----
  void handleEvent(const gloox::Event& event) override {
    if (event.eventType() == gloox::Event::PingPing) return;  // a ping of the server's
    if (event.eventType() != gloox::Event::PingPong) give_up("ping refused");
    say("ping ok");
    pinged_ = true;
    subscribe();
  }

  // ---- roster: the library fetches it after login by itself ----
  void handleRoster(const gloox::Roster&) override {
    rostered_ = true;
    subscribe();
  }
  void handleItemSubscribed(const gloox::JID& jid) override { note_subscribed(jid); }
  // The library reports the push with subscription='to' as an update.
  void handleItemUpdated(const gloox::JID& jid) override {
    const gloox::RosterItem* item = client_.rosterManager()->getRosterItem(jid);
    if (item && item->subscription() == gloox::S10nTo) note_subscribed(jid);
  }
  void handleItemAdded(const gloox::JID&) override {}
  void handleItemRemoved(const gloox::JID&) override {}
  void handleItemUnsubscribed(const gloox::JID&) override {}
  void handleRosterPresence(const gloox::RosterItem&, const std::string&,
                            gloox::Presence::PresenceType, const std::string&) override {}
  void handleSelfPresence(const gloox::RosterItem&, const std::string&,
                          gloox::Presence::PresenceType, const std::string&) override {}
  bool handleSubscriptionRequest(const gloox::JID&, const std::string&) override { return true; }
  bool handleUnsubscriptionRequest(const gloox::JID&, const std::string&) override { return true; }
  void handleNonrosterPresence(const gloox::Presence&) override {}
  void handleRosterError(const gloox::IQ&) override { give_up("roster refused"); }

  // ---- messages ----
  void handleMessage(const gloox::Message& message, gloox::MessageSession*) override {
    if (message.body().empty()) return;
    say("message " + message.body());
    std::string items;
    for (const auto& [jid, item] : *client_.rosterManager()->roster()) {
      items += (items.empty() ? "" : ",") + jid +
               (item->subscription() == gloox::S10nTo ? ":to" : ":other");
    }
    say("roster " + items);
    ended_ = true;
    client_.disconnect();
  }

 private:
  void subscribe() {
    if (pinged_ && rostered_) client_.rosterManager()->subscribe(partner_, "the partner");
  }
  void note_subscribed(const gloox::JID& jid) {
    if (subscribed_) return;
    subscribed_ = true;
    say("subscribed " + jid.bare());
    client_.send(gloox::Message(gloox::Message::Chat, partner_, "1 < 2 & ünïcode"));
  }

  gloox::Client client_;
  gloox::JID partner_;
  gloox::ConnectionError error_ = gloox::ConnNoError;
  bool secured_ = false, pinged_ = false, rostered_ = false, subscribed_ = false, ended_ = false;
};

}  // namespace

int main() {
  Peer peer;
  peer.run();
}
