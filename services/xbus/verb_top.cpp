#include <memory>
#include <set>

#include "rpc/administration.hpp"
#include "rpc/json.hpp"
#include "rpc/printable.hpp"
#include "services/common/counted.hpp"
#include "services/xbus/gathering.hpp"
#include "services/xbus/live_rates.hpp"
#include "services/xbus/live_screen.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  double interval = 2;
  bool once = false;
};

Duration interval_of(const Words& words) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(words.interval));
}

class Top {
 public:
  Top(Bus& bus, const Words& words) : bus_(bus), words_(words) {}

  // Asks everybody once.
  Task<void> look() {
    const auto services = co_await bus_.list();
    rates_.live(services);
    CallOptions options;
    options.timeout = std::max<Duration>(interval_of(words_), std::chrono::seconds(1));
    options.idempotent = true;
    Gathering gathering(bus_.loop());
    for (const registry::ServiceInfo& service : services)
      for (const registry::InstanceInfo& instance : service.instances) {
        const std::string jid = instance.jid.str();
        if (!closed_.contains(jid))
          gathering.ask(bus_.entity(jid).with(options), stats_method, {}, jid);
      }
    while (gathering.open() > 0) {
      auto taking = gathering.next();
      const auto reply = co_await std::move(taking);
      if (reply) take(*reply);
    }
  }

  std::vector<InstanceRates> rows() const { return rates_.rows(); }

 private:
  void take(const Reply& reply) {
    if (reply.value) {
      try {
        const auto stats = from_value<ServiceStats>(*reply.value);
        rates_.counted(reply.instance, bus_.loop().now(), stats);
        return;
      } catch (const Fault&) {
        closed_.insert(reply.instance);  // it counts in another way
      }
    }
    rates_.silent(reply.instance);
    // Who may not ask, or has nobody to ask, does not try again every two seconds.
    if (reply.fault && reply.is_answer()) closed_.insert(reply.instance);
  }

  Bus& bus_;
  const Words& words_;
  LiveRates rates_;
  std::set<std::string> closed_;  // JIDs
};

std::string frame(const Top& top, Bus& bus, const Words& words) {
  const Terminal terminal = Terminal::of(1);  // it may have another size now
  const auto rows = top.rows();
  std::set<std::string> services;
  for (const InstanceRates& row : rows) services.insert(row.service);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  std::string head = "xbus top  " + bus.client().domain() + "  " +
                     time_text(Timestamp(now.time_since_epoch())) + "  " +
                     common::counted(services.size(), "service") + ", " +
                     common::counted(rows.size(), "instance") + ", every " + json_text(words.interval) + " s; q ends";
  return terminal.dim(fitted(printable(head), terminal.width)) + "\n" + rates_view(rows, terminal);
}

// A line each instance; false when nobody reads any more.
bool print_lines(const Invocation& invocation, const Top& top) {
  for (const InstanceRates& row : top.rows())
    if (!invocation.print_line(to_value(row))) return false;
  return true;
}

Task<int> watch(Bus& bus, Interrupt& interrupt, const Invocation& invocation, const Words& words,
                LiveScreen& screen) {
  Top top(bus, words);
  const bool live = !words.once && !invocation.wants_json() && invocation.out.person;
  co_await top.look();
  if (live) {
    // with_bus() runs no other kind of loop.
    screen.begin(static_cast<net::IoLoop&>(bus.loop()), [&interrupt](char key) {
      if (key == 'q' || key == 'Q') interrupt.give();
    });
  }
  while (true) {
    if (live) screen.show(frame(top, bus, words));
    co_await interrupt.pause(interval_of(words));
    if (interrupt.given()) break;
    co_await top.look();
    if (live) continue;
    const bool written = invocation.wants_json()
                             ? print_lines(invocation, top)
                             : invocation.print_text(rates_view(top.rows(), invocation.out));
    if (!written) co_return exit_local_trouble;
    if (words.once) break;
  }
  co_return 0;
}

// The terminal is put back before anything is told.
Task<int> with_screen(Bus& bus, Interrupt& interrupt, const Invocation& invocation,
                      const Words& words, LiveScreen& screen) {
  std::exception_ptr trouble;
  int status = 0;
  try {
    status = co_await watch(bus, interrupt, invocation, words, screen);
  } catch (...) {
    trouble = std::current_exception();
  }
  screen.end();
  if (trouble) std::rethrow_exception(trouble);
  co_return status;
}

}  // namespace

Verb top_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("top", "what services do now: calls a second, errors, latencies");
  const auto words = std::make_shared<Words>();
  line.seconds("--interval", words->interval, 0.05, 3600, "seconds between two looks (2)");
  line.flag("--once", words->once, "one look over one interval, then end");
  line.details(
          "A terminal shows a live table until q or Ctrl-C. A pipe gets a JSON object a line for "
          "each instance and look. Rates come from the counters that a service tells its admins "
          "and its own account; for others there is what the registry knows.")
      .example("xbus top --once --interval 0.2", "What happens within a fifth of a second.")
      .example("xbus top", "A live table.");
  return {&line, [&invocation, words] {
            LiveScreen screen;
            return with_bus(invocation, "top", [&](Bus& bus, Interrupt& interrupt) {
              return with_screen(bus, interrupt, invocation, *words, screen);
            });
          }};
}

}  // namespace xbus::cli
