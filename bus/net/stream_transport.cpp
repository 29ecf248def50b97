#include "bus/net/stream_transport.hpp"

#include <array>
#include <cassert>
#include <utility>

#include "bus/limits.hpp"
#include "bus/net/tls_session.hpp"

namespace xbus::net {

namespace {

using namespace std::chrono_literals;

// How long close() waits for the peer's end before it gives up: the last bytes are on their way until then.
constexpr auto linger_time = 2s;

}  // namespace

// Tells the function that calls a handler whether this object survived the call.
struct StreamTransport::Watch {
  explicit Watch(StreamTransport& watched) : transport(watched), outer(watched.gone_) {
    transport.gone_ = &gone;
  }
  ~Watch() {
    if (!gone) transport.gone_ = outer;
    else if (outer) *outer = true;
  }
  StreamTransport& transport;
  bool* outer;
  bool gone = false;
};

struct StreamTransport::Tls {
  Tls(std::shared_ptr<TlsContext> context, std::string_view server_name)
      : session(std::move(context), server_name) {}
  TlsSession session;
  bool secured = false;
  std::string held;  // came while reading was paused
};

StreamTransport::StreamTransport(Loop& loop, PeerAddress peer)
    : loop_(loop), peer_(std::move(peer)) {}

StreamTransport::~StreamTransport() {
  if (gone_) *gone_ = true;
  if (self_) *self_ = nullptr;
}

void StreamTransport::start(Handler& handler) {
  handler_ = &handler;
  if (!paused_) raw_read(true);
}

void StreamTransport::later(void (StreamTransport::*step)()) {
  if (!self_) self_ = std::make_shared<StreamTransport*>(this);
  loop_.post([self = self_, step] {
    if (*self) ((*self)->*step)();
  });
}

size_t StreamTransport::write(std::span<const std::string_view> pieces) {
  if (closing_ || closed_) return 0;
  if (!tls_) {
    size_t given = 0;
    for (auto piece : pieces) given += piece.size();
    auto taken = raw_write(pieces);
    want_write_ = taken < given;
    return taken;
  }
  want_write_ = true;
  if (!tls_->secured || !flush_tls()) return 0;
  size_t taken = 0;
  std::array<std::string_view, 64> window;
  while (!pieces.empty()) {
    auto count = std::min(pieces.size(), window.size());
    std::copy_n(pieces.begin(), count, window.begin());
    pieces = pieces.subspan(count);
    auto left = std::span<std::string_view>(window.data(), count);
    while (!left.empty()) {
      auto done = tls_->session.write(left);
      if (tls_->session.failed()) {
        later(&StreamTransport::fail_tls);
        return taken;
      }
      taken += done;
      while (!left.empty() && done >= left.front().size()) {
        done -= left.front().size();
        left = left.subspan(1);
      }
      if (!left.empty()) left.front().remove_prefix(done);
      if (!flush_tls()) {
        want_write_ = !left.empty() || !pieces.empty();
        return taken;
      }
    }
  }
  want_write_ = false;
  return taken;
}

void StreamTransport::pause_reading() {
  if (std::exchange(paused_, true) || closed_ || closing_) return;
  if (handler_) raw_read(false);
}

void StreamTransport::resume_reading() {
  if (!std::exchange(paused_, false) || closed_ || closing_) return;
  if (tls_ && !tls_->held.empty()) {
    later(&StreamTransport::continue_reading);
  } else if (handler_) {
    raw_read(true);
  }
}

void StreamTransport::continue_reading() {
  if (paused_ || closed_ || closing_) return;
  auto held = std::exchange(tls_->held, {});
  Watch watch(*this);
  feed_tls(held);
  if (!watch.gone && !paused_ && !closed_) raw_read(true);
}

void StreamTransport::start_tls(std::shared_ptr<TlsContext> context, std::string_view server_name) {
  assert(handler_ && !tls_);
  auto server = context->is_server();
  tls_ = std::make_unique<Tls>(std::move(context), server_name);
  if (server) return;
  if (tls_->session.handshake() == TlsSession::Step::failed) {
    later(&StreamTransport::fail_tls);
  } else {
    flush_tls();
  }
}

bool StreamTransport::flush_tls() {
  auto& output = tls_->session.output();
  if (output.empty()) return true;
  auto whole = std::string_view(output);
  auto taken = raw_write(std::span<const std::string_view>(&whole, 1));
  if (taken < output.size()) {
    output.erase(0, taken);
    return false;
  }
  std::string().swap(output);  // an idle connection keeps no buffer
  return true;
}

void StreamTransport::fail_tls() {
  if (closed_) return;
  flush_tls();  // the alert, as far as it goes
  auto error = tls_->session.error();
  auto reason = tls_->session.untrusted() ? CloseReason::untrusted : CloseReason::tls_failed;
  finish(closing_ ? CloseReason::by_us : reason, error);
}

void StreamTransport::on_raw_data(std::string_view bytes) {
  if (closed_) return;
  if (closing_) {
    if (!tls_ || said_goodbye_) return;  // only the end is awaited
  }
  if (tls_) {
    feed_tls(bytes);
  } else {
    handler_->on_data(bytes);
  }
}

void StreamTransport::feed_tls(std::string_view bytes) {
  auto& tls = *tls_;
  if (paused_ && !closing_) {
    tls.held.append(bytes);
    return;
  }
  tls.session.input(bytes);
  if (!tls.secured) {
    auto step = tls.session.handshake();
    if (step == TlsSession::Step::failed) return fail_tls();
    flush_tls();
    if (step == TlsSession::Step::more) return;
    tls.secured = true;
    Watch watch(*this);
    handler_->on_secured(tls.session.facts());
    if (watch.gone || closed_) return;
    if (want_write_ && !closing_) {
      want_write_ = false;
      handler_->on_writable();
      if (watch.gone || closed_) return;
    }
  }
  if (!read_tls()) return;
  if (!tls.session.rest().empty()) tls.held.assign(tls.session.rest());
  tls.session.input({});
}

bool StreamTransport::read_tls() {
  auto& session = tls_->session;
  std::array<char, 32 * 1024> plain;
  Watch watch(*this);
  while (!paused_ || closing_) {
    size_t size = 0;
    while (size < plain.size() / 2) {  // small records are handed over together
      auto more = session.read(std::span(plain).subspan(size));
      if (more == 0) break;
      size += more;
    }
    if (size > 0 && !closing_) {
      handler_->on_data({plain.data(), size});
      if (watch.gone || closed_) return false;
    }
    if (session.failed()) {
      fail_tls();
      return false;
    }
    if (session.ended()) {
      finish(closing_ ? CloseReason::by_us : CloseReason::by_peer, {});
      return false;
    }
    if (session.output().size() > limits::tls_unsent_bytes_max) {
      finish(CloseReason::tls_failed, "the peer makes us answer and does not read");
      return false;
    }
    flush_tls();
    if (size == 0) break;
  }
  return true;
}

void StreamTransport::on_raw_writable() {
  if (closed_) return;
  if (tls_ && !flush_tls()) return;
  if (closing_) {
    say_goodbye();
    return;
  }
  if (want_write_ && (!tls_ || tls_->secured)) {
    want_write_ = false;
    handler_->on_writable();
  }
}

void StreamTransport::on_raw_end(CloseReason reason, std::string_view detail) {
  if (closing_) reason = CloseReason::by_us;
  if (tls_ && !tls_->secured && reason == CloseReason::by_peer) {
    return finish(CloseReason::tls_failed, "the connection ended during the TLS handshake");
  }
  finish(reason, detail);
}

void StreamTransport::close() {
  if (closed_ || std::exchange(closing_, true)) return;
  if (tls_) tls_->session.goodbye();
  if (!handler_) return;
  linger_ = std::make_unique<Timer>(loop_);
  linger_->start(linger_time, [this] { finish_by_us(); });
  if (paused_) raw_read(true);  // to see the peer's end
  if (!tls_ || flush_tls()) say_goodbye();
}

void StreamTransport::say_goodbye() {
  if (std::exchange(said_goodbye_, true)) return;
  raw_shutdown();
}

void StreamTransport::finish_by_us() { finish(CloseReason::by_us, {}); }

void StreamTransport::finish(CloseReason reason, std::string_view detail) {
  if (std::exchange(closed_, true)) return;
  linger_.reset();
  raw_close();
  if (handler_) handler_->on_closed(reason, detail);
}

}  // namespace xbus::net
