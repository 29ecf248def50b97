#include "adapters/http/exchange.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "bus/limits_feeds.hpp"
#include "bus/net/connector.hpp"
#include "bus/net/timer.hpp"
#include "bus/net/transport.hpp"

namespace xbus::http {

namespace beast = boost::beast::http;

struct Exchange::Impl final : private net::Transport::Handler {
  using Outcome = Result<Exchanged, std::string>;
  using Parser = beast::response_parser<beast::string_body>;

  Impl(net::IoLoop& on, net::Resolver& resolver, std::shared_ptr<net::TlsContext> context, Request what)
      : loop(on),
        tls(std::move(context)),
        request(std::move(what)),
        // With a port no SRV record is asked for; TLS is begun here.
        connector(on, resolver,
                  {.kind = request.url.tls ? net::Address::Kind::xmpps : net::Address::Kind::xmpp,
                   .host = request.url.host,
                   .port = request.url.port}),
        timer(on) {
    begin_answer();
  }

  void start() {
    timer.start_at(request.until, [this] { finish(Err{std::string("no answer in time")}); });
    connector.start([this](Result<net::Connected, std::string> connected) {
      if (!connected) return finish(Err{connected.error()});
      transport = std::move(connected->transport);
      if (request.not_this_host && transport->peer().loopback)
        return finish(Err{std::string("another host's redirection to this one is not followed")});
      transport->start(*this);
      if (request.url.tls) {
        transport->start_tls(tls, request.url.host);
      } else {
        on_writable();
      }
    });
  }

  void begin_answer() {
    parser.emplace();
    parser->eager(true);
    parser->header_limit(limits::fetch_head_bytes_max);
    parser->body_limit(request.body_bytes_max);
  }

  void on_writable() override {
    if (done) return;
    written += transport->write_one(std::string_view(request.head).substr(written));
  }
  void on_secured(const net::TlsFacts&) override { on_writable(); }

  void on_data(std::string_view bytes) override {
    if (done) return;
    in.append(bytes);
    while (!done && !in.empty()) {
      boost::system::error_code error;
      const size_t used = parser->put(boost::asio::const_buffer(in.data(), in.size()), error);
      in.erase(0, used);
      if (error && error != beast::error::need_more) return fail(error);
      if (parser->is_done()) {
        answered();
      } else if (in.size() > limits::fetch_head_bytes_max) {  // the parser counts only what it has taken
        return finish(Err{std::string("the head of the answer is too large")});
      } else if (used == 0 || error) {
        return;
      }
    }
  }

  void on_closed(net::CloseReason reason, std::string_view detail) override {
    if (done) return;
    boost::system::error_code error;
    if (reason == net::CloseReason::by_peer && parser->got_some()) parser->put_eof(error);
    if (reason == net::CloseReason::by_peer && !error && parser->is_done()) return answered();
    std::string why = "the connection ended before the answer did";
    if (!detail.empty() && reason != net::CloseReason::by_peer) why = std::string(detail);
    finish(Err{std::move(why)});
  }

  void fail(const boost::system::error_code& error) {
    if (error == beast::error::body_limit) return finish(Err{std::string("the answer is too large")});
    if (error == beast::error::header_limit) return finish(Err{std::string("the head of the answer is too large")});
    finish(Err{"this is no HTTP: " + error.message()});
  }

  void answered() {
    auto& message = parser->get();
    const unsigned status = message.result_int();
    if (status >= 100 && status < 200) {  // the answer comes behind it (RFC 9110 section 15.2)
      if (++interim > limits::fetch_redirects_max) return finish(Err{std::string("too many interim answers")});
      return begin_answer();
    }
    const auto field = [&message](beast::field name) {
      const auto value = message[name];
      return std::string(value.data(), value.size());
    };
    if (const std::string coding = field(beast::field::content_encoding); !coding.empty() && coding != "identity")
      return finish(Err{std::string("the answer is compressed, which was not asked for")});
    Exchanged out;
    out.status = status;
    out.content_type = field(beast::field::content_type);
    out.etag = field(beast::field::etag);
    out.last_modified = field(beast::field::last_modified);
    out.location = field(beast::field::location);
    out.loopback = transport->peer().loopback;
    if (status == 200) out.body = std::move(message.body());
    finish(std::move(out));
  }

  // Later: whoever waits may destroy this, which is in the middle of a callback.
  void finish(Outcome outcome) {
    if (std::exchange(done, true)) return;
    loop.post(
        [completion = completion, result = std::move(outcome)]() mutable { completion.complete(std::move(result)); });
  }

  net::IoLoop& loop;
  std::shared_ptr<net::TlsContext> tls;
  Request request;
  net::Connector connector;
  net::Timer timer;
  std::unique_ptr<net::Transport> transport;
  std::optional<Parser> parser;
  std::string in;
  size_t written = 0;
  int interim = 0;
  bool done = false;
  Completion<Outcome> completion;
};

Exchange::Exchange(net::IoLoop& loop, net::Resolver& resolver, std::shared_ptr<net::TlsContext> tls, Request request)
    : impl_(std::make_unique<Impl>(loop, resolver, std::move(tls), std::move(request))) {}
Exchange::~Exchange() = default;

Task<Result<Exchanged, std::string>> Exchange::run() {
  impl_->start();
  auto outcome = co_await impl_->completion;
  co_return outcome;
}

}  // namespace xbus::http
