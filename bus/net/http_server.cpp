#include "bus/net/http_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <charconv>
#include <utility>

#include "bus/limits.hpp"
#include "bus/net/timer.hpp"

namespace xbus::net {

namespace http = boost::beast::http;

namespace {

std::string text_of(http::status status, std::string_view headers, std::string_view type, std::string_view body,
                    bool with_body) {
  std::string out = "HTTP/1.1 " + std::to_string(static_cast<unsigned>(status)) + " " +
                    std::string(http::obsolete_reason(status)) + "\r\nContent-Type: " + std::string(type) +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(headers) +
                    "Connection: close\r\n\r\n";
  if (with_body) out += body;
  return out;
}

std::string plain(http::status status, std::string_view headers = {}, bool with_body = true) {
  const std::string body = std::string(http::obsolete_reason(status)) + "\n";
  return text_of(status, headers, "text/plain; charset=utf-8", body, with_body);
}

http::status status_of(const boost::system::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return http::status::request_header_fields_too_large;
  if (error == http::error::body_limit || error == http::error::unexpected_body)
    return http::status::payload_too_large;
  return http::status::bad_request;
}

}  // namespace

class HttpServer::Connection final : private Transport::Handler {
 public:
  Connection(HttpServer& server, std::unique_ptr<Transport> transport)
      : server_(server), transport_(std::move(transport)), timer_(server.loop_) {
    parser_.header_limit(limits::http_head_bytes_max);
    parser_.body_limit(boost::none);
    timer_.start(limits::http_time_max, [this] { server_.remove(*this); });
    transport_->start(*this);
  }

  void answer(std::string text) {
    if (answered_) return;
    answered_ = true;
    out_ = std::move(text);
    on_writable();
  }

 private:
  void on_data(std::string_view bytes) override {
    if (answered_) return;
    in_.append(bytes);
    boost::system::error_code error;
    const size_t used = parser_.put(boost::asio::const_buffer(in_.data(), in_.size()), error);
    in_.erase(0, used);
    if (error && error != http::error::need_more) return answer(plain(status_of(error)));
    if (parser_.is_header_done()) return answer(respond());
    // The parser counts what it has taken; what it still waits to see the end of is bounded too.
    if (in_.size() > limits::http_head_bytes_max) answer(plain(http::status::request_header_fields_too_large));
  }

  std::string respond() {
    const auto& request = parser_.get();
    const bool head = request.method() == http::verb::head;
    if (request.method() != http::verb::get && !head)
      return plain(http::status::method_not_allowed, "Allow: GET, HEAD\r\n");
    const auto target = request.target();
    std::string_view path(target.data(), target.size());
    if (!path.starts_with('/')) return plain(http::status::bad_request);
    path = path.substr(0, path.find('?'));
    const auto found = server_.handler_(path);
    if (!found) return plain(http::status::not_found, {}, !head);
    return text_of(http::status::ok, {}, found->type, found->body, !head);
  }

  void on_writable() override {
    written_ += transport_->write_one(std::string_view(out_).substr(written_));
    if (written_ == out_.size() && !std::exchange(done_, true)) transport_->close();
  }
  void on_secured(const TlsFacts&) override {}
  void on_closed(CloseReason, std::string_view) override { server_.remove(*this); }

  HttpServer& server_;
  std::unique_ptr<Transport> transport_;
  Timer timer_;
  http::request_parser<http::empty_body> parser_;
  std::string in_, out_;
  size_t written_ = 0;
  bool answered_ = false, done_ = false;
};

HttpServer::HttpServer(IoLoop& loop, Handler handler) : loop_(loop), handler_(std::move(handler)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>, std::string> HttpServer::listen(IoLoop& loop, const SocketAddress& address,
                                                                    Handler handler) {
  std::unique_ptr<HttpServer> server(new HttpServer(loop, std::move(handler)));
  auto listener = Listener::on_address(loop, address, [self = server.get()](Descriptor socket, PeerAddress peer) {
    self->accept(std::move(socket), std::move(peer));
  });
  if (!listener) return Err{listener.error()};
  server->listener_ = std::move(*listener);
  return server;
}

void HttpServer::accept(Descriptor socket, PeerAddress peer) {
  const bool full = connections_.size() >= limits::http_connections_max;
  // One beyond the bound is told so; what comes while that is under way is just ended.
  if (connections_.size() > limits::http_connections_max) return;
  connections_.push_back(
      std::make_unique<Connection>(*this, make_socket(loop_, std::move(socket), std::move(peer))));
  if (full) connections_.back()->answer(plain(http::status::service_unavailable));
}

// Later: it is in the middle of a callback of its own.
void HttpServer::remove(Connection& connection) {
  loop_.post([this, alive = std::weak_ptr<bool>(alive_), gone = &connection] {
    if (alive.expired()) return;
    connections_.remove_if([&](const auto& each) { return each.get() == gone; });
  });
}

Result<SocketAddress, std::string> listen_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  std::string_view host = colon == std::string_view::npos ? "" : text.substr(0, colon);
  const std::string_view digits = colon == std::string_view::npos ? text : text.substr(colon + 1);
  if (host.empty() || host == "localhost") host = "127.0.0.1";
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!digits.empty() && error == std::errc() && end == digits.data() + digits.size())
    if (const auto address = SocketAddress::ip(host, port)) return *address;
  return Err{"\"" + std::string(text) + "\" is no [ADDRESS:]PORT"};
}

}  // namespace xbus::net
