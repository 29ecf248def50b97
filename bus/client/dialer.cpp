#include "bus/client/dialer.hpp"

#include <algorithm>
#include <utility>

#include "bus/client/bus_address.hpp"
#include "bus/net/connector.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/net/resolver.hpp"

namespace xbus::client {

namespace {

using Kind = xmpp::LoginError::Kind;

xmpp::LoginError unreachable(std::string why) { return {.kind = Kind::unreachable, .text = std::move(why)}; }

}  // namespace

Dialer::Dialer(net::Loop& loop, const Options& options, MakeTransport make_transport, Progress& progress)
    : loop_(loop),
      options_(options),
      make_transport_(std::move(make_transport)),
      progress_(progress),
      io_(dynamic_cast<net::IoLoop*>(&loop)) {}

Dialer::~Dialer() { cancel(); }

void Dialer::cancel() {
  if (alive_) *alive_ = false;
  alive_.reset();
  connector_.reset();
  done_ = nullptr;
  waiting_.clear();
}

void Dialer::dial(const std::optional<net::Address>& instead, Done done) {
  cancel();
  alive_ = std::make_shared<bool>(true);
  done_ = std::move(done);
  auto post = [this](auto step) {
    loop_.post([alive = alive_, step] {
      if (*alive) step();
    });
  };
  if (make_transport_) {
    return post([this] {
      auto transport = make_transport_();
      if (!transport) return give(Err{unreachable("there is no bus to connect to")});
      give(Dialed{std::move(transport), {}, false, {}});
    });
  }
  if (!io_) {
    return post([this] { give(Err{unreachable("this loop has no sockets")}); });
  }
  auto addresses = instead ? Result<std::vector<net::Address>, std::string>(std::vector{*instead})
                           : bus_addresses(options_.address, environment());
  if (!addresses) {
    return post([this, why = addresses.error()] { give(Err{unreachable(why)}); });
  }
  trouble_.clear();
  if (!instead && options_.address.empty()) {
    // Left out of the places to try because its folder is not there: who is told of the other is told of this one too.
    const auto places = environment();
    const auto own = per_user_socket(places);
    if (places.xbus_bus.empty() && addresses->front().path != own) trouble_ = "there is no " + own;
  }
  Step step{.kind = Step::Kind::address};
  for (auto& address : *addresses) step.found.push_back(net::to_string(address));
  progress_.ended(std::move(step));
  waiting_ = std::move(*addresses);
  std::reverse(waiting_.begin(), waiting_.end());
  if (!resolver_) resolver_ = std::make_unique<net::Resolver>(*io_);
  next();
}

void Dialer::next() {
  auto address = std::move(waiting_.back());
  waiting_.pop_back();
  connector_ = std::make_unique<net::Connector>(*io_, *resolver_, address);
  const bool local = address.kind == net::Address::Kind::unix_socket;
  progress_.begin(local ? Step::Kind::connect : Step::Kind::host, local ? address.path : address.host);
  if (progress_.wanted()) {
    connector_->on_step([this](const net::ConnectStep& step) { progress_.ended(step); });
  }
  connector_->start([this, address](Result<net::Connected, std::string> result) {
    if (result) return connected(std::move(result->transport), address, result->direct_tls);
    trouble_ += (trouble_.empty() ? "" : ", and ") + result.error();
    if (waiting_.empty()) return give(Err{unreachable(trouble_)});
    next();
  });
}

void Dialer::connected(std::unique_ptr<net::Transport> transport, const net::Address& address, bool direct_tls) {
  Dialed dialed{std::move(transport), address, direct_tls, {}};
  if (address.kind == net::Address::Kind::xmpp || direct_tls) {
    auto context = trust(direct_tls);
    if (!context) {
      progress_.begin(Step::Kind::certificate);
      return give(Err{xmpp::LoginError{.kind = Kind::untrusted, .text = context.error()}});
    }
    dialed.tls = *context;
  }
  give(std::move(dialed));
}

void Dialer::give(Result<Dialed, xmpp::LoginError> result) {
  auto done = std::exchange(done_, nullptr);
  if (done) done(std::move(result));
}

net::TlsClientOptions tls_options(const Options& options, bool direct_tls) {
  net::TlsClientOptions out;
  out.ca_file = options.ca_file;
  out.pin = options.pin;
  out.certificate_file = options.certificate_file;
  out.key_file = options.key_file;
  out.alpn = direct_tls;
  return out;
}

Result<std::shared_ptr<net::TlsContext>, std::string> Dialer::trust(bool direct_tls) {
  auto& kept = direct_tls ? direct_ : starttls_;
  if (kept) return kept;
  net::TlsClientOptions wanted = tls_options(options_, direct_tls);
  if (progress_.wanted()) {
    wanted.on_certificate = [this](const net::ShownCertificate& shown) { progress_.ended(shown); };
  }
  auto context = net::TlsContext::client(wanted);
  if (context) kept = *context;
  return context;
}

}  // namespace xbus::client
