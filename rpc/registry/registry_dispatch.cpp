// Passing calls on: what the registry does for callers that know nothing of xbus.
#include <algorithm>

#include "bus/crypto/random.hpp"
#include "rpc/error_table.hpp"
#include "rpc/metadata.hpp"
#include "rpc/registry/registry.hpp"
#include "rpc/registry/relay.hpp"

namespace xbus::registry {

// `since`: when it came. It may have waited until an instance said what it is.
void Registry::dispatch(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to, Time since) {
  const std::string key = key_of(to);
  const xml::Element* payload = stanza.first_element();
  const std::string caller_id(stanza.attr_or("id", ""));
  if (!visible(from, key)) return answer(stanza, xmpp::Condition::forbidden);
  if (caller_id.size() > limits::dispatched_id_bytes_max)
    return answer(stanza, {xmpp::Condition::policy_violation, "the id is too long"});
  const auto metadata = read_metadata(*payload);
  if (!metadata) return answer(stanza, {xmpp::Condition::bad_request, "metadata not understood"});
  const Duration left = metadata->deadline.value_or(limits::call_time_default) - (now() - since);
  if (since < now() && left <= Duration::zero()) return answer(stanza, xmpp::Condition::remote_server_timeout);
  const auto chosen = choose({.key = key, .method = method_of(*payload), .caller = from});
  if (!chosen) {
    const std::string& call_id = metadata->id.empty() ? caller_id : metadata->id;
    if (chosen.error().undescribed && wait_for_description(key, stanza, since, call_id)) return;
    return answer(stanza, chosen.error().why);
  }
  Instance* instance = *chosen;

  const std::string id = crypto::random_id(8);
  const auto token = dispatches_.add({.caller = from,
                                      .payer = payer(from),
                                      .caller_id = caller_id,
                                      .call_id = metadata->id.empty() ? caller_id : metadata->id,
                                      .service = to,
                                      .key = key,
                                      .instance = instance->info.jid,
                                      .takes_cancel = instance->takes_metadata,
                                      .id = id,
                                      .deadline = now() + left});
  if (!token)
    return answer(stanza, {xmpp::Condition::resource_constraint, "too many calls under way"});

  xml::Element onward = stanza;
  onward.set("id", id).set("to", instance->info.jid.str());
  onward.set("from", to.bare().str() + "/" + *token);
  for (xml::Node& node : onward.nodes())
    if (node.is_element()) restate(node.element.front(), {from, instance->takes_metadata, left});
  ++instance->outstanding;
  ++dispatched_;
  if (options_.log)
    options_.log("dispatched", {{"from", from.str()},
                                {"service", to.bare().str()},
                                {"method", method_of(*payload)},
                                {"instance", instance->info.jid.str()},
                                {"trace", metadata->traceparent}});
  send(std::move(onward));
  arm_deadline();
}

// Least loaded of two, drawn by weight.
Result<Instance*, Registry::Unchosen> Registry::choose(const Wanted& wanted) {
  xmpp::StanzaError why_none = xmpp::Condition::service_unavailable;
  Instances::List* list = instances_.of(wanted.key);
  if (!list) return Err{Unchosen{why_none}};
  bool undescribed = false;
  std::vector<Instance*> able, with_method;
  const bool strict_allowed =
      !wanted.with_metadata && options_.callers.may_call_strict(wanted.caller, wanted.key,
                                                                options_.names.bus_domain);
  for (auto& [jid, instance] : *list) {
    if (!instance.confirmed || instance.info.state == InstanceState::away) continue;
    if (instance.info.state == InstanceState::dnd) {
      why_none = {xmpp::Condition::resource_constraint, "every instance is full"};
      continue;
    }
    // Whether it can be told who calls is not known yet: one that can takes a call without that for the registry's own.
    if (!instance.described && now() < instance.describes_by) {
      undescribed = true;
      continue;
    }
    if (instance.described && !instance.rpc) continue;
    if (!instance.takes_metadata && !strict_allowed) {
      why_none = xmpp::Condition::forbidden;
      continue;
    }
    able.push_back(&instance);
    const auto& methods = instance.info.methods;
    if (methods.empty() || std::find(methods.begin(), methods.end(), wanted.method) != methods.end())
      with_method.push_back(&instance);
  }
  if (undescribed && with_method.empty())
    return Err{Unchosen{{xmpp::ErrorType::wait, xmpp::Condition::resource_constraint,
                         "no instance has said yet what it is"},
                        true}};
  // A method that nobody has is for an instance to say: it answers with the fault.
  const std::vector<Instance*>& from = with_method.empty() ? able : with_method;
  if (from.empty()) return Err{Unchosen{why_none}};
  uint32_t total = 0;
  for (const Instance* instance : from) total += instance->info.weight;
  auto draw = [&] {
    uint32_t at = uint32_t(random_() % total);
    for (Instance* instance : from) {
      if (at < instance->info.weight) return instance;
      at -= instance->info.weight;
    }
    return from.front();
  };
  Instance* a = draw();
  Instance* b = draw();
  return uint64_t(a->outstanding) * b->info.weight <= uint64_t(b->outstanding) * a->info.weight ? a
                                                                                               : b;
}

// Until an instance says what it is, is gone, or its time for that is over; false when there is no room.
bool Registry::wait_for_description(const std::string& key, const xml::Element& stanza, Time since,
                                    const std::string& call_id) {
  return undescribed_.hold(key, stanza, since, call_id);
}

// What has waited for a description comes again, in its order.
void Registry::take_up(const std::string& key) {
  if (!port_) return;
  for (const Undescribed::Stanza& waited : undescribed_.take(key)) {
    const auto stanza = xml::parse(waited.text);
    if (!stanza) continue;
    const auto from = xmpp::address(*stanza, "from");
    const auto to = xmpp::address(*stanza, "to");
    if (!from || !to) continue;
    if (stanza->name() == "iq")
      dispatch(*stanza, *from, *to, waited.since);
    else
      on_message(*stanza, *from, *to, waited.since);
  }
}

void Registry::on_answer(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to) {
  auto call = dispatches_.take(to.resource(), stanza.attr_or("id", ""), from);
  if (!call) return;  // late, or not asked for (RPC-24)
  if (xmpp::iq_type(stanza) == xmpp::IqType::result) liveness_.heard(from, now());
  settle(*call);
  xml::Element back = stanza;
  back.set("id", call->caller_id).set("to", call->caller.str()).set("from", call->service.str());
  send(std::move(back));
  arm_deadline();
}

void Registry::fail(const Dispatched& call, const xmpp::StanzaError& error) {
  settle(call);
  xml::Element out("iq", std::string(xml::ns_client));
  out.set("type", "error").set("id", call.caller_id);
  out.set("from", call.service.str()).set("to", call.caller.str());
  send(std::move(out.with(xmpp::to_element(error))));
}

void Registry::fail_lost(const Dispatched& call) {
  fail(call, xbus::stanza_error(FaultKind::lost, "the instance that had the call is gone"));
}

// The instance, if it is still there, has one call less.
void Registry::settle(const Dispatched& call) {
  if (Instance* instance = instances_.find(call.key, call.instance)) --instance->outstanding;
}

void Registry::arm_deadline() {
  if (!deadline_) return;
  const auto next = dispatches_.next_deadline();
  if (!next) return deadline_->stop();
  deadline_->start_at(*next, [this] {
    for (const Dispatched& call : dispatches_.take_expired(now()))
      fail(call, xmpp::Condition::remote_server_timeout);
    arm_deadline();
  });
}

}  // namespace xbus::registry
