// HttpServer: answers GET over plain HTTP/1.1, for what a program tells of itself (metrics). No files, no bodies of
// requests, one request a connection.
#pragma once
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bus/net/io_loop.hpp"
#include "bus/net/listener.hpp"
#include "bus/result.hpp"

namespace xbus::net {

struct HttpAnswer {
  std::string type;  // Content-Type
  std::string body;
};

// Lives on one loop. Bounded by limits::http_*: connections at once, bytes of a request's head, the time that one
// connection may take from its first byte to the last one read of the answer. Beyond them: 503, 431, and the end.
class HttpServer {
 public:
  // What GET of this path (without query) gives; nullopt: 404. Called on the loop.
  using Handler = std::function<std::optional<HttpAnswer>(std::string_view path)>;

  // Errors are a line for a person.
  static Result<std::unique_ptr<HttpServer>, std::string> listen(IoLoop& loop, const SocketAddress& address,
                                                                 Handler handler);
  ~HttpServer();
  const SocketAddress& address() const { return listener_->address(); }  // with the port that was taken
  size_t connections() const { return connections_.size(); }

 private:
  class Connection;
  HttpServer(IoLoop& loop, Handler handler);
  void accept(Descriptor socket, PeerAddress peer);
  void remove(Connection& connection);

  IoLoop& loop_;
  Handler handler_;
  std::list<std::unique_ptr<Connection>> connections_;
  std::unique_ptr<Listener> listener_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards what is posted
};

// An address to listen on, "[ADDRESS:]PORT": loopback (127.0.0.1) unless it is given, an IPv6 address in brackets,
// "localhost" for 127.0.0.1. Errors are a line for a person.
Result<SocketAddress, std::string> listen_address(std::string_view text);

}  // namespace xbus::net
