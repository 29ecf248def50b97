// xbusd put together: loops, store, server, listeners, signals.
#pragma once
#include <memory>
#include <string>

#include "bus/result.hpp"
#include "services/xbusd/config.hpp"

namespace xbus::xbusd {

class Daemon {
 public:
  Daemon(Config config, bool system);
  ~Daemon();

  // Opens everything; an error is a line for a person.
  Result<void, std::string> start();
  // Until SIGTERM or SIGINT has been obeyed: listeners closed, streams ended, queues written.
  void run();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace xbus::xbusd
