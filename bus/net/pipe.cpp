#include "bus/net/pipe.hpp"

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <utility>

#include "bus/net/stream_transport.hpp"

namespace xbus::net {

namespace {

class PipeEnd;

// What one end writes and the other reads.
struct Direction {
  struct Segment {
    Time due;
    std::string bytes;
  };
  std::deque<Segment> segments;
  size_t size = 0;
  size_t front_done = 0;      // bytes of the first segment already delivered
  bool ended = false;
  bool writer_waits = false;
  bool scheduled = false;
  PipeEnd* writer = nullptr;  // null when that end has gone
  PipeEnd* reader = nullptr;
};

struct Channel {
  explicit Channel(const PipeOptions& given) : options(given), random(given.fragment_seed) {}
  PipeOptions options;
  std::mt19937_64 random;
  Direction directions[2];
};

class PipeEnd final : public StreamTransport {
 public:
  PipeEnd(Loop& loop, std::shared_ptr<Channel> channel, size_t side, PeerAddress peer)
      : StreamTransport(loop, std::move(peer)),
        channel_(std::move(channel)),
        out_(&channel_->directions[side]),
        in_(&channel_->directions[1 - side]),
        timer_(loop) {
    out_->writer = this;
    in_->reader = this;
  }
  ~PipeEnd() { raw_close(); }

 private:
  size_t raw_write(std::span<const std::string_view> pieces) override {
    Direction::Segment segment{loop().now() + channel_->options.delay, {}};
    size_t given = 0, room = channel_->options.capacity - std::min(channel_->options.capacity, out_->size);
    for (auto piece : pieces) {
      given += piece.size();
      segment.bytes.append(piece.substr(0, room - segment.bytes.size()));
    }
    if (!out_->reader || out_->ended) return given;  // nobody reads any more; on_raw_end says so
    auto taken = segment.bytes.size();
    out_->size += taken;
    out_->writer_waits = taken < given;
    if (taken > 0) out_->segments.push_back(std::move(segment));
    out_->reader->schedule();
    return taken;
  }

  void raw_read(bool on) override {
    reading_ = on;
    if (on) schedule();
  }

  void raw_shutdown() override { end(*out_); }

  void raw_close() override {
    timer_.stop();
    reading_ = false;
    if (out_->writer) {
      out_->writer = nullptr;
      end(*out_);
    }
    if (in_->reader) {
      in_->reader = nullptr;
      in_->segments.clear();
      in_->size = 0;
    }
  }

  static void end(Direction& direction) {
    direction.ended = true;
    if (direction.reader) direction.reader->schedule();
  }

  // Delivers when the first segment is due, at the earliest after the function that runs now.
  void schedule() {
    auto& in = *in_;
    if (!reading_ || in.scheduled || (in.segments.empty() && !in.ended)) return;
    in.scheduled = true;
    auto due = in.segments.empty() ? loop().now() : in.segments.front().due;
    if (due > loop().now()) {
      timer_.start_at(due, [this] { deliver(); });
      return;
    }
    loop().post([channel = channel_, direction = in_] {
      if (direction->reader) direction->reader->deliver();
    });
  }

  void deliver() {
    auto& in = *in_;
    in.scheduled = false;
    if (!reading_) return;
    if (in.segments.empty()) {
      if (in.ended) on_raw_end(CloseReason::by_peer, {});
      return;
    }
    auto& segment = in.segments.front();
    auto size = piece_size(segment.bytes.size() - in.front_done);
    auto bytes = segment.bytes.substr(in.front_done, size);
    in.front_done += size;
    in.size -= size;
    if (in.front_done == segment.bytes.size()) {
      in.front_done = 0;
      in.segments.pop_front();
    }
    if (in.writer_waits && in.writer && in.size <= channel_->options.capacity / 2) {
      in.writer_waits = false;
      loop().post([channel = channel_, direction = in_] {
        if (direction->writer) direction->writer->on_raw_writable();
      });
    }
    schedule();
    on_raw_data(bytes);
  }

  size_t piece_size(size_t most) {
    auto& options = channel_->options;
    if (options.fragment_bytes) most = std::min(most, options.fragment_bytes);
    if (options.fragment_seed) most = std::min<size_t>(most, 1 + channel_->random() % 64);
    return most;
  }

  std::shared_ptr<Channel> channel_;
  Direction* out_;
  Direction* in_;
  Timer timer_;
  bool reading_ = false;
};

}  // namespace

PipeEnds make_pipe(Loop& loop, const PipeOptions& options) {
  auto channel = std::make_shared<Channel>(options);
  return {std::make_unique<PipeEnd>(loop, channel, 0, options.first_sees),
          std::make_unique<PipeEnd>(loop, channel, 1, options.second_sees)};
}

}  // namespace xbus::net
