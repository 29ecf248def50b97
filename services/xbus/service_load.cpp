#include "services/xbus/service_load.hpp"

#include <utility>

#include "rpc/fault.hpp"

namespace xbus::cli {
namespace {

// A call may fail without having waited for anything: the loop goes on in between.
Task<void> next_round(net::Loop& loop) {
  const Completion<bool> turn;
  loop.post([turn] { turn.complete(true); });
  co_await turn;
}

}  // namespace

ServiceLoad::ServiceLoad(net::Loop& loop, LoadRun& run) : loop_(loop), run_(run) {}

void ServiceLoad::add(Remote remote, std::string method, Value::Array arguments) {
  ++*open_;
  spawn(calls(loop_, run_, std::move(remote), std::move(method), std::move(arguments), open_));
}

Task<void> ServiceLoad::calls(net::Loop& loop, LoadRun& run, Remote remote, std::string method,
                              Value::Array arguments, std::shared_ptr<size_t> open) {
  while (run.issuing()) {
    const Time begun = loop.clock();
    FaultKind outcome = FaultKind::ok;
    try {
      auto calling = remote.call_values(method, arguments);
      co_await std::move(calling);
    } catch (const Fault& fault) {
      outcome = fault.kind();
    }
    if (outcome == FaultKind::ok) {
      run.done(loop.clock() - begun);
    } else {
      run.failed(outcome);
      co_await next_round(loop);
    }
  }
  --*open;
}

}  // namespace xbus::cli
