// xbusd put together: loops, store, server, listeners, signals.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "bus/result.hpp"
#include "services/xbusd/config.hpp"

namespace xbus::xbusd {

class Daemon {
 public:
  // What the configuration is now, asked on SIGHUP.
  using ReadAgain = std::function<Result<Config, std::string>()>;
  Daemon(Config config, bool system, ReadAgain read_again = {});
  ~Daemon();

  // Opens everything; an error is a line for a person.
  Result<void, std::string> start();
  // On SIGHUP all is read again, and what can change while the bus runs changes; where something is
  // wrong with it, the old stays. Until SIGTERM or SIGINT has been obeyed: listeners closed, streams ended, queues written.
  void run();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace xbus::xbusd
