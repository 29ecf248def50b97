// What is larger than one stanza: a bus sends and takes it in pieces.
#include <algorithm>

#include "bus/xmpp/stanza.hpp"
#include "rpc/bus_impl.hpp"
#include "rpc/jabber_rpc.hpp"

namespace xbus {

using pieces::Kind;
using xmpp::Condition;
using xmpp::StanzaError;

namespace {

std::string of_bytes(size_t bytes) { return std::to_string(bytes) + " bytes"; }

}  // namespace

Bus::Impl::InPieces::InPieces(Impl& impl)
    : inbox(quota, [&impl](const xmpp::Jid& from, Kind kind) { return impl.refuses(from, kind); }),
      sender(*impl.client),
      silence(impl.loop) {}

// Who may fill memory here: those we wait for, and those who may call something.
std::optional<StanzaError> Bus::Impl::refuses(const xmpp::Jid& from, Kind kind) const {
  if (kind == Kind::answer) {
    if (balance.outstanding(from) > 0) return {};
    return StanzaError(Condition::forbidden, "nobody waits for an answer from you");
  }
  if (!served) return StanzaError(Condition::service_unavailable);
  const bool bridge = std::any_of(options.bridges.begin(), options.bridges.end(), [&](const std::string& text) {
    const auto jid = xmpp::Jid::parse(text);
    return jid && (*jid == from || jid->str() == from.bare_str());
  });
  if (bridge) return {};
  for (const auto& [name, method] : served->service->methods())
    if (served->service->allows(from, name)) return {};
  return StanzaError(Condition::forbidden);
}

void Bus::Impl::on_pieces(const xml::Element& iq) {
  const auto refuse = [&](const StanzaError& error) {
    if (const auto stanza = xmpp::error_for(iq, error)) send(*stanza);
  };
  const auto from = xmpp::address(iq, "from");
  const xml::Element* payload = iq.first_element();
  if (!from || from->empty() || xmpp::iq_type(iq) != xmpp::IqType::set) return refuse(Condition::bad_request);
  if (payload->is("piece", pieces::ns)) {
    if (const auto error = in_pieces->inbox.take(*from, *payload, loop.now())) return refuse(*error);
    send(xmpp::result_for(iq));
    watch_silence();
  } else if (payload->is("whole", pieces::ns)) {
    xml::Element call = iq;
    if (const auto error = make_whole(call, *from, Kind::call)) return refuse(*error);
    if (!served) return refuse(Condition::service_unavailable);
    served->callee->on_iq(call, loop.now());
    arm();
  } else {
    refuse(Condition::bad_request);
  }
}

bool Bus::Impl::on_pieces_message(const xml::Element& message) {
  const auto from = xmpp::address(message, "from");
  if (!from || xmpp::message_type(message) == xmpp::MessageType::error) return false;
  if (const xml::Element* drop = message.first("drop", pieces::ns)) {
    in_pieces->inbox.drop(*from, std::string(drop->attr_or("id", "")));
    return true;
  }
  const xml::Element* notify = message.first("notify", ns_call);
  if (!notify || !notify->first("whole", pieces::ns)) return false;
  xml::Element call = message;
  // Nobody waits for an answer, so nobody is told that it cannot be read.
  if (make_whole(*call.first("notify", ns_call), *from, Kind::call) || !served) return true;
  served->callee->on_message(call, loop.now(), loop.wall());
  arm();
  return true;
}

void Bus::Impl::watch_silence() {
  net::Timer& timer = in_pieces->silence;
  const auto next = in_pieces->inbox.next_time();
  if (!next || timer.running()) return;
  timer.start_at(*next, [this] {
    in_pieces->inbox.on_time(loop.now());
    watch_silence();
  });
}

std::optional<StanzaError> Bus::Impl::make_whole(xml::Element& holder, const xmpp::Jid& from, Kind kind) {
  const auto place = std::find_if(holder.nodes().begin(), holder.nodes().end(), [](const xml::Node& node) {
    return node.is_element() && node.element.front().is("whole", pieces::ns);
  });
  const auto whole = pieces::whole_from(place->element.front());
  if (!whole) return StanzaError(Condition::bad_request);
  const auto text = in_pieces->inbox.collect(from, whole->id, kind);
  if (!text) return StanzaError(Condition::item_not_found, "there is no such message, or a piece of it is missing");
  auto query = xml::parse(*text, {}, {.stanza_bytes_max = limits::message_bytes_max});
  if (!query || !query->is("query", jabber_rpc::ns)) return StanzaError(Condition::bad_request, "the pieces are no call");
  // What was left when the whole had been sent, not when its first piece was.
  if (whole->deadline)
    query->set("deadline", ns_call,
               std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(*whole->deadline).count()));
  place->element.front() = std::move(*query);
  return {};
}

Task<Result<xml::Element, Fault>> Bus::Impl::deliver(const Target& target, const xml::Element& query,
                                                     const CallOptions& how, Time until) {
  std::string text = xml::write(query);
  const size_t size = text.size();
  if (size > limits::message_bytes_max)
    co_return Err{Fault(Fault::Kind::too_big, "the call has " + of_bytes(size) + ", at most " +
                                                  of_bytes(limits::message_bytes_max) + " travel")};
  auto asking = peers->traits(target.jid, until);
  const Peers::Traits traits = co_await std::move(asking);
  if (closing) co_return Err{Fault(Fault::Kind::unavailable, "the bus is closed")};
  if (!traits.pieces)
    co_return Err{Fault(Fault::Kind::too_big, "the call has " + of_bytes(size) + ", a stanza at most " +
                                                  of_bytes(client->stanza_bytes_max()) + ", and the peer takes no pieces")};
  auto slot = in_pieces->quota.take(target.jid, size);
  if (!slot) co_return Err{Fault(Fault::Kind::busy, "too many large calls are under way")};
  using Sent = std::optional<Result<std::string, Fault>>;
  const Completion<Sent> done;
  const uint64_t token = in_pieces->sender.send({target.jid, Kind::call, std::move(text), std::move(*slot), until},
                                                [done](Result<std::string, Fault> sent) { done.complete(std::move(sent)); });
  const CancelStop stop(how.cancel, [this, done, token] {
    in_pieces->sender.drop(token);
    done.complete(std::nullopt);
  });
  const Sent sent = co_await done;
  if (!sent) co_return Err{Fault(Fault::Kind::cancelled)};
  if (!*sent) co_return Err{sent->error()};
  co_return pieces::to_element(pieces::Whole{**sent, std::max<Duration>(until - loop.now(), Duration::zero())});
}

bool Bus::Impl::answer_in_pieces(const xml::Element& answer) {
  const xml::Element* query = answer.first("query", jabber_rpc::ns);
  const auto to = xmpp::address(answer, "to");
  if (client->state() != client::State::online || xmpp::iq_type(answer) != xmpp::IqType::result || !query || !to)
    return false;
  std::string text = xml::write(*query);
  if (text.size() > limits::message_bytes_max) return false;
  xml::Element head = answer;
  head.nodes().clear();
  auto slot = in_pieces->quota.take(*to, text.size());
  if (!slot) {
    const Fault full(Fault::Kind::busy, "too many large answers are under way to you");
    return send(head.with(jabber_rpc::write_fault(full, jabber_rpc::Dialect::strict)));
  }
  // How long the caller waits is not known here: it says so when it does not any more.
  spawn(deliver_answer(std::move(head), {*to, Kind::answer, std::move(text), std::move(*slot),
                                         loop.now() + limits::call_time_max}));
  return true;
}

Task<void> Bus::Impl::deliver_answer(xml::Element head, PieceSender::Message message) {
  auto asking = peers->traits(message.to, loop.now() + limits::call_time_default);
  const Peers::Traits traits = co_await std::move(asking);
  if (closing) co_return;
  std::optional<Fault> fault;
  if (traits.pieces) {
    const Completion<Result<std::string, Fault>> done;
    in_pieces->sender.send(std::move(message), [done](Result<std::string, Fault> sent) { done.complete(std::move(sent)); });
    const Result<std::string, Fault> sent = co_await done;
    if (closing) co_return;
    if (sent) {
      send(head.with(pieces::to_element(pieces::Whole{*sent, {}})));
      co_return;
    }
    fault = sent.error();
  } else {
    fault = Fault(Fault::Kind::too_big, "the result is too big to send");
  }
  send(head.with(jabber_rpc::write_fault(*fault, traits.dialect)));
}

}  // namespace xbus
