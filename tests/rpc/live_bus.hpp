// A live bus on a unix socket in a folder of its own: real loop, real time, one thread.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "bus/net/io_loop.hpp"
#include "bus/net/listener.hpp"
#include "bus/net/socket.hpp"
#include "bus/server/server.hpp"
#include "bus/store/memory_store.hpp"
#include "rpc/bus.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus {

class LiveBus {
 public:
  LiveBus() : store_(store::make_memory_store()), registry_(registry_options(), *store_) {
    char name[] = "/tmp/xbus-live-XXXXXX";
    folder_ = ::mkdtemp(name);
    server_ = std::make_unique<server::Server>(server::Options{}, std::vector<net::Loop*>{&loop_}, *store_,
                                               [](auto&&...) {});
    server_->attach("services.localhost", registry_);
    listener_ = std::move(*net::Listener::on_path(
        loop_, folder_ + "/socket", 0700, [this](net::Descriptor socket, net::PeerAddress peer) {
          server_->accept(net::make_socket(loop_, std::move(socket), std::move(peer)),
                          server::ListenerKind::unix_socket, loop_);
        }));
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~LiveBus() {
    loop_.post([this] { loop_.stop(); });
    thread_.join();
    listener_.reset();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  BusOptions options() const {
    BusOptions options;
    options.connection.address = "unix:" + folder_ + "/socket";
    return options;
  }

 private:
  static registry::RegistryOptions registry_options() {
    registry::RegistryOptions options;
    options.names.claim = registry::Claim::first;
    return options;
  }

  std::string folder_;
  net::IoLoop loop_;
  std::unique_ptr<store::Store> store_;
  registry::Registry registry_;
  std::unique_ptr<server::Server> server_;
  std::unique_ptr<net::Listener> listener_;
  std::thread thread_;
};

}  // namespace xbus
