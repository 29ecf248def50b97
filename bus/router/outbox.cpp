#include "bus/router/outbox.hpp"

#include <cstring>
#include <utility>

namespace xbus::router {

std::unique_ptr<char[]> BufferPool::take() {
  if (spare_.empty()) return std::make_unique_for_overwrite<char[]>(limits::queue_buffer_bytes);
  auto buffer = std::move(spare_.back());
  spare_.pop_back();
  return buffer;
}

void BufferPool::give(std::unique_ptr<char[]> buffer) {
  if (spare_.size() < limits::queue_buffers_spare_max) spare_.push_back(std::move(buffer));
}

size_t Flight::gather(std::string_view* out, size_t count) const {
  size_t filled = 0;
  for (const Piece& piece : pieces_) {
    if (filled == count) break;
    out[filled] = piece.bytes();
    if (filled == 0) out[filled].remove_prefix(offset_);
    ++filled;
  }
  return filled;
}

void Flight::written(size_t bytes, std::vector<Piece>& done) {
  offset_ += bytes;
  size_t used_up = 0;
  while (used_up < pieces_.size() && offset_ >= pieces_[used_up].bytes().size()) {
    offset_ -= pieces_[used_up].bytes().size();
    done.push_back(std::move(pieces_[used_up]));
    ++used_up;
  }
  pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(used_up));
}

Outbox::~Outbox() = default;

char* Outbox::room(size_t bytes) {
  if (!pieces_.empty()) {
    Piece& last = pieces_.back();
    if (last.own && last.capacity - last.size >= bytes) {
      char* at = last.own.get() + last.size;
      last.size += static_cast<uint32_t>(bytes);
      return at;
    }
  }
  Piece piece;
  piece.size = static_cast<uint32_t>(bytes);
  if (bytes <= limits::queue_buffer_bytes) {
    piece.own = pool_.take();
    piece.capacity = static_cast<uint32_t>(limits::queue_buffer_bytes);
  } else {
    piece.own = std::make_unique_for_overwrite<char[]>(bytes);
    piece.capacity = piece.size;
  }
  pieces_.push_back(std::move(piece));
  return pieces_.back().own.get();
}

bool Outbox::push(std::string_view stanza) {
  char* at = grow(stanza.size());
  if (at == nullptr) return false;
  std::memcpy(at, stanza.data(), stanza.size());
  return true;
}

bool Outbox::push(std::shared_ptr<const std::string> stanza) {
  if (!charge_.add(stanza->size())) return false;
  Piece piece;
  piece.size = static_cast<uint32_t>(stanza->size());
  piece.shared = std::move(stanza);
  pieces_.push_back(std::move(piece));
  return true;
}

bool Outbox::push(std::string_view head, const std::shared_ptr<const std::string>& rest) {
  if (!charge_.add(head.size() + rest->size())) return false;
  // Small ones are copied, which keeps the queue in one piece.
  if (head.size() + rest->size() <= limits::queue_buffer_bytes / 8) {
    char* at = room(head.size() + rest->size());
    std::memcpy(at, head.data(), head.size());
    std::memcpy(at + head.size(), rest->data(), rest->size());
    return true;
  }
  std::memcpy(room(head.size()), head.data(), head.size());
  Piece piece;
  piece.size = static_cast<uint32_t>(rest->size());
  piece.shared = rest;
  piece.continues = true;
  pieces_.push_back(std::move(piece));
  return true;
}

void Outbox::push_stream(std::string_view bytes) {
  if (bytes.empty()) return;
  charge_.add_anyway(bytes.size());
  std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
}

void Outbox::take(Flight& flight) {
  if (flight.pieces_.empty()) {
    flight.pieces_.swap(pieces_);
    return;
  }
  for (Piece& piece : pieces_) flight.pieces_.push_back(std::move(piece));
  pieces_.clear();
}

void Outbox::drop() {
  for (const Piece& piece : pieces_) charge_.release(piece.bytes().size());
  std::vector<Piece>().swap(pieces_);
}

void Outbox::clear() {
  charge_.release(charge_.bytes());
  std::vector<Piece>().swap(pieces_);
}

void Outbox::written(size_t bytes, std::vector<Piece>& done) {
  charge_.release(bytes);
  for (Piece& piece : done) {
    if (piece.own && piece.capacity == limits::queue_buffer_bytes) pool_.give(std::move(piece.own));
  }
  done.clear();
}

}  // namespace xbus::router
