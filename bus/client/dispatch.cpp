#include "bus/client/dispatch.hpp"

#include <exception>
#include <utility>

#include "bus/xmpp/stanza.hpp"

namespace xbus::client {

void Dispatch::on_iq(std::string_view payload_ns, Handler handler) {
  if (handler) {
    iq_.insert_or_assign(std::string(payload_ns), std::make_shared<Handler>(std::move(handler)));
  } else if (auto found = iq_.find(payload_ns); found != iq_.end()) {
    iq_.erase(found);
  }
}

bool Dispatch::heard(xml::StanzaView::Kind kind) const {
  using Kind = xml::StanzaView::Kind;
  if (all_ || kind == Kind::iq) return true;
  return kind == Kind::message ? !message_.empty() : kind == Kind::presence && !presence_.empty();
}

void Dispatch::deliver(const xml::Element& stanza) {
  if (all_) {
    auto handler = all_;
    handler(stanza);
  } else if (stanza.name() == "iq") {
    deliver_iq(stanza);
  } else {
    auto& handlers = stanza.name() == "message" ? message_ : presence_;
    for (size_t i = 0; i < handlers.size(); ++i) handlers[i](stanza);
  }
}

void Dispatch::deliver_iq(const xml::Element& iq) {
  auto refuse = [&](const xmpp::StanzaError& error) {
    if (auto answer = xmpp::error_for(iq, error)) send_(*answer);
  };
  auto type = xmpp::iq_type(iq);
  // An answer to nothing of ours is never answered (section 8.2.3).
  if (type == xmpp::IqType::result || type == xmpp::IqType::error) return;
  if (auto error = xmpp::error_of(xmpp::check(iq))) return refuse(*error);
  auto found = iq_.find(iq.first_element()->ns());
  if (found == iq_.end()) return refuse(xmpp::Condition::service_unavailable);
  auto handler = found->second;
  try {
    (*handler)(iq);
  } catch (const std::exception&) {
    refuse(xmpp::Condition::internal_server_error);
  }
}

}  // namespace xbus::client
