// One loop's part of the server: the links that live on it and the gathered writing.
#pragma once
#include <memory>
#include <unordered_map>
#include <vector>

#include "bus/clock.hpp"
#include "bus/net/loop.hpp"
#include "bus/net/timer.hpp"
#include "bus/router/outbox.hpp"

namespace xbus::server {

class Hub;
class Link;

class Core {
 public:
  Core(Hub& hub, net::Loop& loop);
  ~Core();

  net::Loop& loop() { return loop_; }

  // Under the router's lock.
  void add(std::shared_ptr<Link> link);
  // Something waits in the link's outbox: it is written at the end of this round, or soon where the
  // caller runs on another loop. One post covers everything that other loops add until it runs: the
  // batched mailbox of design D8.
  void dirty(Link& link);
  size_t links() const { return links_.size(); }
  template <class Visit>
  void each(Visit visit) {
    for (auto& [key, link] : links_) visit(*link);
  }

  // On this loop, without the lock.
  void flush();
  void write_out(Link& link);  // one link that can be written again
  void remove(
      Link& link);  // its transport has closed; it is destroyed after the callback has returned

 private:
  void sweep();
  void write_all(std::vector<Link*>& links);

  Hub& hub_;
  net::Loop& loop_;
  std::unordered_map<Link*, std::shared_ptr<Link>> links_;
  std::vector<Link*> dirty_;  // guarded by the router's lock
  std::vector<Link*> flushing_;
  struct Written {
    size_t bytes = 0;
    std::vector<router::Piece> done;
  };
  std::vector<Written> written_;  // by each link of a round; kept for its memory
  bool scheduled_ = false;        // likewise
  net::Timer sweep_timer_;
  std::shared_ptr<bool> alive_;  // what is posted may run when this has gone
};

}  // namespace xbus::server
