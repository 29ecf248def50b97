// A line of load that speaks the text protocol of NATS: requests with an inbox, as its client
// libraries make them.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/net/transport.hpp"
#include "services/xbus/load_line.hpp"
#include "services/xbus/load_server.hpp"

namespace xbus::cli {

class NatsLine final : public LoadLine, private net::Transport::Handler {
 public:
  NatsLine(LoadServer& server, Place place, LoadLine::Owner& owner);
  ~NatsLine() override;

  void start() override;
  size_t index() const override { return place_.index; }
  const std::string& address() const override { return subject_; }
  void aim(const std::string& address) override;
  bool call(uint64_t id) override;

 private:
  void on_data(std::string_view bytes) override;
  void on_writable() override;
  void on_secured(const net::TlsFacts& facts) override;
  void on_closed(net::CloseReason reason, std::string_view detail) override;

  size_t read(std::string_view window);
  // How much of the window a message takes that begins with this line of `line` bytes; 0 while it
  // is not whole.
  size_t message(std::string_view window, size_t line);
  void control(std::string_view line);
  void taken(std::string_view subject, std::string_view reply, std::string_view body);
  bool id_in_payload() const;
  void log_in();
  void send(std::string_view bytes);
  void flush();
  void end(Fault why);

  LoadServer& server_;
  Place place_;
  LoadLine::Owner& owner_;
  std::unique_ptr<net::Connector> connector_;
  std::unique_ptr<net::Transport> transport_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  // The inbox ends in a dot; the call's place among those under way follows. A server remembers
  // where a subject leads, so few subjects are what it does best. The call's id begins the payload,
  // where it fits.
  std::string subject_, inbox_;
  std::string head_, middle_, filler_;  // of a call, around its place and its id
  std::vector<uint64_t> ids_;           // under way, by place
  std::string in_, out_;
  size_t out_done_ = 0;
  bool greeted_ = false, ready_ = false, scheduled_ = false, blocked_ = false, gone_ = false;
};

}  // namespace xbus::cli
