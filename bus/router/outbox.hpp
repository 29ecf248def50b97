// The bounded queue of bytes that wait to be written to one connection, gathered for writev.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/limits.hpp"
#include "bus/router/quota.hpp"

namespace xbus::router {

// Memory for queued bytes, taken while something waits and given back when it is written, so that
// an idle connection holds none.
class BufferPool {
 public:
  std::unique_ptr<char[]> take();
  void give(std::unique_ptr<char[]> buffer);

 private:
  std::vector<std::unique_ptr<char[]>> spare_;
};

// A run of stanzas: our own bytes, or bytes shared with the queues of other receivers. One piece may end with the
// head of a stanza whose rest is the next, shared one.
struct Piece {
  std::unique_ptr<char[]> own;
  std::shared_ptr<const std::string> shared;
  uint32_t size = 0;
  uint32_t capacity = 0;  // of `own`
  bool continues = false; // begins with the rest of a stanza whose head is the piece before
  std::string_view bytes() const {
    return shared ? std::string_view(*shared) : std::string_view(own.get(), size);
  }
};

// What was taken from an Outbox and is on its way to the socket. Belongs to the connection's loop:
// no lock.
class Flight {
 public:
  bool empty() const { return pieces_.empty(); }
  // The pieces not yet written, at most `count`; valid until the next call of another function.
  size_t gather(std::string_view* out, size_t count) const;
  // That many bytes are written. Pieces wholly written move to `done`.
  void written(size_t bytes, std::vector<Piece>& done);
  // What has not been written: runs of whole stanzas, the first of which may be written in part: up
  // to `offset`.
  const std::vector<Piece>& pieces() const { return pieces_; }
  size_t offset() const { return offset_; }
  // Gives them away: nothing is on its way any more.
  std::vector<Piece> give_up() {
    offset_ = 0;
    return std::exchange(pieces_, {});
  }

 private:
  friend class Outbox;
  std::vector<Piece> pieces_;
  size_t offset_ = 0;  // written of the first piece
};

// The queue. The router's lock guards it: stanzas are added from any loop and taken by the
// connection's own.
class Outbox {
 public:
  Outbox(Quota& quota, size_t connection_bytes_max, BufferPool& pool)
      : charge_(quota, connection_bytes_max), pool_(pool) {}
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // Room for one stanza of exactly that many bytes, which the caller fills; nullptr over the bound.
  char* grow(size_t bytes) { return charge_.add(bytes) ? room(bytes) : nullptr; }
  bool push(std::string_view stanza);
  // By reference: 1,000 receivers share one copy. Each is charged for the whole.
  bool push(std::shared_ptr<const std::string> stanza);
  // One stanza in two parts, the second of which is shared: what differs between its receivers, and what does not.
  bool push(std::string_view head, const std::shared_ptr<const std::string>& rest);
  // What belongs to the stream and not to any stanza: it ends or begins something, and is never
  // refused.
  void push_stream(std::string_view bytes);

  // Moves everything queued into the flight, behind what is there.
  void take(Flight& flight);
  // Bytes of a flight were written; `done` holds the pieces that are used up, and is empty
  // afterwards.
  void written(size_t bytes, std::vector<Piece>& done);

  void charge_to(Quota& quota) { charge_.move_to(quota); }
  // Nothing will be queued or written any more; what is charged is released.
  void let_go() { charge_.let_go(); }
  // Forgets what is queued; what is in flight stays charged.
  void drop();
  // Forgets what is queued and what is in flight: the connection has gone, and somebody else keeps its stanzas.
  void clear();
  bool empty() const { return pieces_.empty(); }
  size_t bytes() const { return charge_.bytes(); }  // queued and in flight
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  char* room(size_t bytes);

  Charge charge_;
  BufferPool& pool_;
  std::vector<Piece> pieces_;
};

}  // namespace xbus::router
