#include "services/xbus/load_crew.hpp"

#include <algorithm>

namespace xbus::cli {
namespace {

// Logins at once: a server counts those that have not logged in yet.
constexpr size_t logins_together = 32;
constexpr auto sweep_time = std::chrono::milliseconds(50);

}  // namespace

LoadCrew::LoadCrew(LoadServer& server, const Plan& plan, LoadRun& run)
    : server_(server),
      plan_(plan),
      run_(run),
      place_count_(plan.idle > 0 ? plan.idle : plan.echoes + plan.callers),
      calls_(plan.idle > 0 ? 0 : plan.callers * plan.outstanding),
      sweeper_(server.loop()) {}

LoadCrew::~LoadCrew() = default;

LoadLine::Place LoadCrew::place_of(size_t index) const {
  using Role = LoadLine::Role;
  const Role role = plan_.idle > 0 ? Role::idle : index < plan_.echoes ? Role::echo : Role::caller;
  return {role, index, plan_.payload_bytes, plan_.outstanding};
}

void LoadCrew::start() { connect_more(); }

void LoadCrew::connect_more() {
  while (!failure_ && lines_.size() < place_count_ && lines_.size() < ready_ + logins_together) {
    lines_.push_back(server_.line(place_of(lines_.size()), *this));
    lines_.back()->start();
  }
}

void LoadCrew::on_ready(LoadLine&) {
  ++ready_;
  connect_more();
}

void LoadCrew::on_ended(LoadLine& line, const Fault& why) {
  if (done_) return;
  if (!failure_) failure_ = why;
  run_.stop();
  const Time now = server_.loop().clock();
  const size_t index = line.index();
  if (!begun_ || index < plan_.echoes) return;
  for (size_t slot = 0; slot < plan_.outstanding; ++slot)
    if (Call& open = call_at(index - plan_.echoes, slot); open.id != 0)
      end(open, FaultKind::lost, now);
  finish_when_idle();
}

void LoadCrew::begin() {
  begun_ = true;
  for (size_t caller = 0; caller < plan_.callers; ++caller)
    lines_[plan_.echoes + caller]->aim(lines_[caller % plan_.echoes]->address());
  run_.begin([this] {
    finishing_ = true;
    finish_when_idle();
  });
  const Time now = server_.loop().clock();
  for (size_t caller = 0; caller < plan_.callers; ++caller)
    for (size_t slot = 0; slot < plan_.outstanding; ++slot) call(caller, slot, now);
  sweep();
}

void LoadCrew::call(size_t caller, size_t slot, Time now) {
  if (!run_.issuing()) return;
  Call& open = call_at(caller, slot);
  // The id says which place it belongs to, and is never used again.
  open = {++serial_ * plan_.outstanding + slot, now};
  ++open_;
  // What cannot be queued is tried again by the next sweep.
  if (!lines_[plan_.echoes + caller]->call(open.id)) end(open, FaultKind::busy, now);
}

void LoadCrew::end(Call& call, FaultKind outcome, Time now) {
  call.id = 0;
  --open_;
  if (outcome == FaultKind::ok) {
    run_.done(now - call.begun);
  } else {
    run_.failed(outcome);
  }
}

void LoadCrew::on_answer(LoadLine& line, uint64_t id, FaultKind outcome) {
  const size_t index = line.index();
  if (id == 0 || index < plan_.echoes || !begun_) return;
  const size_t caller = index - plan_.echoes, slot = id % plan_.outstanding;
  Call& open = call_at(caller, slot);
  if (open.id != id) return;  // it has run out of patience before, or is an answer said twice
  const Time now = server_.loop().clock();
  end(open, outcome, now);
  if (run_.issuing()) {
    call(caller, slot, now);
  } else {
    finish_when_idle();
  }
}

// Ends the calls whose time is over, and goes on where a place is empty.
void LoadCrew::sweep() {
  const Time now = server_.loop().clock();
  for (size_t i = 0; i < calls_.size(); ++i) {
    if (calls_[i].id != 0 && now - calls_[i].begun > plan_.patience)
      end(calls_[i], FaultKind::timeout, now);
    if (calls_[i].id == 0) call(i / plan_.outstanding, i % plan_.outstanding, now);
  }
  finish_when_idle();
  if (!done_) sweeper_.start(sweep_time, [this] { sweep(); });
}

void LoadCrew::finish_when_idle() {
  if (finishing_ && open_ == 0) done_ = true;
}

}  // namespace xbus::cli
