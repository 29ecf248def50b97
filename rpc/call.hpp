// Call: one call as the handler sees it: who asks, what for, until when.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "bus/clock.hpp"
#include "rpc/metadata.hpp"

namespace xbus {

// Copies share one state of cancellation.
class Call {
 public:
  Call();

  std::string service, method;
  // The JID of the caller, proven: the stamped `from`, or the one a configured registry or bridge speaks for. The
  // access list has been checked against it. "anonymous": a caller that a bridge could not authenticate.
  std::string caller;
  std::string via;     // the relay between, when there is one; else empty
  bool admin = false;  // the caller is one of the service's admins
  // On the clock of the service's loop; what is not finished then is not answered any more. A call from a strict peer
  // states none and has the default, limits::call_time_default.
  Time arrived{}, deadline{};
  std::string traceparent, tracestate;  // W3C Trace Context, as the caller sent it
  std::string key;                      // idempotency key, empty without
  bool one_way = false;                 // a notify: there is no answer

  // The caller has cancelled, or the deadline is over: nobody waits for the result. May be asked from any thread.
  bool cancelled() const;
  // Runs `stop` once on the service's loop when the call is cancelled; at once, here, if it is already. Only the last
  // one set counts. It is dropped when the handler has ended.
  void on_cancel(std::function<void()> stop) const;

 private:
  friend class Callee;
  struct Cancel;
  void cancel() const;
  void settle() const;  // the handler has ended
  std::shared_ptr<Cancel> cancel_;
};

}  // namespace xbus
