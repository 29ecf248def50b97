#include "bus/net/connector.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <random>
#include <utility>

#include "bus/limits.hpp"
#include "bus/net/stagger.hpp"

namespace xbus::net {

namespace {

constexpr uint16_t xmpp_port = 5222, xmpps_port = 5223;

bool localhost(std::string_view host) { return host == "localhost" || host.ends_with(".localhost"); }

}  // namespace

struct Connector::Impl : std::enable_shared_from_this<Impl> {
  // One connect() under way.
  struct Attempt final : IoLoop::Watcher {
    Attempt(Impl& owner, SocketAddress to)
        : impl(owner), address(std::move(to)), begun(owner.loop.clock()) {}
    ~Attempt() {
      if (socket) impl.loop.unwatch(socket.get(), *this);
    }
    void on_ready(uint32_t) override {
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
      auto keep = impl.shared_from_this();
      if (error == 0) {
        impl.loop.unwatch(socket.get(), *this);
        keep->tell(*this, 0);
        keep->connected(std::move(socket));
      } else {
        keep->failed(*this, error);
      }
    }
    Impl& impl;
    SocketAddress address;
    Descriptor socket;
    Time begun;
  };

  Impl(IoLoop& on, Resolver& by, Address to) : loop(on), resolver(by), address(std::move(to)) {}

  void start() {
    if (address.kind == Address::Kind::unix_socket) {
      direct_tls = false;
      return try_all({*SocketAddress::unix_path(address.path)});
    }
    auto literal = SocketAddress::ip(address.host, 0);
    if (address.port || literal || localhost(address.host)) return without_srv();
    asked = address.kind == Address::Kind::xmpps ? 1 : 2;
    look_up("_xmpps-client._tcp.", true, xmpps);
    if (address.kind == Address::Kind::xmpp) look_up("_xmpp-client._tcp.", false, xmpp);
  }

  void look_up(const std::string& service, bool direct, SrvAnswer& into) {
    auto name = service + address.host;
    auto begun = loop.clock();
    resolver.srv(name, direct, [weak = weak_from_this(), &into, name, begun](SrvAnswer answer) {
      auto self = weak.lock();
      if (!self) return;
      into = std::move(answer);
      self->tell(name, into, begun);
      if (--self->asked == 0) self->on_srv();
    });
  }

  // ---- Telling ----

  void tell(const std::string& name, const SrvAnswer& answer, Time begun) {
    if (!told) return;
    ConnectStep step{.kind = ConnectStep::Kind::records, .subject = name, .took = loop.clock() - begun};
    step.records = answer.kind;
    step.done = answer.kind != SrvAnswer::Kind::refused;
    for (auto& target : answer.targets) step.found.push_back(target.host + ":" + std::to_string(target.port));
    told(step);
  }
  void tell(const std::string& host, const Resolver::Addresses& found, Time begun) {
    if (!told) return;
    ConnectStep step{.kind = ConnectStep::Kind::addresses, .subject = host, .took = loop.clock() - begun};
    step.done = bool(found);
    if (!found) {
      step.no_address = found.error().kind;
    } else {
      for (auto& each : *found) step.found.push_back(each.text());
    }
    told(step);
  }
  void tell(const Attempt& attempt, int error) {
    tell_connect(attempt.address, error, loop.clock() - attempt.begun, error == 0);
  }
  void tell_connect(const SocketAddress& to, int error, Duration took, bool connected) {
    if (!told) return;
    told({.kind = ConnectStep::Kind::connect, .done = connected, .subject = where(to), .took = took, .error = error});
  }
  std::string where(const SocketAddress& to) const {
    return to.family() == AF_UNIX ? address.path : to.text();
  }

  void on_srv() {
    auto answer = address.kind == Address::Kind::xmpps ? std::move(xmpps) : merged(std::move(xmpp), std::move(xmpps));
    if (answer.kind == SrvAnswer::Kind::refused) {
      return finish(Err{address.host + " says that it has no such service"});
    }
    if (answer.kind != SrvAnswer::Kind::found) return without_srv();
    std::random_device device;
    auto sorted = ordered(std::move(answer.targets), [&device](uint32_t bound) {
      return std::uniform_int_distribution<uint32_t>(0, bound)(device);
    });
    sorted.resize(std::min(sorted.size(), limits::srv_targets_max));
    targets.assign(sorted.begin(), sorted.end());
    next_target();
  }

  void without_srv() {
    auto direct = address.kind == Address::Kind::xmpps;
    auto port = address.port ? address.port : direct ? xmpps_port : xmpp_port;
    targets = {{address.host, port, 0, 0, direct}};
    next_target();
  }

  void next_target() {
    if (targets.empty()) return finish(Err{trouble});
    auto target = std::move(targets.front());
    targets.pop_front();
    direct_tls = target.direct_tls;
    auto begun = loop.clock();
    resolver.addresses(target.host, target.port, [weak = weak_from_this(), host = target.host, begun](Resolver::Addresses found) {
      auto self = weak.lock();
      if (!self) return;
      self->tell(host, found, begun);
      if (!found) {
        self->trouble = found.error().text;
        return self->next_target();
      }
      auto order = interleaved(std::move(*found));
      self->try_all({order.begin(), order.end()});
    });
  }

  void try_all(std::deque<SocketAddress> addresses) {
    stagger.set(std::move(addresses));
    next_address();
  }

  void next_address() {
    stagger.next();
    if (attempts.empty() && !done_already) next_target();
  }

  // False when it has failed at once.
  bool begin(const SocketAddress& to) {
    if (address.kind == Address::Kind::tcp && !to.loopback()) {
      trouble = to.text() + " is no loopback address, and tcp:// has no TLS";
      tell_connect(to, 0, {}, false);
      return false;
    }
    auto& attempt = *attempts.emplace_back(std::make_unique<Attempt>(*this, to));
    attempt.socket = Descriptor(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!attempt.socket) {
      note(attempt, errno);
    } else if (::connect(attempt.socket.get(), to.native(), to.size) == 0 || errno == EINPROGRESS) {
      if (loop.watch(attempt.socket.get(), attempt, IoLoop::writable)) return true;
      note(attempt, errno);
      attempt.socket.reset();
    } else {
      note(attempt, errno);
      attempt.socket.reset();
    }
    attempts.pop_back();
    return false;
  }

  void note(const Attempt& attempt, int error) {
    trouble = "cannot connect to " + where(attempt.address) + ": " + std::strerror(error);
    tell(attempt, error);
  }

  void failed(Attempt& attempt, int error) {
    note(attempt, error);
    std::erase_if(attempts, [&](auto& it) { return it.get() == &attempt; });
    next_address();
  }

  void connected(Descriptor socket) {
    auto peer = peer_of(socket.get());
    auto transport = make_socket(loop, std::move(socket), std::move(peer));
    finish(Connected{std::move(transport), direct_tls});
  }

  void finish(Result<Connected, std::string> result) {
    if (std::exchange(done_already, true)) return;
    stagger.stop();
    attempts.clear();
    auto to = std::exchange(done, nullptr);
    if (to) to(std::move(result));
  }

  void give_up() {
    done_already = true;
    done = nullptr;
    told = nullptr;
    stagger.stop();
    attempts.clear();
  }

  IoLoop& loop;
  Resolver& resolver;
  Address address;
  Done done;
  std::function<void(const ConnectStep&)> told;
  bool done_already = false;
  int asked = 0;  // SRV lookups under way
  SrvAnswer xmpp, xmpps;
  std::deque<SrvTarget> targets;
  bool direct_tls = false;  // of the target under way
  std::vector<std::unique_ptr<Attempt>> attempts;
  Stagger stagger{loop, [this](const SocketAddress& to) { return begin(to); }};
  std::string trouble = "there is nothing to connect to";
};

Connector::Connector(IoLoop& loop, Resolver& resolver, Address address)
    : impl_(std::make_shared<Impl>(loop, resolver, std::move(address))) {}

Connector::~Connector() { impl_->give_up(); }

void Connector::on_step(std::function<void(const ConnectStep&)> told) { impl_->told = std::move(told); }

void Connector::start(Done done) {
  impl_->done = std::move(done);
  impl_->loop.post([weak = std::weak_ptr(impl_)] {
    auto self = weak.lock();
    if (self && !self->done_already) self->start();
  });
}

std::vector<SocketAddress> interleaved(std::vector<SocketAddress> addresses) {
  std::vector<SocketAddress> first, other, out;
  for (auto& address : addresses) {
    (address.family() == addresses.front().family() ? first : other).push_back(address);
  }
  for (size_t i = 0; i < std::max(first.size(), other.size()); ++i) {
    if (i < first.size()) out.push_back(first[i]);
    if (i < other.size()) out.push_back(other[i]);
  }
  return out;
}

}  // namespace xbus::net
