#include "bus/client/client.hpp"

#include <algorithm>
#include <utility>

#include "bus/client/client_impl.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus::client {

namespace {

using xmpp::LoginError;
using Login = Result<xmpp::Jid, LoginError>;

// Calls `fn` when the coroutine that holds it is destroyed where it stands.
class OnAbandoned {
 public:
  explicit OnAbandoned(std::function<void()> fn) : fn_(std::move(fn)) {}
  ~OnAbandoned() {
    if (fn_) fn_();
  }
  OnAbandoned(const OnAbandoned&) = delete;
  OnAbandoned& operator=(const OnAbandoned&) = delete;
  void release() { fn_ = nullptr; }

 private:
  std::function<void()> fn_;
};

}  // namespace

uint64_t Client::Impl::request(const xmpp::Jid& to, std::string_view type, const xml::Element& payload, Duration deadline,
                   Pending::Done done, const xmpp::Jid& from) {
  Pending::Key key{to, ids.next(), Pending::Kind::iq};
  auto fail = [&](xmpp::StanzaError error) {
    // Told from the loop, like every other end, and forget() still works until then.
    auto token = pending.add(std::move(key), limits::call_time_max, UINT64_MAX, std::move(done));
    loop.post([weak = weak_from_this(), token, error] {
      if (auto self = weak.lock()) self->pending.end(token, {Answer::Kind::not_sent, {}, error});
    });
    return token;
  };
  if (!usable()) {
    return fail({xmpp::Condition::recipient_unavailable, "not connected to the bus"});
  }
  if (pending.size() >= limits::pending_calls_max) {
    return fail({xmpp::Condition::resource_constraint, "too many requests wait for an answer"});
  }
  text.assign("<iq type='");
  text += type;
  text += "' id='";
  text += key.id;
  auto address = [&](const char* name, const std::string& value) {
    text += name;
    xml::escape_attribute(text, value);
  };
  if (!to.empty()) address("' to='", to.str());
  if (!options.component_secret.empty()) address("' from='", from.empty() ? jid.str() : from.str());
  text += "'>";
  xml::write_to(text, payload, xml::ns_client);
  text += "</iq>";
  if (auto error = put()) return fail(*error);
  return pending.add(std::move(key), deadline, put_end, std::move(done));
}

bool Client::Impl::send(const xml::Element& stanza) {
  if (!usable()) return false;
  text.clear();
  xml::write_to(text, stanza, xml::ns_client);
  return !put();
}

std::optional<xmpp::StanzaError> Client::Impl::put() {
  if (text.size() > stanza_bytes_max()) {
    const size_t size = std::exchange(text, {}).size();
    return xmpp::StanzaError(xmpp::Condition::policy_violation, "the stanza has " + std::to_string(size) +
                                                                    " bytes, the server takes " +
                                                                    std::to_string(stanza_bytes_max()));
  }
  const bool managed = sm && sm->on;
  if ((managed && !sm->counts.has_room(text.size())) || (!suspended && !connection->queue(text))) {
    return xmpp::StanzaError(xmpp::ErrorType::wait, xmpp::Condition::resource_constraint,
                             "too much waits to be written");
  }
  if (suspended) before += text.size();
  put_end = place();
  if (managed) keep_until_acknowledged();
  if (trace) trace(true, text);
  if (text.capacity() > 64 * 1024) text = {};
  return {};
}

void Client::Impl::keep_until_acknowledged() {
  sm->counts.sent(text, put_end);
  if (suspended) return;
  if (sm->counts.ask_due()) {
    connection->queue(sm->counts.request());
  } else if (!ask.running() && sm->counts.waits_unasked()) {
    ask.start(limits::unacked_ask_time, [this] {
      if (connection && !suspended && sm->on && sm->counts.waits_unasked())
        connection->queue(sm->counts.request());
    });
  }
}

size_t Client::Impl::stanza_bytes_max() const {
  auto announced = connection ? connection->stanza_bytes_max() : limits::stanza_bytes_assumed;
  return announced == limits::stanza_bytes_assumed ? options.stanza_bytes_assumed : announced;
}

void Client::Impl::on_stanza(const xml::StanzaView& view, const xml::HeaderView& header) {
  using Kind = xml::StanzaView::Kind;
  auto keep = shared_from_this();
  if (trace) trace(false, view.bytes);
  if (view.kind == Kind::iq && (view.type.value == "result" || view.type.value == "error")) {
    return on_answer(view, header);
  }
  if (!dispatch.heard(view.kind)) return;
  dispatch.deliver(in_client_ns(xml::build(view, header)));
}

void Client::Impl::on_answer(const xml::StanzaView& view, const xml::HeaderView& header) {
  auto id = xml::unescape(view.id.value);
  auto stanza = in_client_ns(xml::build(view, header));
  Pending::Done done;
  if (pending.knows(id)) {
    auto from = xmpp::address(stanza, "from");
    if (from) done = pending.take(id, Pending::Kind::iq, *from, jid);
  } else if (takes_all) {
    return dispatch.deliver(stanza);
  }
  if (!done) {
    ++answers_dropped;
    return;
  }
  Answer answer{Answer::Kind::result, std::move(stanza)};
  if (view.type.value == "error") {
    answer.kind = Answer::Kind::error;
    answer.error = xmpp::stanza_error_from(answer.stanza);
  }
  done(std::move(answer));
}

xml::Element Client::Impl::in_client_ns(xml::Element stanza) {
  if (stanza.ns() != xml::ns_component) return stanza;
  auto renamed = [](const xml::Element& from) {
    xml::Element to(from.name(), std::string(xml::ns_client));
    for (auto& attribute : from.attributes()) to.set(attribute.name, attribute.ns, attribute.value);
    return to;
  };
  auto out = renamed(stanza);
  for (auto& node : stanza.nodes()) {
    if (!node.is_element()) {
      out.add_text(node.text);
    } else if (node.element.front().ns() != xml::ns_component) {
      out.add(std::move(node.element.front()));
    } else {
      auto& child = node.element.front();
      auto copy = renamed(child);
      copy.nodes() = std::move(child.nodes());
      out.add(std::move(copy));
    }
  }
  return out;
}

Client::Client(net::Loop& loop, Options options) : Client(loop, std::move(options), nullptr) {}

Client::Client(net::Loop& loop, Options options,
               std::function<std::unique_ptr<net::Transport>()> make_transport)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(make_transport))) {}

Client::~Client() {
  impl_->say_goodbye();
  impl_->closing = impl_->destroyed = true;
  impl_->state = State::closed;
  impl_->let_go(Impl::LetGo::at_once);
  impl_->finish_connect(Err{LoginError{.text = "closed"}});
}

Task<Login> Client::connect() {
  auto impl = impl_;
  if (impl->state == State::online) co_return impl->jid;
  Completion<Login> done;
  impl->connecting = done;
  impl->closing = false;
  OnAbandoned guard([impl] { impl->connecting.reset(); });
  if (impl->state == State::closed) impl->begin();
  auto result = co_await done;
  guard.release();
  co_return result;
}

Task<void> Client::close() {
  auto impl = impl_;
  impl->close();
  if (impl->state == State::closed) co_return;
  Completion<bool> done;
  auto waiting = std::make_shared<bool>(true);
  OnAbandoned guard([waiting] { *waiting = false; });
  impl->state_handlers.push_back([done, waiting](State state) {
    if (state == State::closed && *waiting) done.complete(true);
  });
  co_await done;
  *waiting = false;
}

State Client::state() const { return impl_->state; }
const xmpp::Jid& Client::jid() const { return impl_->jid; }
const std::string& Client::domain() const { return impl_->domain; }
const std::optional<xmpp::LoginError>& Client::failure() const { return impl_->failure; }
size_t Client::stanza_bytes_max() const { return impl_->stanza_bytes_max(); }
uint64_t Client::answers_dropped() const { return impl_->answers_dropped; }
net::Loop& Client::loop() const { return impl_->loop; }

Task<Answer> Client::request(xmpp::Jid to, std::string type, xml::Element payload, Duration deadline) {
  auto impl = impl_;
  Completion<Answer> done;
  auto token = impl->request(to, type, payload, deadline, [done](Answer answer) { done.complete(std::move(answer)); });
  OnAbandoned guard([impl, token] { impl->pending.forget(token); });
  auto answer = co_await done;
  guard.release();
  co_return answer;
}

uint64_t Client::request(const xmpp::Jid& to, std::string_view type, const xml::Element& payload,
                         Duration deadline, std::function<void(Answer)> done, const xmpp::Jid& from) {
  return impl_->request(to, type, payload, deadline, std::move(done), from);
}

void Client::forget(uint64_t token) { impl_->pending.forget(token); }
void Client::lose(const xmpp::Jid& peer) { impl_->pending.lose(peer); }
void Client::resume(Options::Resume how) { impl_->resume(how); }
bool Client::send(const xml::Element& stanza) { return impl_->send(stanza); }

void Client::on_iq(std::string_view payload_ns, Handler handler) {
  impl_->dispatch.on_iq(payload_ns, std::move(handler));
}
void Client::on_presence(Handler handler) { impl_->dispatch.on_presence(std::move(handler)); }
void Client::on_message(Handler handler) { impl_->dispatch.on_message(std::move(handler)); }
void Client::on_stanza(Handler handler) {
  impl_->takes_all = handler != nullptr;
  impl_->dispatch.on_stanza(std::move(handler));
}
void Client::on_state(std::function<void(State)> handler) {
  impl_->state_handlers.push_back(std::move(handler));
}
void Client::on_step(std::function<void(const Step&)> handler) {
  impl_->progress.on_step(std::move(handler));
}
void Client::on_trace(std::function<void(bool outbound, std::string_view xml)> handler) {
  impl_->trace = std::move(handler);
}

}  // namespace xbus::client
