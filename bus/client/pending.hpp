// Requests that wait for their answer, found by who was asked, the id and the kind of stanza.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bus/client/answer.hpp"
#include "bus/clock.hpp"
#include "bus/net/loop.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::client {

class Pending {
 public:
  using Done = std::function<void(Answer)>;
  enum class Kind : uint8_t { iq };

  // What an answer must match.
  struct Key {
    xmpp::Jid peer;  // empty: the request had no `to`, so it went to our own account
    std::string id;
    Kind kind = Kind::iq;
  };

  explicit Pending(net::Loop& loop);
  ~Pending();  // without callbacks: call end_all() first

  // Waits until the deadline, which ends it as timed_out. `end` is the position in the connection's output of the byte
  // behind the request. Returns a token.
  uint64_t add(Key key, Duration deadline, uint64_t end, Done done);

  // The one that this answer ends, removed, or nothing. `from` is absent as empty. An answer without a `from` is the
  // own server's: it counts as coming from the own account (RFC 6120 section 8.1.2.1) or the own domain, and an answer
  // to a request without a `to` may come from any of these (RPC-24).
  Done take(std::string_view id, Kind kind, const xmpp::Jid& from, const xmpp::Jid& own);
  bool knows(std::string_view id) const { return by_id_.contains(id); }

  void forget(uint64_t token);  // without a callback
  // Ends it now as `answer` says; nothing when the token is no longer there.
  void end(uint64_t token, Answer answer);
  // Ends those to that JID as lost.
  void lose(const xmpp::Jid& peer);
  // The session has gone after `written` bytes were handed to the transport: a request behind that was not sent, the
  // outcome of the others is unknown. In the order they were added.
  void end_all(uint64_t written);

  size_t size() const { return by_id_.size(); }

 private:
  struct Entry;
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using ById = std::unordered_map<std::string, std::unique_ptr<Entry>, TextHash, std::equal_to<>>;

  Done remove(Entry& entry);
  std::vector<std::pair<uint64_t, Done>> remove_if(const std::function<bool(const Entry&)>& which);

  net::Loop& loop_;
  ById by_id_;
  std::unordered_map<uint64_t, Entry*> by_token_;
  uint64_t last_token_ = 0;
};

}  // namespace xbus::client
