#include "bus/client/pending.hpp"

#include <algorithm>
#include <utility>

#include "bus/limits.hpp"
#include "bus/net/timer.hpp"

namespace xbus::client {

struct Pending::Entry {
  Entry(net::Loop& loop, Key k, Done d) : key(std::move(k)), done(std::move(d)), deadline(loop) {}
  Key key;
  Done done;
  uint64_t token = 0;
  uint64_t end = 0;
  net::Timer deadline;
};

namespace {

bool matches(const xmpp::Jid& asked, const xmpp::Jid& from, const xmpp::Jid& own) {
  if (!asked.empty() && asked == from) return true;
  auto is_own = [&](const xmpp::Jid& jid) {
    return jid.str() == own.bare_str() || jid.str() == own.domain() || jid == own;
  };
  if (from.empty()) return asked.empty() || (is_own(asked) && !asked.is_full());
  return asked.empty() && is_own(from);
}

}  // namespace

Pending::Pending(net::Loop& loop) : loop_(loop) {}

Pending::~Pending() = default;

uint64_t Pending::add(Key key, Duration deadline, uint64_t end, Done done) {
  auto token = ++last_token_;
  auto id = key.id;
  auto entry = std::make_unique<Entry>(loop_, std::move(key), std::move(done));
  entry->token = token;
  entry->end = end;
  entry->deadline.start(std::min<Duration>(deadline, limits::call_time_max), [this, token] {
    this->end(token, {Answer::Kind::timed_out});
  });
  by_token_.emplace(token, entry.get());
  by_id_.insert_or_assign(std::move(id), std::move(entry));
  return token;
}

Pending::Done Pending::remove(Entry& entry) {
  auto done = std::move(entry.done);
  by_token_.erase(entry.token);
  by_id_.erase(by_id_.find(std::string_view(entry.key.id)));
  return done;
}

Pending::Done Pending::take(std::string_view id, Kind kind, const xmpp::Jid& from, const xmpp::Jid& own) {
  auto found = by_id_.find(id);
  if (found == by_id_.end()) return {};
  auto& entry = *found->second;
  if (entry.key.kind != kind || !matches(entry.key.peer, from, own)) return {};
  return remove(entry);
}

void Pending::forget(uint64_t token) {
  auto found = by_token_.find(token);
  if (found != by_token_.end()) remove(*found->second);
}

void Pending::end(uint64_t token, Answer answer) {
  auto found = by_token_.find(token);
  if (found == by_token_.end()) return;
  auto done = remove(*found->second);
  if (done) done(std::move(answer));
}

std::vector<std::pair<uint64_t, Pending::Done>> Pending::remove_if(
    const std::function<bool(const Entry&)>& which) {
  std::vector<uint64_t> tokens;
  for (auto& [token, entry] : by_token_) {
    if (which(*entry)) tokens.push_back(token);
  }
  std::sort(tokens.begin(), tokens.end());
  std::vector<std::pair<uint64_t, Done>> out;
  for (auto token : tokens) {
    auto& entry = *by_token_.at(token);
    auto end = entry.end;
    out.emplace_back(end, remove(entry));
  }
  return out;
}

void Pending::lose(const xmpp::Jid& peer) {
  for (auto& [end, done] : remove_if([&](const Entry& entry) { return entry.key.peer == peer; })) {
    if (done) done({Answer::Kind::lost});
  }
}

void Pending::end_all(uint64_t written) {
  for (auto& [end, done] : remove_if([](const Entry&) { return true; })) {
    if (!done) continue;
    if (end > written) {
      done({Answer::Kind::not_sent, {}, {xmpp::Condition::recipient_unavailable, "the connection ended before it was sent"}});
    } else {
      done({Answer::Kind::lost});
    }
  }
}

}  // namespace xbus::client
