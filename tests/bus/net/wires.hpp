// Two transports that are each other's peer, over every kind of wire there is, for tests that must hold on all.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bus/net/io_loop.hpp"
#include "bus/net/pipe.hpp"
#include "bus/net/transport.hpp"
#include "bus/net/virtual_loop.hpp"

namespace xbus::net {

// Notes everything that a transport tells.
struct Probe final : Transport::Handler {
  void on_data(std::string_view bytes) override {
    received.append(bytes);
    ++data_calls;
    if (data) data(bytes);
  }
  void on_writable() override {
    ++writables;
    if (writable) writable();
  }
  void on_secured(const TlsFacts& given) override {
    facts = given;
    if (secured) secured();
  }
  void on_closed(CloseReason reason, std::string_view why) override {
    closed = reason;
    detail = why;
    if (gone) gone();
  }

  std::string received;
  int data_calls = 0, writables = 0;
  std::optional<TlsFacts> facts;
  std::optional<CloseReason> closed;
  std::string detail;
  std::function<void(std::string_view)> data;
  std::function<void()> writable, secured, gone;
};

enum class Wire { pipe, pipe_bytes, pipe_pieces, pipe_slow, unix_socket, tcp };
std::string name_of(Wire wire);

struct Wires {
  explicit Wires(Wire wire);
  ~Wires();
  // Runs the loop until `done`; false when that takes more than ten seconds.
  bool until(const std::function<bool()>& done);
  // Runs the loop for a moment in which nothing is expected.
  void settle();

  std::unique_ptr<IoLoop> io;
  std::unique_ptr<VirtualLoop> simulated;
  Loop* loop;
  std::unique_ptr<Transport> first, second;
  Probe a, b;  // of first and second; start() is the test's
};

}  // namespace xbus::net
