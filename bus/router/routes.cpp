#include "bus/router/routes.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace xbus::router {

Slot* Owner::most_available() const {
  Slot* best = nullptr;
  for (Slot* slot : slots_) {
    if (!slot->available_ || slot->priority_ < 0) continue;
    if (best == nullptr || slot->priority_ > best->priority_ ||
        (slot->priority_ == best->priority_ && slot->since_ > best->since_)) {
      best = slot;
    }
  }
  return best;
}

Hold::Hold(Routes& routes, Owner& owner) : routes_(&routes), owner_(&owner) { ++owner_->holds_; }

Hold::Hold(Hold&& other) noexcept
    : routes_(std::exchange(other.routes_, nullptr)),
      owner_(std::exchange(other.owner_, nullptr)) {}

Hold& Hold::operator=(Hold&& other) noexcept {
  std::swap(routes_, other.routes_);
  std::swap(owner_, other.owner_);
  return *this;
}

Hold::~Hold() {
  if (owner_ == nullptr || --owner_->holds_ != 0) return;
  auto found = routes_->owners_.find(owner_->bare_.str());
  assert(found != routes_->owners_.end());
  routes_->owners_.erase(found);
}

Slot::Slot(Routes& routes, xmpp::Jid full, Endpoint& endpoint, size_t quota_bytes_max)
    : routes_(routes),
      jid_(std::move(full)),
      endpoint_(&endpoint),
      hold_(routes, routes.owner(jid_.bare(), quota_bytes_max)) {
  auto& slots = owner().slots_;
  place_ = static_cast<uint32_t>(slots.size());
  slots.push_back(this);
  bool added = routes_.slots_.emplace(jid_.str(), this).second;
  assert(added);  // who binds looks first
  (void)added;
}

Slot::~Slot() {
  routes_.slots_.erase(jid_.str());
  auto& slots = owner().slots_;
  slots[place_] = slots.back();
  slots[place_]->place_ = place_;
  slots.pop_back();
}

void Slot::set_available(int8_t priority) {
  if (!available_) since_ = ++routes_.clock_;
  available_ = true;
  priority_ = priority;
}

Owner* Routes::find_owner(std::string_view bare) const {
  auto found = owners_.find(bare);
  return found == owners_.end() ? nullptr : found->second.get();
}

Owner& Routes::owner(const xmpp::Jid& bare, size_t quota_bytes_max) {
  auto& place = owners_[bare.str()];
  if (!place) place = std::make_unique<Owner>(bare, quota_bytes_max);
  return *place;
}

Endpoint* Routes::find_domain(std::string_view domain) const {
  auto found = domains_.find(domain);
  return found == domains_.end() ? nullptr : found->second;
}

bool Routes::add_domain(std::string domain, Endpoint& endpoint) {
  return domains_.emplace(std::move(domain), &endpoint).second;
}

void Routes::remove_domain(std::string_view domain) {
  auto found = domains_.find(domain);
  if (found != domains_.end()) domains_.erase(found);
}

std::vector<std::string> Routes::domains() const {
  std::vector<std::string> all;
  for (const auto& [domain, endpoint] : domains_) all.push_back(domain);
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace xbus::router
