// Passing calls on: what the registry does for callers that know nothing of xbus.
#include <algorithm>

#include "bus/crypto/random.hpp"
#include "rpc/error_table.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/metadata.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry {

namespace {

// The method of a Jabber-RPC request; empty where the payload is something else, which the instance then answers.
std::string method_of(const xml::Element& payload) {
  const xml::Element* call = payload.first("methodCall", jabber_rpc::ns);
  const xml::Element* name = call ? call->first("methodName", jabber_rpc::ns) : nullptr;
  return name ? name->text() : std::string();
}

// What a relay received about the caller is not its word: taken out, and put in anew where the instance reads it. A
// strict instance sees no metadata at all.
void restate(xml::Element& payload, const xmpp::Jid& caller, bool takes_metadata, Duration left) {
  Metadata metadata = read_metadata(payload).value_or(Metadata{});
  metadata.strict |= !has_metadata(payload);
  xml::Element clean(payload.name(), payload.ns());
  clean.nodes() = std::move(payload.nodes());
  for (const xml::Attribute& attribute : payload.attributes())
    if (attribute.ns != ns_call) clean.set(attribute.name, attribute.ns, attribute.value);
  if (takes_metadata) {
    metadata.deadline = left;
    metadata.on_behalf_of = caller.str();
    write_metadata(clean, metadata);
  }
  payload = std::move(clean);
}

}  // namespace

void Registry::dispatch(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to) {
  const std::string key = key_of(to);
  const xml::Element* payload = stanza.first_element();
  if (!visible(from, key)) return answer(stanza, xmpp::Condition::forbidden);
  xmpp::StanzaError why_none;
  Instance* instance = choose(key, method_of(*payload), from, why_none);
  if (!instance) return answer(stanza, why_none);

  const auto metadata = read_metadata(*payload);
  if (!metadata) return answer(stanza, {xmpp::Condition::bad_request, "metadata not understood"});
  const Duration left = metadata->deadline.value_or(limits::call_time_default);
  Dispatched call{from, std::string(stanza.attr_or("id", "")), to, key, instance->info.jid,
                  crypto::random_id(8), now() + left};
  const std::string id = call.id;
  const auto token = dispatches_.add(std::move(call));
  if (!token)
    return answer(stanza, {xmpp::Condition::resource_constraint, "too many calls under way"});

  xml::Element onward = stanza;
  onward.set("id", id).set("to", instance->info.jid.str());
  onward.set("from", to.bare().str() + "/" + *token);
  for (xml::Node& node : onward.nodes())
    if (node.is_element()) restate(node.element.front(), from, instance->takes_metadata, left);
  ++instance->outstanding;
  send(std::move(onward));
  arm_deadline();
}

// Least loaded of two, drawn by weight.
Instance* Registry::choose(const std::string& key, const std::string& method,
                           const xmpp::Jid& caller, xmpp::StanzaError& why_none) {
  why_none = xmpp::Condition::service_unavailable;
  const Instances::List* list = instances_.of(key);
  if (!list) return nullptr;
  std::vector<Instance*> able, with_method;
  const bool strict_allowed = options_.may_call_strict(caller, key);
  for (const auto& [jid, listed] : *list) {
    Instance* instance = instances_.find(key, listed.info.jid);
    if (!instance->confirmed || instance->info.state == InstanceState::away) continue;
    if (instance->info.state == InstanceState::dnd) {
      if (able.empty()) why_none = {xmpp::Condition::resource_constraint, "every instance is full"};
      continue;
    }
    if (instance->described && !instance->rpc) continue;
    if (!instance->takes_metadata && !strict_allowed) {
      if (able.empty()) why_none = xmpp::Condition::forbidden;
      continue;
    }
    able.push_back(instance);
    const auto& methods = instance->info.methods;
    if (methods.empty() || std::find(methods.begin(), methods.end(), method) != methods.end())
      with_method.push_back(instance);
  }
  // A method that nobody has is for an instance to say: it answers with the fault.
  const std::vector<Instance*>& from = with_method.empty() ? able : with_method;
  if (from.empty()) return nullptr;
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

void Registry::on_answer(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to) {
  auto call = dispatches_.take(to.resource(), stanza.attr_or("id", ""), from);
  if (!call) return;  // late, or not asked for (RPC-24)
  if (Instance* instance = instances_.find(call->key, call->instance)) --instance->outstanding;
  xml::Element back = stanza;
  back.set("id", call->caller_id).set("to", call->caller.str()).set("from", call->service.str());
  send(std::move(back));
  arm_deadline();
}

void Registry::fail(const Dispatched& call, const xmpp::StanzaError& error) {
  if (Instance* instance = instances_.find(call.key, call.instance)) --instance->outstanding;
  xml::Element out("iq", std::string(xml::ns_client));
  out.set("type", "error").set("id", call.caller_id);
  out.set("from", call.service.str()).set("to", call.caller.str());
  send(std::move(out.with(xmpp::to_element(error))));
}

void Registry::fail_lost(const Dispatched& call) {
  fail(call, xbus::stanza_error(FaultKind::lost, "the instance that had the call is gone"));
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
