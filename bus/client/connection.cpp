#include "bus/client/connection.hpp"

#include <utility>

#include "bus/crypto/digest.hpp"
#include "bus/limits.hpp"

namespace xbus::client {

namespace {
// What a buffer may keep when it is empty.
constexpr size_t idle_capacity = 64 * 1024;
}  // namespace

Connection::Connection(net::Loop& loop, std::unique_ptr<net::Transport> transport, Plan plan, Owner& owner)
    : loop_(loop),
      transport_(std::move(transport)),
      plan_(std::move(plan)),
      owner_(&owner),
      last_received_(loop.now()),
      last_sent_(loop.now()) {}

Connection::~Connection() = default;

void Connection::start() {
  xmpp::ClientStream::Actions& actions = *this;
  if (plan_.component_secret.empty()) {
    client_.emplace(plan_.stream, actions);
  } else {
    component_.emplace(plan_.stream.domain, plan_.component_secret, actions);
  }
  transport_->start(*this);
  if (auto* told = progress()) told->begin(plan_.direct_tls ? Step::Kind::tls : Step::Kind::stream);
  if (plan_.direct_tls) {
    transport_->start_tls(plan_.tls, plan_.server_name);
    return;
  }
  started_ = true;
  component_ ? component_->start() : client_->start();
}

size_t Connection::stanza_bytes_max() const {
  return client_ ? client_->stanza_bytes_max() : limits::stanza_bytes_assumed;
}

bool Connection::queue(std::string_view bytes) {
  if (closing_ || out_.size() - out_done_ + bytes.size() > limits::queue_bytes_per_connection_max) return false;
  send(bytes);
  return true;
}

void Connection::send(std::string_view bytes) {
  out_.append(bytes);
  queued_ += bytes.size();
  schedule();
}

void Connection::schedule() {
  if (blocked_ || std::exchange(scheduled_, true)) return;
  loop_.defer([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->flush();
  });
}

void Connection::flush() {
  scheduled_ = false;
  if (!transport_) return;
  if (out_done_ < out_.size()) {
    auto rest = std::string_view(out_).substr(out_done_);
    auto taken = transport_->write_one(rest);
    written_ += taken;
    out_done_ += taken;
    last_sent_ = loop_.now();
    blocked_ = taken < rest.size();
    if (blocked_) {
      // What was taken is let go when it is more than what is left.
      if (out_done_ > out_.size() - out_done_) {
        out_.erase(0, out_done_);
        out_done_ = 0;
      }
      return;
    }
    out_.clear();
    out_done_ = 0;
    if (out_.capacity() > idle_capacity) out_.shrink_to_fit();
  }
  if (closing_) transport_->close();
}

void Connection::on_writable() {
  auto keep = shared_from_this();
  blocked_ = false;
  flush();
}

size_t Connection::feed(std::string_view window) {
  return component_ ? component_->on_bytes(window) : client_->on_bytes(window);
}

void Connection::on_data(std::string_view bytes) {
  auto keep = shared_from_this();
  last_received_ = loop_.now();
  heard_ = true;
  if (in_.empty()) {
    auto done = feed(bytes);
    in_.assign(bytes.substr(done));
    return;
  }
  in_.append(bytes);
  in_.erase(0, feed(in_));
  if (in_.empty() && in_.capacity() > idle_capacity) in_.shrink_to_fit();
}

void Connection::on_secured(const net::TlsFacts& facts) {
  auto keep = shared_from_this();
  secured_ = true;
  if (auto* told = progress()) {
    told->ended({.kind = Step::Kind::tls, .chosen = facts.version});
    told->begin(Step::Kind::stream);
  }
  if (component_) {
    component_->start();  // the machine knows nothing of TLS
  } else {
    client_->on_secured(facts);
    if (!std::exchange(started_, true)) client_->start();
  }
}

void Connection::on_closed(net::CloseReason reason, std::string_view detail) {
  auto keep = shared_from_this();
  using Kind = xmpp::LoginError::Kind;
  xmpp::LoginError why{.kind = Kind::closed, .text = std::string(detail)};
  if (reason == net::CloseReason::untrusted) why.kind = Kind::untrusted;
  if (reason == net::CloseReason::tls_failed) why.kind = Kind::unreachable;
  if (why.text.empty()) why.text = "the connection ended";
  cut_ = !ended_;
  tell_end(why);
}

void Connection::reached(Reached point) {
  auto* told = progress();
  if (!told) return;
  switch (point) {
    case Reached::features: {
      if (!std::exchange(features_told_, true)) told->ended({.kind = Step::Kind::stream});
      const bool tls_next = plan_.stream.tls == xmpp::ClientStreamOptions::Tls::required && !secured_;
      return told->begin(tls_next ? Step::Kind::starttls : Step::Kind::mechanism);
    }
    case Reached::mechanism:
      told->ended({.kind = Step::Kind::mechanism,
                   .found = client_->mechanisms(),
                   .chosen = std::string(client_->mechanism())});
      return told->begin(Step::Kind::login);
    case Reached::login:
      told->ended({.kind = Step::Kind::login});
      return told->begin(Step::Kind::bind);
  }
}

void Connection::start_tls() {
  if (auto* told = progress()) {
    told->ended({.kind = Step::Kind::starttls});
    told->begin(Step::Kind::tls);
  }
  transport_->start_tls(plan_.tls, plan_.server_name);
}

void Connection::hash_password(xmpp::ScramWork work) {
  auto salted = std::make_shared<std::string>();
  auto job = [salted, work = std::move(work)] { *salted = work.run(); };
  auto done = [weak = weak_from_this(), salted] {
    if (auto self = weak.lock()) self->hashed(*salted);
    crypto::wipe(*salted);
  };
  if (plan_.workers && plan_.workers->run(loop_, job, done)) return;
  loop_.post([job = std::move(job), done = std::move(done)] {
    job();
    done();
  });
}

void Connection::hashed(const std::string& salted) {
  if (!client_ || !transport_) return;
  client_->on_password_hashed(salted);
  in_.erase(0, feed(in_));
}

void Connection::established(const xmpp::Jid& jid) {
  logged_in_ = true;
  if (auto* told = progress()) told->ended({.kind = Step::Kind::bind, .chosen = jid.str()});
  if (owner_) owner_->on_established(jid);
}

void Connection::resumed() {
  logged_in_ = true;
  if (owner_) owner_->on_resumed();
}

void Connection::not_resumed(Handled handled) {
  if (owner_) owner_->on_not_resumed(handled);
}

void Connection::acknowledged(const xmpp::StreamManagement::Kept& kept) {
  if (owner_) owner_->on_acknowledged(kept);
}

void Connection::deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) {
  if (owner_) owner_->on_stanza(stanza, header);
}

void Connection::failed(const xmpp::LoginError& error) {
  ended_ = true;
  tell_end(error);
}

void Connection::close() {
  closing_ = true;
  schedule();
}

void Connection::end() {
  ended_ = true;
  component_ ? component_->end() : client_->end();
}

void Connection::manage() {
  if (client_ && !ended_) client_->manage();
}

void Connection::leave() {
  auto keep = shared_from_this();
  if (ended_ || !client_) return;
  detach();
  end();
  if (!blocked_) flush();
}

void Connection::detach() { owner_ = nullptr; }

void Connection::tell_end(const xmpp::LoginError& why) {
  if (auto* told = progress(); told && !logged_in_) {
    const bool no_choice = client_ && why.kind == xmpp::LoginError::Kind::no_common_mechanism;
    told->failed(why, no_choice ? client_->mechanisms() : std::vector<std::string>());
  }
  if (auto* owner = std::exchange(owner_, nullptr)) owner->on_ended(why);
}

}  // namespace xbus::client
