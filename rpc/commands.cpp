#include "rpc/commands.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "bus/crypto/random.hpp"
#include "bus/limits_service.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/command_form.hpp"
#include "rpc/printable.hpp"

namespace xbus {

using xmpp::CommandAnswer;
using xmpp::CommandError;
using xmpp::CommandNote;
using xmpp::CommandRequest;
using xmpp::Condition;
using xmpp::StanzaError;

namespace {

jabber_rpc::Request request_for(std::string_view method) {
  jabber_rpc::Request request;
  request.method = method;
  return request;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// What is for programs only: the whole description in bytes, and the lists that disco has.
bool for_people(const Method& method) { return !method.is_built_in() || method.is_restricted(); }

CommandAnswer completed(const MethodDescription& method, std::string session, const Outcome& outcome) {
  CommandAnswer answer{method.name, std::move(session), CommandAnswer::Status::completed, {}, {}};
  if (!outcome) {
    // It was carried out and failed: no error of the stanza (CMD-03).
    answer.notes = {{CommandNote::Type::error, printable(outcome.error().what(), Lines::many)}};
  } else if (outcome->is_nil()) {
    answer.notes = {{CommandNote::Type::info, "done"}};
  } else {
    answer.form = result_form(*outcome, method);
  }
  return answer;
}

}  // namespace

Commands::Commands(const Service& service, std::function<xmpp::Jid()> self, Front front)
    : service_(service), self_(std::move(self)), front_(std::move(front)) {}

const Method* Commands::visible(const xmpp::Jid& from, std::string_view node) const {
  const Method* method = service_.find(node);
  return method && for_people(*method) && front_.admits(from, request_for(node)) ? method : nullptr;
}

std::vector<xmpp::DiscoItem> Commands::items(const xmpp::Jid& from) const {
  std::vector<xmpp::DiscoItem> out;
  for (const auto& [name, method] : service_.methods()) {
    if (!visible(from, name)) continue;
    const std::string& doc = method.description().doc;
    out.push_back({self_(), name, doc.empty() ? name : name + ": " + first_line(doc)});
  }
  return out;
}

std::optional<xmpp::DiscoInfo> Commands::info(const xmpp::Jid& from, std::string_view node) const {
  const Method* method = visible(from, node);
  if (!method) return {};
  return xmpp::command_info(node, method->name());
}

void Commands::on_iq(const xml::Element& iq, Time now) {
  expire(now);
  const auto from = xmpp::Jid::parse(iq.attr_or("from", ""));
  if (!from || from->empty()) return refuse(iq, Condition::jid_malformed);
  if (xmpp::iq_type(iq) != xmpp::IqType::set) return refuse(iq, Condition::bad_request);
  const auto request = xmpp::command_request_from(*iq.first_element());
  if (!request) return refuse(iq, request.error());
  // Before the lookup, so that a stranger does not learn which methods there are (RPC-07).
  if (!front_.admits(*from, request_for(request->node))) return refuse(iq, Condition::forbidden);
  const Method* method = visible(*from, request->node);
  if (!method) return refuse(iq, Condition::item_not_found);
  if (request->session.empty()) return begin(iq, *request, *method, *from, now);
  go_on(iq, *request, *method, *from, now);
}

void Commands::begin(const xml::Element& iq, const CommandRequest& request, const Method& method,
                     const xmpp::Jid& from, Time now) {
  if (request.action != CommandRequest::Action::execute)
    return refuse(iq, xmpp::stanza_error(CommandError::bad_action, "there is no session"));
  const std::string id = crypto::random_id(12);
  if (method.description().params.empty()) return call(iq, method, from, id, {});
  if (open_by(from) >= limits::command_sessions_per_account_max)
    return refuse(iq, {xmpp::ErrorType::wait, Condition::resource_constraint});
  if (order_.size() >= limits::command_sessions_max) {
    // Those that are over are only remembered.
    if (!order_.front().over) return refuse(iq, {xmpp::ErrorType::wait, Condition::resource_constraint});
    by_id_.erase(order_.front().id);
    order_.pop_front();
  }
  order_.push_back({id, request.node, from, now + limits::command_session_time_max});
  by_id_[id] = std::prev(order_.end());
  answer(iq, {request.node, id, CommandAnswer::Status::executing,
              form_of(method.description(), service_.describe().types), {}});
}

void Commands::go_on(const xml::Element& iq, const CommandRequest& request, const Method& method,
                     const xmpp::Jid& from, Time) {
  const auto found = by_id_.find(request.session);
  // Another's session is as one that is not there.
  if (found == by_id_.end() || !(found->second->from == from) || found->second->node != request.node)
    return refuse(iq, xmpp::stanza_error(CommandError::bad_sessionid));
  if (found->second->over) return refuse(iq, xmpp::stanza_error(CommandError::session_expired));
  using Action = CommandRequest::Action;
  if (request.action == Action::cancel) {
    end(request.session);
    return answer(iq, {request.node, request.session, CommandAnswer::Status::canceled, {}, {}});
  }
  // There is one step, and none before or behind it.
  if (request.action == Action::prev || request.action == Action::next)
    return refuse(iq, xmpp::stanza_error(CommandError::bad_action));
  if (!request.form || request.form->type != xmpp::FormType::submit)
    return refuse(iq, xmpp::stanza_error(CommandError::bad_payload, "the form is not filled in"));
  std::vector<Value> args;
  try {
    args = arguments_from(*request.form, method.description(), service_.describe().types);
  } catch (const Fault& fault) {
    // The session stays: the form may be filled in again.
    return refuse(iq, xmpp::stanza_error(CommandError::bad_payload, printable(fault.message())));
  }
  end(request.session);
  call(iq, method, from, request.session, std::move(args));
}

void Commands::call(const xml::Element& iq, const Method& method, const xmpp::Jid& from, std::string session,
                    std::vector<Value> args) {
  jabber_rpc::Request request = request_for(method.name());
  request.args = std::move(args);
  // The request without its payload: what the answer is made from.
  xml::Element head(iq.name(), iq.ns());
  for (const xml::Attribute& attribute : iq.attributes())
    if (attribute.ns.empty()) head.set(attribute.name, attribute.value);
  front_.ask(from, std::move(request),
             [this, alive = std::weak_ptr<bool>(alive_), head = std::move(head), session = std::move(session),
              description = method.description()](const Outcome& outcome) {
               if (alive.expired()) return;
               const auto kind = outcome ? FaultKind::ok : outcome.error().kind();
               if (kind == FaultKind::forbidden) return refuse(head, Condition::forbidden);
               if (front_.send(xmpp::result_for(
                       head, xmpp::to_element(completed(description, session, outcome)))))
                 return;
               answer(head, completed(description, session, Err{Fault(FaultKind::too_big, "the result")}));
             });
}

void Commands::answer(const xml::Element& iq, const CommandAnswer& answer) const {
  front_.send(xmpp::result_for(iq, xmpp::to_element(answer)));
}

void Commands::refuse(const xml::Element& iq, const StanzaError& error) const {
  if (const auto stanza = xmpp::error_for(iq, error)) front_.send(*stanza);
}

size_t Commands::open_by(const xmpp::Jid& from) const {
  return static_cast<size_t>(std::count_if(order_.begin(), order_.end(), [&](const Session& session) {
    return !session.over && session.from.bare_str() == from.bare_str();
  }));
}

// Twice its time: first it can be used, then it is known to be over.
void Commands::expire(Time now) {
  for (Session& session : order_) {
    if (session.until > now) break;
    session.over = true;
  }
  while (!order_.empty() && order_.front().until + limits::command_session_time_max <= now) {
    by_id_.erase(order_.front().id);
    order_.pop_front();
  }
}

void Commands::end(const std::string& session) {
  const auto found = by_id_.find(session);
  if (found == by_id_.end()) return;
  order_.erase(found->second);
  by_id_.erase(found);
}

}  // namespace xbus
