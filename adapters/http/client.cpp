#include "adapters/http/client.hpp"

#include <algorithm>
#include <utility>

#include "adapters/atom/reference.hpp"
#include "adapters/http/exchange.hpp"
#include "adapters/http/url.hpp"
#include "bus/limits_feeds.hpp"
#include "bus/net/resolver.hpp"
#include "bus/net/tls.hpp"

namespace xbus::http {
namespace {

// Nothing that was kept from an earlier answer can begin a line of its own.
bool fits_a_header(const std::string& value) {
  return !value.empty() && value.size() <= limits::feed_uri_bytes_max &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7F; });
}

std::string head_of(const Url& url, const Get& what, const std::string& agent) {
  std::string out = "GET " + url.target + " HTTP/1.1\r\nHost: " + url.authority + "\r\n";
  if (!agent.empty()) out += "User-Agent: " + agent + "\r\n";
  out += "Accept: application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5\r\n";
  out += "Accept-Encoding: identity\r\n";
  if (fits_a_header(what.etag)) out += "If-None-Match: " + what.etag + "\r\n";
  if (fits_a_header(what.last_modified)) out += "If-Modified-Since: " + what.last_modified + "\r\n";
  return out + "Connection: close\r\n\r\n";
}

// The charset of `text/xml; charset="utf-8"` (RFC 9110 section 8.3.2).
std::string charset_of(std::string_view type) {
  std::string lower(type);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  const size_t at = lower.find("charset=");
  if (at == lower.npos) return {};
  std::string_view value = std::string_view(lower).substr(at + 8);
  if (value.starts_with('"')) value.remove_prefix(1);
  value = value.substr(0, value.find_first_of("\"; \t"));
  return std::string(value.substr(0, 40));
}

bool redirects(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

struct Client::Impl {
  Impl(net::IoLoop& on, ClientOptions with)
      : loop(on), options(std::move(with)), resolver(on, {.nameservers = options.nameservers}) {}

  // The next place, or why it is not gone to.
  static Result<Url, std::string> next_of(const Url& from, const std::string& location) {
    if (location.empty()) return Err{from.text() + " redirects to nowhere"};
    auto to = parse_url(atom::resolve(from.text(), location));
    if (!to) return Err{from.text() + " redirects to what is not gone to: " + to.error()};
    if (from.tls && !to->tls) return Err{from.text() + " redirects to plain http"};
    return to;
  }

  net::IoLoop& loop;
  ClientOptions options;
  net::Resolver resolver;
  std::shared_ptr<net::TlsContext> tls;
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>, std::string> Client::make(net::IoLoop& loop, const ClientOptions& options) {
  net::TlsClientOptions trust;
  trust.ca_file = options.ca_file;
  auto context = net::TlsContext::client(trust);
  if (!context) return Err{context.error()};
  auto impl = std::make_unique<Impl>(loop, options);
  impl->tls = std::move(*context);
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Task<Result<Answer, std::string>> Client::get(Get what) {
  using Outcome = Result<Answer, std::string>;
  auto url = parse_url(what.url);
  if (!url) co_return Outcome(Err{what.url + ": " + url.error()});
  const Time until = impl_->loop.clock() + limits::fetch_time_max;
  bool was_elsewhere = false;
  for (int hop = 0; hop <= limits::fetch_redirects_max; ++hop) {
    Exchange exchange(impl_->loop, impl_->resolver, impl_->tls,
                      {.url = *url,
                       .head = head_of(*url, what, impl_->options.agent),
                       .body_bytes_max = what.body_bytes_max,
                       .not_this_host = was_elsewhere,
                       .until = until});
    auto running = exchange.run();
    auto done = co_await std::move(running);
    if (!done) co_return Outcome(Err{url->text() + ": " + done.error()});
    was_elsewhere = !done->loopback;
    if (redirects(done->status)) {
      auto next = Impl::next_of(*url, done->location);
      if (!next) co_return Outcome(Err{next.error()});
      *url = std::move(*next);
      continue;
    }
    if (done->status != 200 && done->status != 304)
      co_return Outcome(Err{url->text() + " answers " + std::to_string(done->status)});
    Answer answer;
    answer.changed = done->status == 200;
    answer.body = std::move(done->body);
    answer.url = url->text();
    answer.charset = charset_of(done->content_type);
    // What a 304 does not repeat still holds.
    answer.etag = answer.changed || !done->etag.empty() ? done->etag : what.etag;
    answer.last_modified = answer.changed || !done->last_modified.empty() ? done->last_modified : what.last_modified;
    co_return Outcome(std::move(answer));
  }
  co_return Outcome(Err{what.url + " redirects too often"});
}

}  // namespace xbus::http
