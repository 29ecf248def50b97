// A session's part in stream management (XEP-0198): what goes out is kept until it is acknowledged, and the session may
// outlive its connection.
#include <algorithm>
#include <utility>

#include "bus/server/hub.hpp"
#include "bus/server/offline.hpp"
#include "bus/server/session.hpp"

namespace xbus::server {

using xmpp::Condition;
using xmpp::StreamCondition;

xmpp::SmEnabled Session::sm_enabled(const xmpp::SmEnable& wanted) {
  managed_ = std::make_unique<Managed>(slot_->owner().quota(), hub().options.unacked_bytes_max);
  set_managed(true);
  if (!wanted.resume) return {};
  const auto most = std::chrono::duration_cast<std::chrono::seconds>(hub().options.resume_time_max);
  auto seconds = static_cast<uint32_t>(most.count());
  if (wanted.max_seconds) seconds = std::min(seconds, *wanted.max_seconds);
  if (seconds == 0) return {};
  managed_->within = std::chrono::seconds(seconds);
  managed_->id = hub().resumptions.add(*this);
  return {.id = managed_->id, .max_seconds = seconds};
}

bool Session::push_managed(std::string_view stanza) {
  auto& sm = *stream_.sm();
  if (!sm.has_room(stanza.size()) || !managed_->charge.add(stanza.size())) return false;
  if (!managed_->detached && !outbox().push(stanza)) {
    managed_->charge.release(stanza.size());
    return false;
  }
  note_sent(stanza);
  return true;
}

// It is read all the same, since its acknowledgements come that way.
bool Session::push_managed_beyond(std::string_view stanza) {
  if (!managed_->beyond) managed_->beyond.emplace(slot_->owner().answers(), limits::answers_beyond_bytes_max);
  if (!managed_->beyond->add(stanza.size())) return false;
  managed_->charge.add_anyway(stanza.size());
  if (!managed_->detached) outbox().push_stream(stanza);
  note_sent(stanza);
  managed_->beyond_kept = stream_.sm()->unacked().size();
  return true;
}

// It is queued, and kept until it is acknowledged.
void Session::note_sent(std::string_view stanza) {
  auto& sm = *stream_.sm();
  sm.sent(stanza, static_cast<uint64_t>(hub().wall().time_since_epoch().count()));
  if (managed_->detached) return;
  if (sm.ask_due()) outbox().push_stream(sm.request());
  mark_dirty();
}

size_t Session::waiting() const {
  if (!managed_) return queued();
  return managed_->detached ? SIZE_MAX / 2 : queued() + managed_->charge.bytes();
}

void Session::sm_acknowledged(const xmpp::StreamManagement::Kept& kept) {
  managed_->charge.release(kept.bytes.size());
  if (managed_->beyond_kept != 0 && --managed_->beyond_kept == 0) managed_->beyond.reset();
}

// A peer that was asked and does not answer in time is not there any more, or takes without acknowledging until the
// bound: either way its connection is ended, and the session waits for another (SM-11).
void Session::sweep() {
  if (slot_ && hub().taps.any()) hub().taps.tell_missed(*slot_);
  if (!managed_ || closing()) return;
  auto& sm = *stream_.sm();
  if (sm.waits_unasked()) {
    send_stream(sm.request());
    managed_->asked_since = core().loop().now();
  } else if (!sm.asked()) {
    managed_->asked_since.reset();
  } else if (!managed_->asked_since) {
    managed_->asked_since = core().loop().now();
  } else if (core().loop().now() - *managed_->asked_since >= hub().options.write_stall_time_max) {
    managed_->asked_since.reset();
    hub().log("warn", "unacknowledged",
              {{"peer", peer().text}, {"kept", std::to_string(sm.unacked_bytes())}});
    if (managed_->id.empty())
      return hub().doom(*this, StreamCondition::resource_constraint, "you do not acknowledge");
    transport().close();
  }
}

bool Session::detach() {
  if (!slot_ || !managed_ || managed_->id.empty()) return false;
  if (!hub().resumptions.keep(*this, managed_->within)) return false;
  managed_->detached = true;
  outbox().clear();
  hub().log("info", "detached", {{"jid", jid().str()}});
  return true;
}

Result<xmpp::ServerStream::Actions::Former, xml::Element> Session::sm_resume(
    const xmpp::SmResume& wanted) {
  auto& resumptions = hub().resumptions;
  Session* old = resumptions.find(wanted.id, login_->local);
  if (old == nullptr) {
    return Err{xmpp::sm_failed(Condition::item_not_found,
                               resumptions.ended(wanted.id, login_->local))};
  }
  Former former{.jid = old->jid(), .sm = old->stream_.take_sm()};
  slot_ = std::move(old->slot_);
  slot_->lead_to(*this);
  presence_ = std::move(old->presence_);
  managed_ = std::move(old->managed_);
  managed_->detached = false;
  managed_->asked_since.reset();
  set_managed(true);
  old->set_managed(false);
  old->stamp_ = {};  // what it had queued is kept here
  old->charge_to(hub().prelogin_quota);
  old->forget_queue();
  charge_to(slot_->owner().quota());
  stamp_ = router::Stamp(jid().str(), stream_.header());
  login_.reset();
  logged_in();
  if (!old->closing()) hub().doom(*old, StreamCondition::conflict, "resumed on another connection");
  resumptions.move(wanted.id, *this);  // `old` may go with it
  hub().log("info", "resumed", {{"jid", jid().str()}, {"peer", peer().text}});
  return former;
}

void Session::sm_resumed() {
  if (slot_->available() && slot_->priority() >= 0) deliver_offline(hub(), *this);
}

std::unique_ptr<xmpp::StreamManagement> Session::end_managed() {
  if (!managed_) return {};
  auto sm = stream_.take_sm();
  set_managed(false);
  stamp_ = {};  // nothing else returns what was not sent
  if (!managed_->id.empty())
    hub().resumptions.remove(managed_->id, bare().local(), sm->handled_count());
  managed_.reset();
  return sm;
}

}  // namespace xbus::server
