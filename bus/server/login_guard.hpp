// What an address may do before it has logged in: open connections at some rate, fail to log in a
// number of times. Reads no clock.
#pragma once
#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/limits_login.hpp"
#include "bus/net/transport.hpp"

namespace xbus::server {

struct GuardOptions {
  size_t failures_max = limits::login_failures_max;  // 0: they are not counted
  Duration ban_time = limits::login_ban_time;
  size_t connections_max = limits::connections_per_address_max;  // 0: they are not counted
  size_t connections_per_second = limits::connections_per_second_per_address_max;
  size_t connections_open_max = limits::connections_prelogin_per_address_max;  // at once without a login; 0: likewise
  bool loopback = true;  // 127.0.0.0/8 and ::1 are addresses like others
};

// A bounded table of addresses, the one not heard of for longest forgotten first. The router's lock
// guards it.
class LoginGuard {
 public:
  explicit LoginGuard(const GuardOptions& options) : options_(options) {}
  void set_options(const GuardOptions& options) { options_ = options; }

  // What is counted together: one IPv4 address, or the /64 of an IPv6 address, which is one
  // customer's. Empty for who is not counted: unix sockets and pipes, loopback where it is exempt.
  std::string group_of(const net::PeerAddress& peer) const;

  enum class Verdict { welcome, banned, too_many };
  // A connection was opened: it counts until waits_no_more() where it is welcome. A login gives its share of the rate
  // back.
  Verdict connected(const std::string& group, Time now);
  // It has logged in or gone. Once for each that was welcome.
  void waits_no_more(const std::string& group);
  void logged_in(const std::string& group, Time now);
  bool banned(const std::string& group, Time now) const;

  struct Failure {
    Duration delay{};          // to wait before the answer: it grows with each failure
    bool banned_now = false;   // this was the one too many
  };
  // A login failed. Failures are forgiven evenly over limits::login_failures_time, not by a login
  // that succeeds: who guesses may have an account of his own.
  Failure failed(const std::string& group, Time now);

  size_t size() const { return places_.size(); }
  size_t waiting() const { return open_.size(); }  // addresses with connections that have not logged in

 private:
  struct Entry {
    std::string group;
    Time failures{};     // when all are forgiven
    Time connections{};  // when the rate is all there again
    Time ban{};          // its end
  };
  using Places = std::list<Entry>;
  Entry& entry(const std::string& group);

  GuardOptions options_;
  Places entries_;  // the latest first
  std::unordered_map<std::string, Places::iterator> places_;
  // Connections of each that have not logged in. Apart from the table, which forgets; no more addresses than there may
  // be such connections (limits::connections_prelogin_max).
  std::unordered_map<std::string, size_t> open_;
};

}  // namespace xbus::server
