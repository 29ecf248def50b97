#include "rpc/administration.hpp"

#include "rpc/service.hpp"

namespace xbus {

namespace {

template <class F>
const F& set(const F& function, const char* what) {
  if (!function) throw Fault(Fault::Kind::unavailable, what);
  return function;
}

}  // namespace

void add_administration(Service& service) {
  if (service.find(stats_method)) return;
  const Service* self = &service;
  const auto built_in = [](Method& method) { method.idempotent().admins_only().built_in_ = true; };
  // What the built-in methods themselves use is no part of the description.
  const Types types = service.types_;
  service.building_in_ = true;

  Method& stats = service.method(stats_method, [self] {
    ServiceStats told = self->stats(set(self->administration().now, "the service is not served")());
    told.leave_out_one(stats_method);  // this call
    return told;
  });
  built_in(stats.doc("How the calls to each method ended, how long they took, and what runs now."));

  Method& drain = service.method(drain_method, [self] {
    set(self->administration().drain, "the service is not on a bus")();
    int64_t running = 0;
    for (const auto& [name, method] : self->methods()) running += static_cast<int64_t>(method.record().running);
    return running - 1;  // this call
  });
  built_in(drain.doc("Takes no new calls, finishes those that run, then leaves the bus and ends the program.\n"
                     "Answers at once how many still run."));

  Method& least = service.method(log_level_method, {"level"}, [self](std::optional<LogLevel> level) {
    return set(self->administration().log_level, "the service has no log")(level);
  });
  built_in(least.doc("Logs what is of this level or above from now on: debug, info, warn or error.\n"
                     "Answers the level that holds; without an argument nothing changes."));
  service.building_in_ = false;
  service.types_ = types;
}

}  // namespace xbus
