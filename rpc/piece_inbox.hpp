// PieceInbox: puts together what peers send in pieces. Pure: pieces and times in, errors and texts out.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "bus/clock.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/jid.hpp"
#include "rpc/piece_quota.hpp"
#include "rpc/pieces.hpp"

namespace xbus {

class PieceInbox {
 public:
  // Why a message of that kind may not begin; nothing when it may.
  using Refuses = std::function<std::optional<xmpp::StanzaError>(const xmpp::Jid& from, pieces::Kind kind)>;

  PieceInbox(PieceQuota& quota, Refuses refuses) : quota_(quota), refuses_(std::move(refuses)) {}

  // A <piece/> from that full JID: nothing when it is taken, else the error that answers it.
  std::optional<xmpp::StanzaError> take(const xmpp::Jid& from, const xml::Element& piece, Time now);
  // The whole that this peer has sent under the id; it is given once. nullopt when it is not there or not whole.
  std::optional<std::string> collect(const xmpp::Jid& from, const std::string& id, pieces::Kind kind);
  // The sender sends no more of it.
  void drop(const xmpp::Jid& from, const std::string& id);
  // Nothing of that kind is wanted from this peer any more.
  void forget(const xmpp::Jid& from, pieces::Kind kind);
  // The peer has gone.
  void forget(const xmpp::Jid& from);
  void clear();

  // To be called at next_time(): what has been silent for limits::piece_silence_time goes.
  void on_time(Time now);
  std::optional<Time> next_time() const;
  size_t size() const { return messages_.size(); }

 private:
  using Key = std::pair<std::string, std::string>;  // full JID, id
  struct Message {
    pieces::Kind kind;
    uint64_t next;  // seq
    size_t size;
    std::string text;
    PieceQuota::Slot slot;
    std::multimap<Time, Key>::iterator silent_at;
  };
  using Messages = std::map<Key, Message>;
  std::optional<xmpp::StanzaError> begin(const xmpp::Jid& from, pieces::Piece piece, Time now);
  Messages::iterator remove(Messages::iterator message);
  void remove_of(const xmpp::Jid& from, const std::function<bool(const Message&)>& which);

  PieceQuota& quota_;
  Refuses refuses_;
  Messages messages_;
  std::multimap<Time, Key> silences_;
};

}  // namespace xbus
