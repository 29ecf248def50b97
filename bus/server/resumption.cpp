#include "bus/server/resumption.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "bus/crypto/random.hpp"
#include "bus/limits.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/session.hpp"

namespace xbus::server {

using namespace std::chrono_literals;

Resumptions::Resumptions(Hub& hub) : hub_(hub) {}

Resumptions::~Resumptions() { *alive_ = false; }

std::string Resumptions::add(Session& session) {
  std::string id = crypto::random_id();
  sessions_.emplace(id, &session);
  return id;
}

void Resumptions::move(std::string_view id, Session& to) {
  auto found = sessions_.find(std::string(id));
  if (found == sessions_.end()) return;
  Session& from = *std::exchange(found->second, &to);
  release(from);
}

void Resumptions::remove(std::string_view id, std::string_view local, uint32_t handled) {
  auto found = sessions_.find(std::string(id));
  if (found == sessions_.end()) return;
  Session& session = *found->second;
  ended_.push_back({found->first, std::string(local), handled});
  if (ended_.size() > limits::ended_sessions_max) ended_.pop_front();
  sessions_.erase(found);
  release(session);
}

Session* Resumptions::find(std::string_view id, std::string_view local) const {
  auto found = sessions_.find(std::string(id));
  if (found == sessions_.end() || found->second->bare().local() != local) return nullptr;
  return found->second;
}

std::optional<uint32_t> Resumptions::ended(std::string_view id, std::string_view local) const {
  auto found = std::find_if(ended_.begin(), ended_.end(),
                            [&](const Ended& it) { return it.id == id && it.local == local; });
  if (found == ended_.end()) return {};
  return found->handled;
}

bool Resumptions::keep(Session& session, Duration within) {
  std::string local(session.bare().local());
  if (hub_.draining || waiting_.size() >= hub_.options.resumable_sessions_max ||
      waiting_of(local) >= hub_.options.resumable_sessions_per_account_max)
    return false;
  net::Loop& main = hub_.main_loop();
  auto shared = std::static_pointer_cast<Session>(session.shared_from_this());
  ++waiting_of_[local];
  waiting_[&session] = {std::move(shared), std::move(local), session.core().loop().now() + within};
  if (std::exchange(sweeping_, true)) return true;
  // Timers belong to their loop.
  main.post([this, alive = alive_] {
    if (!*alive) return;
    if (!timer_) timer_ = std::make_unique<net::Timer>(hub_.main_loop());
    sweep();
  });
  return true;
}

size_t Resumptions::waiting_of(std::string_view local) const {
  auto found = waiting_of_.find(std::string(local));
  return found == waiting_of_.end() ? 0 : found->second;
}

// Its last owner lets go on its own loop, where its transport was made, and not before whoever holds the lock now, on
// another loop, is done with it.
void Resumptions::release(Session& session) {
  auto found = waiting_.find(&session);
  if (found == waiting_.end()) return;
  session.core().loop().post([&hub = hub_, alive = std::weak_ptr<bool>(alive_),
                              kept = std::move(found->second.session)]() mutable {
    if (!alive.expired()) Hub::Enter wait(hub, nullptr);
    kept.reset();
  });
  auto count = waiting_of_.find(found->second.local);
  if (--count->second == 0) waiting_of_.erase(count);
  waiting_.erase(found);
}

void Resumptions::sweep() {
  Hub::Enter enter(hub_, hub_.cores.front().get());
  std::vector<Session*> late;
  for (const auto& [session, waiting] : waiting_)
    if (waiting.until <= hub_.main_loop().now()) late.push_back(session);
  for (Session* session : late) session->leave();  // it comes back by remove()
  sweeping_ = !waiting_.empty();
  if (sweeping_) timer_->start(1s, [this] { sweep(); });
}

void Resumptions::end_all() {
  std::vector<Session*> all;
  for (const auto& [session, waiting] : waiting_) all.push_back(session);
  for (Session* session : all) session->leave();
}

}  // namespace xbus::server
