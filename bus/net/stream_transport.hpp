// What sockets and pipes share above the raw byte stream: the handler's calls, TLS, back-pressure and the goodbye.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "bus/net/loop.hpp"
#include "bus/net/timer.hpp"
#include "bus/net/transport.hpp"

namespace xbus::net {

// A derived class moves bytes by the raw_ functions and reports by the on_raw_ ones, which it calls from its loop and
// never from inside a raw_ function. It must expect to be destroyed by any on_raw_ call.
class StreamTransport : public Transport {
 public:
  ~StreamTransport() override;

  void start(Handler& handler) override;
  size_t write(std::span<const std::string_view> pieces) override;
  void pause_reading() override;
  void resume_reading() override;
  void start_tls(std::shared_ptr<TlsContext> context, std::string_view server_name) override;
  void close() override;
  const PeerAddress& peer() const override { return peer_; }

 protected:
  StreamTransport(Loop& loop, PeerAddress peer);

  // Takes what it can; when that is less than given, on_raw_writable() follows.
  virtual size_t raw_write(std::span<const std::string_view> pieces) = 0;
  virtual void raw_read(bool on) = 0;
  virtual void raw_shutdown() = 0;  // no more writing: the peer sees the end
  virtual void raw_close() = 0;     // at once; no on_raw_ call follows

  void on_raw_data(std::string_view bytes);
  void on_raw_writable();
  void on_raw_end(CloseReason reason, std::string_view detail);

  Loop& loop() const { return loop_; }

 private:
  struct Tls;
  struct Watch;
  void later(void (StreamTransport::*step)());  // from the loop, unless this object has gone
  void feed_tls(std::string_view bytes);
  bool read_tls();          // false when this object has gone or ended
  bool flush_tls();         // true when nothing is left to write
  void fail_tls();
  void continue_reading();
  void say_goodbye();
  void finish(CloseReason reason, std::string_view detail);
  void finish_by_us();

  Loop& loop_;
  Handler* handler_ = nullptr;
  PeerAddress peer_;
  std::unique_ptr<Tls> tls_;
  std::shared_ptr<StreamTransport*> self_;  // made when something is posted
  std::unique_ptr<Timer> linger_;           // made by close()
  bool* gone_ = nullptr;                    // set by the destructor, for the function that called a handler
  bool paused_ = false;
  bool want_write_ = false;  // write() took less than it was given
  bool closing_ = false;     // close() was called
  bool said_goodbye_ = false;
  bool closed_ = false;      // on_closed was called
};

}  // namespace xbus::net
