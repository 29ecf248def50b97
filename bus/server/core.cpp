#include "bus/server/core.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "bus/limits.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/link.hpp"

namespace xbus::server {

using namespace std::chrono_literals;

Core::Core(Hub& hub, net::Loop& loop)
    : hub_(hub), loop_(loop), sweep_timer_(loop), alive_(std::make_shared<bool>(true)) {}

Core::~Core() = default;

void Core::add(std::shared_ptr<Link> link) {
  if (!sweep_timer_.running())
    sweep_timer_.start(hub_.options.write_stall_time_max / 4, [this] { sweep(); });
  Link* key = link.get();
  links_.emplace(key, std::move(link));
}

void Core::dirty(Link& link) {
  dirty_.push_back(&link);
  if (scheduled_) return;
  scheduled_ = true;
  if (hub_.running == this) {
    loop_.defer([this, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) flush();
    });
  } else {
    loop_.post([this, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) flush();
    });
  }
}

void Core::flush() {
  {
    Hub::Enter enter(hub_, this);
    scheduled_ = false;
    flushing_.swap(dirty_);
    for (Link* link : flushing_) {
      link->dirty_ = false;
      if (link->flight_.empty()) link->outbox_.take(link->flight_);
    }
  }
  write_all(flushing_);
  flushing_.clear();
}

void Core::write_out(Link& link) {
  {
    Hub::Enter enter(hub_, this);
    link.stalled_ = false;
    if (link.flight_.empty()) link.outbox_.take(link.flight_);
  }
  std::vector<Link*> one{&link};
  write_all(one);
}

void Core::write_all(std::vector<Link*>& links) {
  std::array<std::string_view, limits::write_pieces_max> pieces;
  if (written_.size() < links.size()) written_.resize(links.size());
  for (size_t i = 0; i < links.size(); ++i) {
    Link& link = *links[i];
    Written& result = written_[i];
    result.bytes = 0;
    if (link.stalled_ || link.closed_) continue;
    while (!link.flight_.empty()) {
      size_t count = link.flight_.gather(pieces.data(), pieces.size());
      size_t wanted = 0;
      for (size_t piece = 0; piece < count; ++piece) wanted += pieces[piece].size();
      size_t taken = link.transport_->write({pieces.data(), count});
      link.flight_.written(taken, result.done);
      result.bytes += taken;
      if (taken < wanted) {
        link.stalled_ = true;
        link.stalled_since_ = loop_.now();
        break;
      }
    }
  }
  Hub::Enter enter(hub_, this);
  for (size_t i = 0; i < links.size(); ++i) {
    Link& link = *links[i];
    link.outbox_.written(written_[i].bytes, written_[i].done);
    link.written(written_[i].bytes);
    hub_.counters.bytes_out += written_[i].bytes;
    if (!link.flight_.empty() || link.closed_) continue;
    if (!link.outbox_.empty()) {
      link.mark_dirty();  // more came while the last was on its way
    } else if (link.tls_wanted_) {
      link.tls_wanted_ = false;
      if (hub_.tls) {
        link.transport_->start_tls(hub_.tls, {});
      } else {
        link.transport_->close();
      }
    } else if (link.closing_) {
      link.transport_->close();
    }
  }
}

// Ends what has not taken a byte for too long: its queue is memory that nobody reads.
void Core::sweep() {
  Hub::Enter enter(hub_, this);
  for (auto& [key, link] : links_) {
    link->sweep();
    if (!link->stalled_ || link->closed_) continue;
    if (loop_.now() - link->stalled_since_ < hub_.options.write_stall_time_max) continue;
    hub_.log("warn", "stalled",
             {{"peer", link->peer().text}, {"queued", std::to_string(link->outbox_.bytes())}});
    if (!link->closing_ && !link->managed_)
      hub_.doom(*link, xmpp::StreamCondition::resource_constraint, "you do not read");
    link->transport_->close();
  }
  if (!links_.empty()) sweep_timer_.start(hub_.options.write_stall_time_max / 4, [this] { sweep(); });
}

void Core::remove(Link& link) {
  Hub::Enter enter(hub_, this);
  auto found = links_.find(&link);
  if (found == links_.end()) return;
  std::erase(dirty_, &link);
  std::erase(flushing_, &link);
  // Its transport is in the middle of a callback.
  loop_.post([keep = std::move(found->second)]() mutable { keep.reset(); });
  links_.erase(found);
  hub_.look_if_drained();
}

}  // namespace xbus::server
