#include "bus/server/small_features.hpp"

#include "bus/server/hub.hpp"
#include "bus/xmpp/entity_time.hpp"
#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/software_version.hpp"

#ifndef XBUS_VERSION
#define XBUS_VERSION "unknown"
#endif

namespace xbus::server {
namespace {

const xmpp::StanzaError unknown(xmpp::Condition::service_unavailable);

void answer_ping(Hub&, const IqRequest& request, const IqAnswer& answer) {
  if (request.set || request.payload.name() != "ping") return answer.error(unknown);
  answer.result();
}

void answer_version(Hub&, const IqRequest& request, const IqAnswer& answer) {
  if (request.set || request.payload.name() != "query") return answer.error(unknown);
  answer.result(xmpp::to_element(xmpp::SoftwareVersion{"xbusd", XBUS_VERSION, {}}));
}

void answer_time(Hub& hub, const IqRequest& request, const IqAnswer& answer) {
  if (request.set || request.payload.name() != "time") return answer.error(unknown);
  answer.result(xmpp::to_element(xmpp::EntityTime{hub.wall(), {}}));
}

}  // namespace

void add_ping(IqHandlers& handlers) {
  handlers.add(IqHandlers::For::server, xmpp::ns_ping, answer_ping);
  handlers.add(IqHandlers::For::account, xmpp::ns_ping, answer_ping);
}

void add_version(IqHandlers& handlers) {
  handlers.add(IqHandlers::For::server, xmpp::ns_version, answer_version);
}

void add_time(IqHandlers& handlers) {
  handlers.add(IqHandlers::For::server, xmpp::ns_time, answer_time);
}

}  // namespace xbus::server
