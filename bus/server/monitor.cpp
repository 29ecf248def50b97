#include "bus/server/monitor.hpp"

#include "bus/server/hub.hpp"

namespace xbus::server {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

void start(Hub& hub, const router::Slot& slot, const IqRequest& request, const IqAnswer& answer) {
  const auto wanted = tap_start_from(request.payload);
  if (!wanted) return answer.error(wanted.error());
  const auto scope = hub.taps.start(slot, *wanted);
  if (!scope) return answer.error(scope.error());
  xml::Element started("started", ns_monitor);
  started.set("scope", name_of(*scope));
  answer.result(std::move(started));
}

void stop(Hub& hub, const router::Slot& slot, const IqAnswer& answer) {
  const auto ended = hub.taps.stop(slot);
  if (!ended) return answer.error(StanzaError(Condition::item_not_found));
  xml::Element stopped("stopped", ns_monitor);
  stopped.set("shown", std::to_string(ended->shown));
  stopped.set("missed", std::to_string(ended->missed));
  answer.result(std::move(stopped));
}

void answer_monitor(Hub& hub, const IqRequest& request, const IqAnswer& answer) {
  const Taps::Blind blind(hub.taps);
  if (!request.set) return answer.error({Condition::bad_request, "monitors are set, not got"});
  // A component has no session to be shown anything, and no account that it could be shown.
  const router::Slot* slot = hub.routes.find(request.from.str());
  if (slot == nullptr)
    return answer.error({Condition::forbidden, "only sessions of accounts may watch"});
  if (request.payload.is("stop", ns_monitor)) return stop(hub, *slot, answer);
  start(hub, *slot, request, answer);
}

}  // namespace

void add_monitor(IqHandlers& handlers) {
  handlers.add(IqHandlers::For::server, ns_monitor, answer_monitor);
}

}  // namespace xbus::server
