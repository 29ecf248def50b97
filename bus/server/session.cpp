#include "bus/server/session.hpp"

#include <utility>

#include "bus/crypto/random.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/presence.hpp"
#include "bus/server/returns.hpp"

namespace xbus::server {

using xmpp::Condition;
using xmpp::StanzaError;
using xmpp::StreamCondition;

Session::Session(Hub& hub, Core& core, std::unique_ptr<net::Transport> transport, ListenerKind kind,
                 std::optional<std::string> as)
    : Link(hub, core, Kind::session, std::move(transport)),
      stream_(hub.stream_options[static_cast<size_t>(kind)], *this),
      login_(std::make_unique<Login>()),
      kind_(kind) {
  login_->as = std::move(as);
  if (!login_->as && kind == ListenerKind::unix_socket && peer().uid) {
    login_->as = local_of_uid(*peer().uid, hub.options.domain);
  }
}

Session::~Session() {
  // The account's quota may go with its last slot, and what is queued here is charged to it.
  if (slot_) let_go();
}

Session::Presence& Session::presence() {
  if (!presence_) presence_ = std::make_unique<Presence>();
  return *presence_;
}

void Session::end(StreamCondition condition, std::string_view text) {
  stream_.end(condition, text);
}

// ---- Login ----

void Session::start_tls() { start_tls_when_written(); }

void Session::secured(const net::TlsFacts& facts) {
  if (login_ && facts.peer_certificate) login_->certificate_addresses = facts.peer_xmpp_addrs;
  stream_.on_secured(facts);
}

std::optional<xmpp::ScramKeys> Session::scram_keys(std::string_view local, xmpp::ScramHash hash) {
  return hub().accounts.keys(local, hash);
}

void Session::check_password(std::string_view local, std::string_view password) {
  auto keys = hub().accounts.keys(local, xmpp::ScramHash::sha256);
  // An unknown account costs the same time (CORE-27).
  auto stand_in = xmpp::stand_in_scram_keys(hub().stream_options[0].stand_in_secret, local,
                                            xmpp::ScramHash::sha256);
  auto right = std::make_shared<bool>(false);
  pause(Pause::password);
  auto job = [right, known = keys.has_value(), keys = keys ? *keys : stand_in,
              password = std::string(password)] {
    *right = xmpp::scram_password_matches(password, keys, xmpp::ScramHash::sha256) && known;
  };
  auto answer = [right](Session& session) {
    session.resume(Pause::password);
    session.stream_.on_password(*right);
    session.consume_rest();
  };
  bool taken = hub().workers.run(core().loop(), std::move(job), [weak = weak_from_this(), answer] {
    auto self = weak.lock();
    if (!self) return;
    auto& session = static_cast<Session&>(*self);
    Hub::Enter enter(session.hub(), &session.core());
    if (!session.closing()) answer(session);
  });
  if (!taken) hub().doom(*this, StreamCondition::resource_constraint, "too many logins at once");
}

// The machine refuses an account that is not the one asked for.
std::optional<std::string> Session::external_account(std::string_view authzid) {
  if (!login_) return {};
  if (login_->as) return login_->as;
  std::optional<std::string> first;
  for (const std::string& address : login_->certificate_addresses) {
    auto jid = xmpp::Jid::parse(address);
    if (!jid || jid->is_full() || jid->local().empty()) continue;
    if (jid->domain() != hub().options.domain) continue;
    // A certificate alone makes no account.
    if (!hub().accounts.exists(jid->local())) continue;
    if (jid->str() == authzid) return std::string(jid->local());
    if (first && authzid.empty() && *first != jid->local()) return std::string();
    if (!first) first = jid->local();
  }
  return first;
}

void Session::authenticated(std::string_view local, std::string_view mechanism) {
  ++hub().counters.logins;
  send_answer();
  hub().guard.logged_in(hub().guard.group_of(peer()), core().loop().now());
  if (login_) login_->local = local;
  if (mechanism == "EXTERNAL" && login_ && login_->as) hub().accounts.note_uid_account(local);
  hub().log("info", "login",
            {{"account", std::string(local)},
             {"mechanism", std::string(mechanism)},
             {"peer", peer().text}});
}

void Session::login_failed(std::string_view local, std::string_view mechanism) {
  ++hub().counters.logins_failed;
  hub().log("warn", "login_failed",
            {{"account", std::string(local)},
             {"mechanism", std::string(mechanism)},
             {"peer", peer().text}});
  if (Duration delay = hub().login_failed(*this); delay != Duration::zero()) hold_answer(delay);
}

void Session::send(std::string_view bytes) {
  if (answer_held()) {
    login_->held->text += bytes;
  } else {
    send_stream(bytes);
  }
}

void Session::hold_answer(Duration delay) {
  if (!login_) return;
  if (!login_->held) login_->held = std::make_unique<Login::Held>(core().loop());
  login_->held->active = true;
  pause(Pause::answer);
  login_->held->timer.start(delay, [this] {
    Hub::Enter enter(hub(), &core());
    send_answer();
    if (!closing()) consume_rest();
  });
}

void Session::send_answer() {
  if (!answer_held()) return;
  Login::Held& held = *login_->held;
  held.active = false;
  held.timer.stop();
  resume(Pause::answer);
  send_stream(std::exchange(held.text, {}));
  if (held.close) close_when_written();
}

Result<xmpp::Jid, StanzaError> Session::bind(std::string_view resource) {
  std::string chosen = resource.empty() ? crypto::random_id(9) : std::string(resource);
  auto jid = xmpp::Jid::make(login_->local, hub().options.domain, chosen);
  if (!jid) return Err{StanzaError(Condition::bad_request, "the resource cannot be prepared")};
  if (const router::Owner* owner = hub().routes.find_owner(jid->bare_str())) {
    if (owner->slots().size() >= hub().options.connections_per_account_max) {
      return Err{
          StanzaError(Condition::resource_constraint, "too many connections of this account")};
    }
  }
  // The newer session gets the resource (RFC 6120 section 7.7.2.2): the older may be dead without
  // anybody knowing.
  if (router::Slot* taken = hub().routes.find(jid->str())) {
    auto& old = static_cast<Session&>(taken->endpoint());
    old.leave();
    hub().doom(old, StreamCondition::conflict, "another session has taken the resource");
  }
  slot_ = std::make_unique<router::Slot>(hub().routes, *jid, *this,
                                         hub().options.queue_bytes_per_account_max);
  charge_to(slot_->owner().quota());
  stamp_ = router::Stamp(jid->str(), stream_.header());
  login_.reset();
  logged_in();
  return *jid;
}

// ---- The established stream ----

void Session::deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) {
  if (!slot_) return;
  count_stanza();
  const Counters& counters = hub().counters;
  const uint64_t before = counters.delivered + counters.over_quota;
  hub().from_session(*this, stanza, header);
  count_deliveries(counters.delivered + counters.over_quota - before);
}

void Session::close() {
  leave();
  // What waits for a peer that does not read is no account's from now on: there is room for some of it, until the sweep.
  const router::Quota& quota = hub().prelogin_quota;
  if (left_ && stalled() && quota.bytes() > quota.bytes_max() / 4) {
    give_back();
    forget_queue();
  }
  if (answer_held()) {
    login_->held->close = true;
  } else {
    close_when_written();
  }
}

void Session::leave() {
  if (!slot_) return;
  auto sm = end_managed();
  // Others must not reach it any more when they hear that it has gone.
  charge_to(hub().prelogin_quota);
  xmpp::Jid full = jid();
  auto presence = std::move(presence_);
  if (presence) presence->told.reset();
  if (hub().taps.any()) hub().taps.stop(*slot_);
  slot_.reset();
  if (presence) session_ended(hub(), full, *presence);
  left_ = std::make_unique<xmpp::Jid>(full.bare());
  if (sm) return_unacked(hub(), *left_, sm->give_up());
}

void Session::give_back() {
  if (!left_ || stamp_.from.empty()) return;
  Unsent rest = unsent();
  return_unsent(hub(), *left_, std::move(rest.pieces), rest.written);
}

void Session::gone() {
  if (detach()) return;
  leave();
  give_back();
}

}  // namespace xbus::server
