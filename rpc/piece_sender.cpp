#include "rpc/piece_sender.hpp"

#include <algorithm>
#include <memory>

#include "bus/crypto/random.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus {

namespace {

Fault fault_of(const client::Answer& answer) {
  using Kind = client::Answer::Kind;
  switch (answer.kind) {
    case Kind::timed_out: return Fault(Fault::Kind::timeout, "the pieces are not taken in time");
    case Kind::lost: return Fault(Fault::Kind::unavailable, "the connection ended before the whole was sent");
    default: return fault_from(answer.error);
  }
}

}  // namespace

PieceSender::~PieceSender() {
  for (auto& [token, transfer] : transfers_)
    for (const uint64_t request : transfer.under_way) client_.forget(request);
}

uint64_t PieceSender::send(Message message, Done done) {
  const uint64_t token = ++last_token_;
  transfers_.emplace(token, Transfer{std::move(message), std::move(done), crypto::random_id(), 0, 0, false, {}});
  pump(token);
  return token;
}

// What is left of a stanza around the base64: tags, and the addresses with what their escaping may add.
size_t PieceSender::piece_bytes(const Transfer& transfer) const {
  const size_t around = 512 + 2 * (transfer.message.to.str().size() + client_.jid().str().size());
  const size_t stanza = std::max(client_.stanza_bytes_max(), around + 4);
  return std::min(limits::piece_bytes_max, (stanza - around) / 4 * 3);
}

void PieceSender::pump(uint64_t token) {
  const auto found = transfers_.find(token);
  if (found == transfers_.end()) return;
  Transfer& transfer = found->second;
  const Message& message = transfer.message;
  const size_t most = transfer.begun ? limits::pieces_under_way_max : 1;
  while (transfer.under_way.size() < most && transfer.sent < message.text.size()) {
    const size_t bytes = std::min(piece_bytes(transfer), message.text.size() - transfer.sent);
    const pieces::Piece piece{transfer.id, transfer.seq++, message.kind, message.text.size(),
                              message.text.substr(transfer.sent, bytes)};
    transfer.sent += bytes;
    const Duration left = std::min<Duration>(message.until - client_.loop().now(), limits::piece_silence_time);
    // The callback comes later, from the loop: by then the request is known.
    const auto request = std::make_shared<uint64_t>(0);
    *request = client_.request(message.to, "set", pieces::to_element(piece), std::max(left, Duration::zero()),
                               [this, token, request](const client::Answer& answer) { on_answer(token, *request, answer); });
    transfer.under_way.insert(*request);
  }
}

void PieceSender::on_answer(uint64_t token, uint64_t request, const client::Answer& answer) {
  const auto found = transfers_.find(token);
  if (found == transfers_.end()) return;
  Transfer& transfer = found->second;
  transfer.under_way.erase(request);
  const bool taken = answer.kind == client::Answer::Kind::result;
  const bool all = transfer.under_way.empty() && transfer.sent == transfer.message.text.size();
  if (taken && !all) {
    transfer.begun = true;
    return pump(token);
  }
  if (!taken) give_up(transfer);
  const auto ended = transfers_.extract(found);
  Result<std::string, Fault> outcome = ended.mapped().id;
  if (!taken) outcome = Err{fault_of(answer)};
  ended.mapped().done(std::move(outcome));
}

void PieceSender::give_up(Transfer& transfer) {
  for (const uint64_t request : std::exchange(transfer.under_way, {})) client_.forget(request);
  xml::Element message = xmpp::message(xmpp::MessageType::headline, transfer.message.to);
  if (!client_.jid().is_full()) message.set("from", client_.jid().str());  // a component says who it is
  client_.send(message.with(pieces::drop(transfer.id)));
}

void PieceSender::drop(uint64_t token) {
  const auto found = transfers_.find(token);
  if (found == transfers_.end()) return;
  give_up(found->second);
  transfers_.erase(found);
}

}  // namespace xbus
