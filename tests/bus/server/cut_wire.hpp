// Somebody in the middle of a client's connections to the server, who passes bytes on and cuts the wire where a test
// says.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bus/net/pipe.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {

class CutWire {
 public:
  CutWire(Bus& bus, std::string account) : bus_(bus), account_(std::move(account)) {}

  // The client's end of a new connection; the one before must have gone.
  std::unique_ptr<net::Transport> connect() {
    if (down) return nullptr;
    ++connections;
    auto pipe = net::make_pipe(bus_.loop);
    to_server_ = std::make_unique<End>(*this, bus_.server.connect_local(account_, bus_.loop), server_bytes);
    to_client_ = std::make_unique<End>(*this, std::move(pipe.first), client_bytes);
    to_server_->other = to_client_.get();
    to_client_->other = to_server_.get();
    return std::move(pipe.second);
  }
  // Nobody gets another byte; both see the end of the connection.
  void cut() {
    ++cuts;
    // Not from inside a callback of what is destroyed.
    bus_.loop.post([gone = std::make_shared<std::pair<std::unique_ptr<End>, std::unique_ptr<End>>>(
                        std::move(to_server_), std::move(to_client_))] {});
  }
  bool up() const { return to_client_ != nullptr; }

  // Cuts when so many bytes have come from the server, or from the client.
  std::optional<size_t> cut_after_server, cut_after_client;
  size_t server_bytes = 0, client_bytes = 0;
  int connections = 0, cuts = 0;
  bool down = false;  // nobody can be reached

 private:
  struct End final : net::Transport::Handler {
    End(CutWire& w, std::unique_ptr<net::Transport> t, size_t& counted)
        : wire(w), transport(std::move(t)), count(counted) {
      transport->start(*this);
    }
    void on_data(std::string_view bytes) override { wire.pass(*this, bytes); }
    void on_writable() override { flush(); }
    void on_secured(const net::TlsFacts&) override {}
    void on_closed(net::CloseReason, std::string_view) override {
      if (other && wire.up()) other->transport->close();
    }
    void flush() { kept.erase(0, transport->write_one(kept)); }
    CutWire& wire;
    std::unique_ptr<net::Transport> transport;
    size_t& count;  // bytes that came here
    End* other = nullptr;
    std::string kept;
  };

  void pass(End& from, std::string_view bytes) {
    if (!up()) return;
    auto& limit = &from == to_server_.get() ? cut_after_server : cut_after_client;
    const size_t left = limit ? *limit - std::min(*limit, from.count) : SIZE_MAX;
    const auto passed = bytes.substr(0, left);
    from.count += passed.size();
    from.other->kept += passed;
    from.other->flush();
    if (limit && from.count >= *limit) {
      limit.reset();
      cut();
    }
  }

  Bus& bus_;
  std::string account_;
  std::unique_ptr<End> to_server_, to_client_;
};

}  // namespace xbus::server
