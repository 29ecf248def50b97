// Load on a method of a real service: callers of the library, each with a connection and so many
// calls in flight.
#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "bus/task.hpp"
#include "rpc/remote.hpp"
#include "rpc/value.hpp"
#include "services/xbus/load_run.hpp"

namespace xbus::cli {

class ServiceLoad {
 public:
  ServiceLoad(net::Loop& loop, LoadRun& run);

  // One call after the other while the run wants more.
  void add(Remote remote, std::string method, Value::Array arguments);
  // Every one has ended.
  bool done() const { return *open_ == 0; }

 private:
  static Task<void> calls(net::Loop& loop, LoadRun& run, Remote remote, std::string method,
                          Value::Array arguments, std::shared_ptr<size_t> open);

  net::Loop& loop_;
  LoadRun& run_;
  std::shared_ptr<size_t> open_ = std::make_shared<size_t>(0);
};

}  // namespace xbus::cli
