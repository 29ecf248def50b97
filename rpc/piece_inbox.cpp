#include "rpc/piece_inbox.hpp"

#include <algorithm>

namespace xbus {

using pieces::Kind;
using xmpp::Condition;
using xmpp::StanzaError;

std::optional<StanzaError> PieceInbox::take(const xmpp::Jid& from, const xml::Element& element, Time now) {
  auto piece = pieces::piece_from(element);
  const auto found = messages_.find({from.str(), piece ? piece->id : std::string(element.attr_or("id", ""))});
  const auto refuse = [&](StanzaError error) {
    if (found != messages_.end()) remove(found);
    return error;
  };
  if (!piece) return refuse({Condition::bad_request, "no piece of a message"});
  if (found == messages_.end()) {
    if (piece->seq == 0) return begin(from, std::move(*piece), now);
    return StanzaError(Condition::item_not_found, "no such message");
  }
  Message& message = found->second;
  if (piece->seq != message.next) return refuse({Condition::unexpected_request, "not the next piece"});
  if (piece->bytes.size() > message.size - message.text.size())
    return refuse({Condition::bad_request, "more than the first piece has said"});
  // Twice as much each time, as a string grows, but never above what is charged.
  if (const size_t size = message.text.size() + piece->bytes.size(); size > message.text.capacity())
    message.text.reserve(std::min(message.size, 2 * size));
  message.text += piece->bytes;
  ++message.next;
  silences_.erase(message.silent_at);
  message.silent_at = silences_.emplace(now + limits::piece_silence_time, found->first);
  return {};
}

std::optional<StanzaError> PieceInbox::begin(const xmpp::Jid& from, pieces::Piece piece, Time now) {
  if (auto refused = refuses_(from, piece.kind)) return refused;
  if (piece.size > limits::message_bytes_max)
    return StanzaError(Condition::policy_violation,
                       "a message has at most " + std::to_string(limits::message_bytes_max) + " bytes");
  if (piece.bytes.size() > piece.size) return StanzaError(Condition::bad_request, "more than the piece says");
  auto slot = quota_.take(from, piece.size);
  if (!slot) return StanzaError(Condition::resource_constraint, "too many messages are under way");
  const Key key{from.str(), piece.id};
  const auto silent_at = silences_.emplace(now + limits::piece_silence_time, key);
  // Grown as the pieces come: what is announced and not sent takes no memory.
  messages_.emplace(key, Message{piece.kind, 1, piece.size, std::move(piece.bytes), std::move(*slot), silent_at});
  return {};
}

std::optional<std::string> PieceInbox::collect(const xmpp::Jid& from, const std::string& id, Kind kind) {
  const auto found = messages_.find({from.str(), id});
  if (found == messages_.end() || found->second.kind != kind) return {};
  std::optional<std::string> text;
  if (found->second.text.size() == found->second.size) text = std::move(found->second.text);
  remove(found);
  return text;
}

PieceInbox::Messages::iterator PieceInbox::remove(Messages::iterator message) {
  silences_.erase(message->second.silent_at);
  return messages_.erase(message);
}

void PieceInbox::drop(const xmpp::Jid& from, const std::string& id) {
  if (const auto found = messages_.find({from.str(), id}); found != messages_.end()) remove(found);
}

void PieceInbox::remove_of(const xmpp::Jid& from, const std::function<bool(const Message&)>& which) {
  auto at = messages_.lower_bound({from.str(), std::string()});
  while (at != messages_.end() && at->first.first == from.str()) at = which(at->second) ? remove(at) : std::next(at);
}

void PieceInbox::forget(const xmpp::Jid& from, Kind kind) {
  remove_of(from, [&](const Message& message) { return message.kind == kind; });
}

void PieceInbox::forget(const xmpp::Jid& from) {
  remove_of(from, [](const Message&) { return true; });
}

void PieceInbox::clear() {
  messages_.clear();
  silences_.clear();
}

void PieceInbox::on_time(Time now) {
  while (!silences_.empty() && silences_.begin()->first <= now) remove(messages_.find(silences_.begin()->second));
}

std::optional<Time> PieceInbox::next_time() const {
  if (silences_.empty()) return {};
  return silences_.begin()->first;
}

}  // namespace xbus
