// libstrophe on the bus: `peer_strophe client` logs in over STARTTLS and does what any chat client
// does first.
#include <strophe.h>

#include <memory>
#include <string>

#include "tests/interop/told.hpp"

using xbus::interop::give_up;
using xbus::interop::say;
using xbus::interop::told;

namespace {

constexpr int keep = 1;
constexpr int done = 0;

struct Peer {
  xmpp_ctx_t* context;
  xmpp_conn_t* connection;
  std::string domain, partner = told("PARTNER");
};

Peer& peer_of(void* data) { return *static_cast<Peer*>(data); }

std::string attribute(xmpp_stanza_t* stanza, const char* name) {
  const char* value = xmpp_stanza_get_attribute(stanza, name);
  return value ? value : "";
}

// Sends an iq with one empty payload and gives the answer to `then`.
void ask(Peer& peer, const char* type, const char* id, const std::string& to,
         const std::string& payload, xmpp_handler then) {
  xmpp_stanza_t* iq = xmpp_iq_new(peer.context, type, id);
  if (!to.empty()) xmpp_stanza_set_to(iq, to.c_str());
  xmpp_stanza_t* child = xmpp_stanza_new_from_string(peer.context, payload.c_str());
  if (!child) give_up("the payload is not XML: " + payload);
  xmpp_stanza_add_child_ex(iq, child, 0);
  xmpp_id_handler_add(peer.connection, then, id, &peer);
  xmpp_send(peer.connection, iq);
  xmpp_stanza_release(iq);
}

void must_be_result(xmpp_stanza_t* stanza, const char* what) {
  if (attribute(stanza, "type") != "result")
    give_up(std::string(what) + " answered " + attribute(stanza, "type"));
}

int on_last_roster(xmpp_conn_t*, xmpp_stanza_t* stanza, void* data) {
  must_be_result(stanza, "roster");
  xmpp_stanza_t* query = xmpp_stanza_get_child_by_ns(stanza, "jabber:iq:roster");
  std::string items;
  for (auto* item = query ? xmpp_stanza_get_children(query) : nullptr; item;
       item = xmpp_stanza_get_next(item)) {
    items +=
        (items.empty() ? "" : ",") + attribute(item, "jid") + ":" + attribute(item, "subscription");
  }
  say("roster " + items);
  xmpp_disconnect(peer_of(data).connection);
  return done;
}

int on_message(xmpp_conn_t*, xmpp_stanza_t* stanza, void* data) {
  Peer& peer = peer_of(data);
  char* body = xmpp_message_get_body(stanza);
  say(std::string("message ") + (body ? body : ""));
  xmpp_free(peer.context, body);
  ask(peer, "get", "roster2", "", "<query xmlns='jabber:iq:roster'/>", on_last_roster);
  return done;
}

int on_presence(xmpp_conn_t*, xmpp_stanza_t* stanza, void* data) {
  Peer& peer = peer_of(data);
  if (attribute(stanza, "type") != "subscribed") return keep;
  const std::string from = attribute(stanza, "from");
  say("subscribed " + from.substr(0, from.find('/')));
  xmpp_stanza_t* message = xmpp_message_new(peer.context, "chat", peer.partner.c_str(), "m1");
  xmpp_message_set_body(message, "1 < 2 & ünïcode");
  xmpp_send(peer.connection, message);
  xmpp_stanza_release(message);
  return done;
}

int on_added(xmpp_conn_t*, xmpp_stanza_t* stanza, void* data) {
  Peer& peer = peer_of(data);
  must_be_result(stanza, "roster set");
  xmpp_stanza_t* presence = xmpp_presence_new(peer.context);
  xmpp_send(peer.connection, presence);
  xmpp_stanza_set_to(presence, peer.partner.c_str());
  xmpp_stanza_set_type(presence, "subscribe");
  xmpp_send(peer.connection, presence);
  xmpp_stanza_release(presence);
  return done;
}

int on_roster(xmpp_conn_t*, xmpp_stanza_t* stanza, void* data) {
  Peer& peer = peer_of(data);
  must_be_result(stanza, "roster");
  ask(peer, "set", "add1", "",
      "<query xmlns='jabber:iq:roster'><item jid='" + peer.partner +
          "' name='the partner'/></query>",
      on_added);
  return done;
}

int on_pong(xmpp_conn_t*, xmpp_stanza_t* stanza, void* data) {
  must_be_result(stanza, "ping");
  say("ping ok");
  ask(peer_of(data), "get", "roster1", "", "<query xmlns='jabber:iq:roster'/>", on_roster);
  return done;
}

int on_info(xmpp_conn_t*, xmpp_stanza_t* stanza, void* data) {
  Peer& peer = peer_of(data);
  must_be_result(stanza, "disco");
  xmpp_stanza_t* query =
      xmpp_stanza_get_child_by_ns(stanza, "http://jabber.org/protocol/disco#info");
  bool listed = false;
  for (auto* child = query ? xmpp_stanza_get_children(query) : nullptr; child;
       child = xmpp_stanza_get_next(child)) {
    listed |= attribute(child, "var") == "http://jabber.org/protocol/disco#info";
  }
  say(listed ? "disco True" : "disco False");
  ask(peer, "get", "ping1", peer.domain, "<ping xmlns='urn:xmpp:ping'/>", on_pong);
  return done;
}

// Answers what others ask, as every entity must (RFC 6120 section 8.2.3).
int on_request(xmpp_conn_t*, xmpp_stanza_t* stanza, void* data) {
  const std::string type = attribute(stanza, "type");
  if (type != "get" && type != "set") return keep;
  Peer& peer = peer_of(data);
  // By hand: the library's reply needs a `from`, which a roster push may leave out (RFC 6121
  // section 2.1.6).
  const bool push = xmpp_stanza_get_child_by_ns(stanza, "jabber:iq:roster") != nullptr;
  xmpp_stanza_t* answer =
      xmpp_iq_new(peer.context, push ? "result" : "error", attribute(stanza, "id").c_str());
  const std::string from = attribute(stanza, "from");
  if (!from.empty()) xmpp_stanza_set_to(answer, from.c_str());
  if (!push) {
    xmpp_stanza_add_child_ex(
        answer,
        xmpp_stanza_new_from_string(peer.context,
                                    "<error type='cancel'><service-unavailable "
                                    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"),
        0);
  }
  xmpp_send(peer.connection, answer);
  xmpp_stanza_release(answer);
  return keep;
}

void on_connection(xmpp_conn_t* connection, xmpp_conn_event_t event, int error,
                   xmpp_stream_error_t* stream_error, void* data) {
  Peer& peer = peer_of(data);
  if (event != XMPP_CONN_CONNECT) {
    if (error || stream_error) give_up("disconnected, error " + std::to_string(error));
    return xmpp_stop(peer.context);
  }
  if (!xmpp_conn_is_secured(connection)) give_up("not under TLS");
  say(std::string("login ") + xmpp_conn_get_bound_jid(connection));
  xmpp_handler_add(connection, on_request, nullptr, "iq", nullptr, &peer);
  xmpp_handler_add(connection, on_presence, nullptr, "presence", nullptr, &peer);
  xmpp_handler_add(connection, on_message, nullptr, "message", "chat", &peer);
  ask(peer, "get", "info1", peer.domain, "<query xmlns='http://jabber.org/protocol/disco#info'/>",
      on_info);
}

int refuse_certificate(const xmpp_tlscert_t*, const char* why) {
  give_up(std::string("certificate: ") + why);
}

}  // namespace

int main() {
  xmpp_initialize();
  Peer peer;
  const bool verbose = !told("DEBUG").empty();
  peer.context =
      xmpp_ctx_new(nullptr, xmpp_get_default_logger(verbose ? XMPP_LEVEL_DEBUG : XMPP_LEVEL_ERROR));
  peer.connection = xmpp_conn_new(peer.context);
  const std::string jid = told("JID");
  const auto at = jid.find('@') + 1;
  peer.domain = jid.substr(at, jid.find('/') - at);
  xmpp_conn_set_jid(peer.connection, jid.c_str());
  xmpp_conn_set_pass(peer.connection, told("PASSWORD").c_str());
  xmpp_conn_set_flags(peer.connection, XMPP_CONN_FLAG_MANDATORY_TLS);
  xmpp_conn_set_cafile(peer.connection, told("CA_FILE").c_str());
  xmpp_conn_set_certfail_handler(peer.connection, refuse_certificate);
  const auto port = static_cast<unsigned short>(std::stoi(told("PORT")));
  if (xmpp_connect_client(peer.connection, told("HOST").c_str(), port, on_connection, &peer) !=
      XMPP_EOK) {
    give_up("cannot connect");
  }
  xmpp_run(peer.context);
  xmpp_conn_release(peer.connection);
  xmpp_ctx_free(peer.context);
  xmpp_shutdown();
}
