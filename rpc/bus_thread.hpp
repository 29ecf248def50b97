// BusThread: a bus on a thread of its own, for programs that have no coroutines.
#pragma once
#include <memory>
#include <string>

#include "rpc/bus.hpp"

namespace xbus {

// `BusThread bus; int five = bus.service("calc").call_wait<int>("add", 2, 3);`
class BusThread {
 public:
  // Connects, and waits for it; Faults as Bus::connect().
  explicit BusThread(BusOptions options = {});
  // Leaves the bus and joins the thread.
  ~BusThread();
  BusThread(const BusThread&) = delete;
  BusThread& operator=(const BusThread&) = delete;

  Remote service(std::string name);
  Remote entity(std::string jid);
  // Puts a service on the bus; its handlers run on the bus's thread.
  void serve(Service& service);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xbus
