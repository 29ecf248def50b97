#include "rpc/waiter.hpp"

#include "bus/xmpp/stanza.hpp"

namespace xbus {

std::string waiter_place(std::string_view from, std::string_view id) {
  return std::string(from) + '\n' + std::string(id);
}

Waiter waiter_for(const xml::Element& stanza, const std::string& call_id, jabber_rpc::Dialect dialect, bool one_way) {
  Waiter waiter;
  waiter.head = xml::Element(stanza.name(), stanza.ns());
  for (const xml::Attribute& attribute : stanza.attributes())
    if (attribute.ns.empty()) waiter.head.set(attribute.name, attribute.value);
  waiter.dialect = dialect;
  waiter.one_way = one_way;
  waiter.place = waiter_place(stanza.attr_or("from", ""), call_id.empty() ? stanza.attr_or("id", "") : call_id);
  return waiter;
}

FaultKind Waiter::answer(const Outcome& outcome, const std::function<bool(const xml::Element&)>& send) const {
  if (told) told(outcome);
  if (told || one_way) return outcome ? FaultKind::ok : outcome.error().kind();
  const auto fault = [&](const Fault& what) {
    (void)send(xmpp::result_for(head, jabber_rpc::write_fault(what, dialect)));
    return what.kind();
  };
  if (!outcome) return fault(outcome.error());
  // Strict peers cannot receive nil; where a method returns nothing they get true.
  const bool stands_for_nil = nothing && outcome->is_nil() && dialect == jabber_rpc::Dialect::strict;
  auto query = jabber_rpc::write_result(stands_for_nil ? Value(true) : *outcome, dialect);
  if (!query) {
    const auto kind = query.error().kind() == Fault::Kind::too_big ? Fault::Kind::too_big : Fault::Kind::failed;
    return fault(Fault(kind, "the result cannot be sent: " + query.error().message()));
  }
  if (send(xmpp::result_for(head, std::move(*query)))) return FaultKind::ok;
  return fault(Fault(Fault::Kind::too_big, "the result is too big to send"));
}

void Waiter::refuse(const xmpp::StanzaError& error, const std::function<bool(const xml::Element&)>& send) const {
  if (told) told(Err{fault_from(error)});
  if (told || one_way) return;
  if (auto stanza = xmpp::error_for(head, error)) (void)send(*stanza);
}

}  // namespace xbus
