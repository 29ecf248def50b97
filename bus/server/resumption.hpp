// Sessions that may outlive their connection (XEP-0198 section 5): who may come back, until when, and what is
// remembered of those that did not.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bus/clock.hpp"
#include "bus/net/timer.hpp"

namespace xbus::server {

class Hub;
class Session;

// The router's lock guards it.
class Resumptions {
 public:
  explicit Resumptions(Hub& hub);
  ~Resumptions();

  // The session may be resumed from now on, by the id that is returned (SM-18).
  std::string add(Session& session);
  // Another session has taken it over.
  void move(std::string_view id, Session& to);
  // It has ended; how many stanzas of its client's it had handled is remembered for a while (SM-14).
  void remove(std::string_view id, std::string_view local, uint32_t handled);

  // Connected or not; nullptr: there is none of that account (SM-12).
  Session* find(std::string_view id, std::string_view local) const;
  std::optional<uint32_t> ended(std::string_view id, std::string_view local) const;

  // Keeps a session that has lost its connection; when the time is over it leaves. False: too many wait already, of all
  // accounts or of its own.
  bool keep(Session& session, Duration within);
  size_t waiting() const { return waiting_.size(); }
  // All that wait leave now.
  void end_all();

 private:
  struct Waiting {
    std::shared_ptr<Session> session;
    std::string local;
    Time until;
  };
  struct Ended {
    std::string id, local;
    uint32_t handled;
  };
  void release(Session& session);
  size_t waiting_of(std::string_view local) const;
  void sweep();

  Hub& hub_;
  std::unordered_map<std::string, Session*> sessions_;
  std::unordered_map<Session*, Waiting> waiting_;
  std::unordered_map<std::string, size_t> waiting_of_;  // by localpart
  std::deque<Ended> ended_;
  std::unique_ptr<net::Timer> timer_;  // on the main loop
  bool sweeping_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace xbus::server
