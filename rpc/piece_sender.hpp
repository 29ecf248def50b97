// PieceSender: sends what is larger than one stanza to a peer in pieces.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "bus/client/client.hpp"
#include "bus/result.hpp"
#include "rpc/fault.hpp"
#include "rpc/piece_quota.hpp"
#include "rpc/pieces.hpp"

namespace xbus {

// Lives on the client's loop. At most limits::pieces_under_way_max pieces of a message wait for their answers.
class PieceSender {
 public:
  explicit PieceSender(client::Client& client) : client_(client) {}
  ~PieceSender();  // without callbacks
  PieceSender(const PieceSender&) = delete;
  PieceSender& operator=(const PieceSender&) = delete;

  struct Message {
    xmpp::Jid to;
    pieces::Kind kind;
    std::string text;
    PieceQuota::Slot slot;
    Time until;
  };
  // `done` is called once, from the loop: with the id under which the peer holds the whole, or why it does not. Then
  // nothing has happened at the peer. Faults: too_big, busy, forbidden, timeout, unavailable.
  using Done = std::function<void(Result<std::string, Fault>)>;
  uint64_t send(Message message, Done done);
  // Gives up: the peer is told, `done` is not called. Nothing when the token is no longer there.
  void drop(uint64_t token);

 private:
  struct Transfer {
    Message message;
    Done done;
    std::string id;
    size_t sent = 0;           // bytes
    uint64_t seq = 0;          // of the next piece
    bool begun = false;        // the first has been answered
    std::set<uint64_t> under_way;  // requests
  };
  using Transfers = std::map<uint64_t, Transfer>;
  void pump(uint64_t token);
  void on_answer(uint64_t token, uint64_t request, const client::Answer& answer);
  void give_up(Transfer& transfer);
  size_t piece_bytes(const Transfer& transfer) const;

  client::Client& client_;
  Transfers transfers_;
  uint64_t last_token_ = 0;
};

}  // namespace xbus
