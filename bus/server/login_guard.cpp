#include "bus/server/login_guard.hpp"

#include <netinet/in.h>

#include <algorithm>

#include "bus/crypto/hex.hpp"
#include "bus/net/socket.hpp"

namespace xbus::server {
namespace {

using namespace std::chrono_literals;

constexpr Duration failure_time(size_t failures_max) {
  return Duration(limits::login_failures_time) / static_cast<int64_t>(failures_max);
}

}  // namespace

std::string LoginGuard::group_of(const net::PeerAddress& peer) const {
  if (peer.uid || (peer.loopback && !options_.loopback)) return {};
  size_t colon = peer.text.rfind(':');
  if (colon == std::string::npos) return {};
  auto address = net::SocketAddress::ip(std::string_view(peer.text).substr(0, colon), 0);
  if (!address) return {};
  if (address->family() == AF_INET) return peer.text.substr(0, colon);
  const auto& ip = reinterpret_cast<const sockaddr_in6*>(&address->storage)->sin6_addr;
  std::string_view bytes(reinterpret_cast<const char*>(ip.s6_addr), 16);
  // An IPv4 address on an IPv6 socket (RFC 4291 section 2.5.5.2) has one customer too.
  if (IN6_IS_ADDR_V4MAPPED(&ip)) return crypto::hex_encode(bytes);
  return crypto::hex_encode(bytes.substr(0, 8));
}

LoginGuard::Entry& LoginGuard::entry(const std::string& group) {
  auto found = places_.find(group);
  if (found != places_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front();
  }
  if (places_.size() >= limits::login_addresses_max) {
    places_.erase(entries_.back().group);
    entries_.pop_back();
  }
  entries_.push_front({.group = group});
  places_.emplace(group, entries_.begin());
  return entries_.front();
}

LoginGuard::Verdict LoginGuard::connected(const std::string& group, Time now) {
  if (group.empty()) return Verdict::welcome;
  if (banned(group, now)) return Verdict::banned;
  auto open = open_.find(group);
  if (open != open_.end() && options_.connections_open_max != 0 && open->second >= options_.connections_open_max)
    return Verdict::too_many;
  if (options_.connections_max != 0 && options_.connections_per_second != 0) {
    Entry& from = entry(group);
    Duration each = Duration(1s) / static_cast<int64_t>(options_.connections_per_second);
    Time paid = std::max(from.connections, now) + each;
    if (paid - now > each * static_cast<int64_t>(options_.connections_max))
      return Verdict::too_many;
    from.connections = paid;
  }
  // Counted whatever the options say: they may change before it ends.
  ++open_[group];
  return Verdict::welcome;
}

void LoginGuard::waits_no_more(const std::string& group) {
  auto open = open_.find(group);
  if (open != open_.end() && --open->second == 0) open_.erase(open);
}

void LoginGuard::logged_in(const std::string& group, Time now) {
  auto found = places_.find(group);
  if (found == places_.end() || options_.connections_per_second == 0) return;
  Duration each = Duration(1s) / static_cast<int64_t>(options_.connections_per_second);
  found->second->connections = std::max(now, found->second->connections - each);
}

bool LoginGuard::banned(const std::string& group, Time now) const {
  auto found = places_.find(group);
  return found != places_.end() && found->second->ban > now;
}

LoginGuard::Failure LoginGuard::failed(const std::string& group, Time now) {
  if (group.empty() || options_.failures_max == 0) return {};
  Entry& from = entry(group);
  Duration each = failure_time(options_.failures_max);
  from.failures = std::max(from.failures, now) + each;
  auto count = static_cast<size_t>((from.failures - now + each - Duration(1)) / each);
  Failure result;
  if (count > limits::login_failures_prompt) {
    size_t doublings = std::min<size_t>(count - limits::login_failures_prompt - 1, 16);
    result.delay = std::min<Duration>(Duration(limits::login_delay_least) * (1 << doublings),
                                      limits::login_delay_max);
  }
  if (count >= options_.failures_max && from.ban <= now) {
    from.ban = now + options_.ban_time;
    result.banned_now = true;
  }
  return result;
}

}  // namespace xbus::server
