// The service of the plays about failure: `work` takes as long as it is told and notes each run in
// a file, so that a play can count what ran, and how often.
#include <unistd.h>
#include <xbus/xbus.hpp>

#include <cstdio>

#include "bus/net/timer.hpp"
#include "tests/plays_real/told.hpp"

namespace {

// One line of the file that all instances share; a line this short is appended whole.
void note(std::FILE* runs, const std::string& id) {
  const std::string line = id + "\n";
  if (std::fwrite(line.data(), 1, line.size(), runs) != line.size() || std::fflush(runs) != 0)
    std::abort();
}

struct Wait {
  explicit Wait(xbus::net::Loop& loop) : timer(loop) {}
  xbus::net::Timer timer;
  xbus::Completion<bool> over;
};

}  // namespace

int main() {
  std::FILE* runs = std::fopen(xbus::interop::told("RUNS").c_str(), "ae");
  if (!runs) xbus::interop::give_up("cannot open the file of runs");
  const std::string me = xbus::interop::told("RESOURCE");
  xbus::BusOptions options = xbus::plays::bus_options();
  return xbus::run(
      [&](xbus::Bus& bus) -> xbus::Task<void> {
        xbus::Service work("work");
        work.method("work", {"id", "milliseconds"},
                    [&](std::string id, int milliseconds) -> xbus::Task<std::string> {
                      note(runs, id);
                      Wait wait(bus.loop());
                      wait.timer.start(std::chrono::milliseconds(milliseconds),
                                       [&] { wait.over.complete(true); });
                      co_await wait.over;
                      co_return me;
                    });
        work.method("who", [&] { return me; });
        co_await bus.serve(work);
        xbus::interop::say("ready " + bus.jid().str());
        co_await xbus::Completion<bool>();  // until a signal ends the program
      },
      std::move(options));
}
