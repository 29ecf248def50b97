#include "bus/net/resolver.hpp"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>

#include <cstring>
#include <map>
#include <utility>

#include "bus/net/timer.hpp"
#include "bus/xmpp/precis_alabel.hpp"

namespace xbus::net {

struct Resolver::Impl : std::enable_shared_from_this<Impl> {
  // A socket of c-ares on our loop.
  struct Watch final : IoLoop::Watcher {
    Watch(Impl& owner, int watched) : impl(owner), fd(watched) {}
    void on_ready(uint32_t ready) override {
      auto keep = impl.shared_from_this();  // this Watch may go inside
      auto socket = fd;
      keep->process(ready & (IoLoop::readable | IoLoop::failed) ? socket : ARES_SOCKET_BAD,
                    ready & IoLoop::writable ? socket : ARES_SOCKET_BAD);
    }
    Impl& impl;
    int fd;
    bool watching = false;
  };

  Impl(IoLoop& on, ResolverOptions given) : loop(on), options(std::move(given)), timer(on) {}

  // With the first question: reading the system's configuration is of no use to who has an address already.
  bool ready() {
    if (!std::exchange(begun, true)) open();
    return channel != nullptr;
  }

  void open() {
    ares_library_init(ARES_LIB_INIT_ALL);
    ares_options settings{};
    settings.timeout = int(std::chrono::duration_cast<std::chrono::milliseconds>(options.try_time).count());
    settings.tries = options.tries;
    settings.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
      static_cast<Impl*>(self)->want(fd, readable, writable);
    };
    settings.sock_state_cb_data = this;
    auto status = ares_init_options(&channel, &settings,
                                    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) channel = nullptr;
    if (channel && !options.nameservers.empty() &&
        ares_set_servers_ports_csv(channel, options.nameservers.c_str()) != ARES_SUCCESS) {
      ares_destroy(std::exchange(channel, nullptr));
    }
  }

  void shut() {
    ended = true;
    timer.stop();
    if (channel) ares_destroy(std::exchange(channel, nullptr));
    for (auto& [fd, watch] : watches) {
      if (watch->watching) loop.unwatch(fd, *watch);
    }
    watches.clear();
    if (begun) ares_library_cleanup();
  }

  void want(int fd, int readable, int writable) {
    auto wanted = (readable ? uint32_t{IoLoop::readable} : 0u) | (writable ? uint32_t{IoLoop::writable} : 0u);
    auto& watch = watches[fd];
    if (!watch) watch = std::make_unique<Watch>(*this, fd);
    if (wanted == 0) {
      if (watch->watching) loop.unwatch(fd, *watch);
      auto gone = std::move(watch);
      watches.erase(fd);
      return;
    }
    if (watch->watching) {
      loop.rewatch(fd, *watch, wanted);
    } else {
      watch->watching = loop.watch(fd, *watch, wanted);
    }
  }

  void process(int readable, int writable) {
    if (!channel) return;
    ares_process_fd(channel, readable, writable);
    rearm();
  }

  void rearm() {
    timeval wait{};
    if (!channel || !ares_timeout(channel, nullptr, &wait)) {
      timer.stop();
      return;
    }
    timer.start(std::chrono::seconds(wait.tv_sec) + std::chrono::microseconds(wait.tv_usec),
                [this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); });
  }

  // Answers are told from the loop: whoever hears one may do away with this resolver.
  template <class T>
  void tell(std::function<void(T)> done, T answer) {
    if (ended) return;
    loop.post([weak = weak_from_this(), done = std::move(done), answer = std::move(answer)] {
      auto self = weak.lock();
      if (self && !self->ended) done(answer);
    });
  }

  IoLoop& loop;
  ResolverOptions options;
  bool begun = false;
  Timer timer;
  ares_channel channel = nullptr;
  std::map<int, std::unique_ptr<Watch>> watches;
  bool ended = false;
};

Resolver::Resolver(IoLoop& loop, const ResolverOptions& options)
    : impl_(std::make_shared<Impl>(loop, options)) {}

Resolver::~Resolver() { impl_->shut(); }

namespace {

SrvAnswer read_srv(int status, const unsigned char* bytes, int size, bool direct_tls) {
  using Kind = SrvAnswer::Kind;
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA) return {Kind::none, {}};
  if (status != ARES_SUCCESS) return {Kind::failed, {}};
  ares_srv_reply* list = nullptr;
  status = ares_parse_srv_reply(bytes, size, &list);
  if (status == ARES_ENODATA) return {Kind::none, {}};
  if (status != ARES_SUCCESS) return {Kind::failed, {}};
  SrvAnswer answer{Kind::found, {}};
  bool refused = false;
  for (auto* it = list; it; it = it->next) {
    std::string host = it->host ? it->host : "";
    if (host.empty() || host == ".") {
      refused = true;
      continue;
    }
    answer.targets.push_back({host, it->port, it->priority, it->weight, direct_tls});
  }
  ares_free_data(list);
  if (answer.targets.empty()) answer.kind = refused ? Kind::refused : Kind::none;
  return answer;
}

// For a person; what the library says stands behind.
std::string why_none(const std::string& host, NoAddress::Kind kind, const char* said) {
  const std::string behind = said == nullptr ? "" : " (" + std::string(said) + ")";
  switch (kind) {
    case NoAddress::Kind::no_such_name:
      return "there is no host " + host + behind;
    case NoAddress::Kind::no_address:
      return "the name " + host + " has no address";
    case NoAddress::Kind::no_answer:
      break;
  }
  return "no name server answers for " + host + behind;
}

NoAddress::Kind kind_of(int status) {
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
      return NoAddress::Kind::no_such_name;
    case ARES_SUCCESS:
    case ARES_ENODATA:
      return NoAddress::Kind::no_address;
    default:
      return NoAddress::Kind::no_answer;
  }
}

}  // namespace

void Resolver::srv(const std::string& name, bool direct_tls, std::function<void(SrvAnswer)> done) {
  auto ascii = xmpp::precis::to_a_labels(name);
  if (!ascii || !impl_->ready()) return impl_->tell<SrvAnswer>(std::move(done), {});
  struct Query {
    Impl* impl;
    bool direct_tls;
    std::function<void(SrvAnswer)> done;
  };
  auto* query = new Query{impl_.get(), direct_tls, std::move(done)};
  ares_query(
      impl_->channel, ascii->c_str(), ns_c_in, ns_t_srv,
      [](void* arg, int status, int, unsigned char* bytes, int size) {
        std::unique_ptr<Query> asked(static_cast<Query*>(arg));
        auto answer = read_srv(status, bytes, size, asked->direct_tls);
        asked->impl->tell(std::move(asked->done), std::move(answer));
      },
      query);
  impl_->rearm();
}

void Resolver::addresses(const std::string& host, uint16_t port, std::function<void(Addresses)> done) {
  if (auto literal = SocketAddress::ip(host, port)) {
    return impl_->tell<Addresses>(std::move(done), std::vector{*literal});
  }
  auto ascii = xmpp::precis::to_a_labels(host);
  if (!ascii || !impl_->ready()) {
    const auto kind = ascii ? NoAddress::Kind::no_answer : NoAddress::Kind::no_such_name;
    return impl_->tell<Addresses>(std::move(done), Err{NoAddress{kind, why_none(host, kind, nullptr)}});
  }
  struct Query {
    Impl* impl;
    std::string host;
    std::function<void(Addresses)> done;
  };
  auto* query = new Query{impl_.get(), host, std::move(done)};
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_NUMERICSERV;
  ares_getaddrinfo(
      impl_->channel, ascii->c_str(), std::to_string(port).c_str(), &hints,
      [](void* arg, int status, int, ares_addrinfo* info) {
        std::unique_ptr<Query> asked(static_cast<Query*>(arg));
        std::vector<SocketAddress> found;
        for (auto* it = info ? info->nodes : nullptr; it; it = it->ai_next) {
          SocketAddress address;
          if (it->ai_addrlen > sizeof address.storage) continue;
          std::memcpy(&address.storage, it->ai_addr, it->ai_addrlen);
          address.size = it->ai_addrlen;
          found.push_back(address);
        }
        if (info) ares_freeaddrinfo(info);
        if (found.empty()) {
          const auto kind = kind_of(status);
          asked->impl->tell<Addresses>(std::move(asked->done),
                                       Err{NoAddress{kind, why_none(asked->host, kind, ares_strerror(status))}});
        } else {
          asked->impl->tell<Addresses>(std::move(asked->done), std::move(found));
        }
      },
      query);
  impl_->rearm();
}

}  // namespace xbus::net
