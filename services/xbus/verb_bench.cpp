#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "bus/net/io_loop.hpp"
#include "services/xbus/call_arguments.hpp"
#include "services/xbus/failure.hpp"
#include "services/xbus/load_crew.hpp"
#include "services/xbus/load_report.hpp"
#include "services/xbus/progress_line.hpp"
#include "services/xbus/service_load.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string service, method, nats;
  std::vector<std::string> arguments, server;
  int64_t callers = 1, outstanding = 1, echoes = 2, payload = 100, accounts = 0, idle = 0;
  double time = 5, warm_up = 0.5;  // seconds
};

size_t whole(int64_t number) { return static_cast<size_t>(number); }
Duration seconds(double number) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(number));
}

// Each session is a descriptor.
void take_all_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<int> pids_of(const Words& words) {
  std::vector<int> pids;
  for (const std::string& word : words.server) {
    const int pid = std::atoi(word.c_str());
    if (pid <= 0 || process_tree({pid}).empty())
      throw Fault(Fault::Kind::invalid, "there is no process " + word);
    pids.push_back(pid);
  }
  return pids;
}

// One run of the verb.
class Bench {
 public:
  Bench(const Invocation& invocation, const Words& words)
      : invocation_(invocation),
        words_(words),
        run_(loop_, {seconds(words.warm_up), seconds(words.time), pids_of(words)}),
        progress_(invocation.err) {
    loop_.on_signal({SIGINT, SIGTERM}, [this](int number) {
      // Nothing to print yet, or told twice.
      if (run_.stopped() || run_.phase() == LoadRun::Phase::preparing) quit_ = 128 + number;
      run_.stop();
    });
    if (progress_.on()) run_.on_tick([this] { show(); });
  }

  int run() {
    auto options = invocation_.connection.options();
    if (!options) return invocation_.fail("bench", options.error());
    options->reconnect = false;
    options->connect_time_max = std::min(options->connect_time_max, invocation_.time_max());
    if (!words_.service.empty()) return load_service(*options);
    auto server = LoadServer::find(loop_, std::move(*options), words_.nats, whole(words_.accounts));
    if (!server) return invocation_.fail("bench", server.error(), exit_usage);
    return load_server(**server);
  }

 private:
  // Runs the loop until `ready` or until nobody wants to wait any more; `at_most` 0 is for ever.
  template <class Ready>
  bool wait(const Ready& ready, Duration at_most = {}) {
    const auto done = [&] { return quit_ != 0 || ready(); };
    return loop_.run_until(done, at_most > Duration{} ? at_most : limits::call_time_max) &&
           quit_ == 0;
  }

  void show() {
    if (!run_.issuing()) return;
    const Time now = loop_.clock();
    const uint64_t count = run_.latencies().count();
    const double time = std::chrono::duration<double>(now - shown_at_).count();
    const double rate =
        time > 0 ? static_cast<double>(count - std::min(count, shown_count_)) / time : 0;
    shown_at_ = now;
    shown_count_ = count;
    progress_.show(load_progress(run_, rate, Terminal::of(2).width));
  }

  int print(const LoadWork& work) {
    progress_.clear();
    const bool written = invocation_.wants_json()
                             ? invocation_.print(load_value(work, run_))
                             : invocation_.print_text(load_text(work, run_, invocation_.out));
    return written ? exit_status(run_.first_failure()) : exit_local_trouble;
  }

  int load_server(LoadServer& server) {
    LoadCrew::Plan plan;
    plan.callers = whole(words_.callers);
    plan.outstanding = whole(words_.outstanding);
    plan.echoes = whole(words_.echoes);
    plan.idle = whole(words_.idle);
    plan.payload_bytes = whole(words_.payload);
    plan.patience = invocation_.time_max();
    const auto tree = process_tree(run_.plan().server);
    const auto before = usage_of(tree);
    LoadCrew crew(server, plan, run_);
    crew.start();
    size_t told = 0;
    while (!crew.complete() && !crew.failure() && quit_ == 0) {
      // As long as somebody gets in, it goes on.
      const size_t seen = crew.ready();
      if (!wait([&] { return crew.complete() || crew.failure() || crew.ready() >= seen + 100; },
                invocation_.time_max()))
        break;
      if (crew.ready() >= told + 100) {
        told = crew.ready();
        progress_.show(std::to_string(told) + " of " + std::to_string(crew.size()) + " connected");
      }
    }
    progress_.clear();
    if (quit_ != 0) return quit_;
    if (crew.failure()) return invocation_.fail(doing_connect, *crew.failure());
    if (!crew.complete())
      return invocation_.fail(doing_connect, Fault(Fault::Kind::timeout, "no login in time"));
    if (plan.idle > 0) return stay_idle(server, crew, tree, before);

    crew.begin();
    wait([&] { return crew.done(); });
    const int status =
        print({"echo", server.text(), plan.callers, plan.outstanding, plan.payload_bytes});
    return crew.failure() ? invocation_.fail("bench", *crew.failure()) : status;
  }

  int stay_idle(LoadServer& server, LoadCrew& crew, const std::vector<int>& tree,
                const std::optional<Usage>& before) {
    wait([&] { return crew.failure().has_value(); }, seconds(words_.time));
    if (crew.failure()) return invocation_.fail("bench", *crew.failure());
    const auto sessions = static_cast<double>(crew.size());
    Value value = Value::structure({{"work", "idle"},
                                    {"address", server.text()},
                                    {"sessions", static_cast<int64_t>(crew.size())}});
    const auto after = tree.empty() ? std::nullopt : usage_of(tree);
    if (after && before) {
      const auto kib = [](const Usage& usage) {
        return static_cast<double>(usage.resident_bytes) / 1024;
      };
      value.set("server",
                Value::structure({{"resident_kib_before", kib(*before)},
                                  {"resident_kib", kib(*after)},
                                  {"kib_per_session", (kib(*after) - kib(*before)) / sessions}}));
    }
    return invocation_.print(value) ? 0 : exit_local_trouble;
  }

  Task<void> connect_all(std::optional<Value::Array>& arguments, std::optional<Fault>& failure) {
    try {
      for (const auto& bus : buses_) co_await bus->connect();
      // Else whole seconds would be spent on refusals.
      if (words_.service.find('@') == std::string::npos) {
        const auto instances = co_await buses_.front()->instances(words_.service);
        if (instances.empty())
          throw Fault(Fault::Kind::unavailable, "no instance of " + words_.service + " is there");
      }
      const Remote remote = remote_for(*buses_.front(), words_.service);
      GivenArguments given;
      given.words = words_.arguments;
      auto reading = arguments_for(remote, words_.method, std::move(given));
      arguments = co_await std::move(reading);
    } catch (const Fault& fault) {
      failure = fault;
    }
  }

  int load_service(const client::Options& connection) {
    for (int64_t i = 0; i < words_.callers; ++i) {
      BusOptions options;
      options.connection = connection;
      options.log = [this](LogLevel, std::string_view line) { invocation_.fail("bench", line); };
      buses_.push_back(std::make_unique<Bus>(loop_, std::move(options)));
    }
    const std::string doing = "bench " + words_.service + " " + words_.method;
    std::optional<Value::Array> arguments;
    std::optional<Fault> failure;
    spawn(connect_all(arguments, failure));
    if (!wait([&] { return arguments.has_value() || failure.has_value(); })) return quit_;
    if (failure) {
      const bool online = buses_.front()->client().state() == client::State::online;
      return invocation_.fail(online ? std::string_view(doing) : doing_connect, *failure);
    }
    ServiceLoad load(loop_, run_);
    bool over = false;
    run_.begin([&] { over = true; });
    CallOptions options;
    options.timeout = invocation_.time_max();
    for (const auto& bus : buses_)
      for (int64_t i = 0; i < words_.outstanding; ++i)
        load.add(remote_for(*bus, words_.service).with(options), words_.method, *arguments);
    wait([&] { return over && load.done(); });
    const std::string address = invocation_.connection.address();
    const int status =
        print({words_.service + " " + words_.method, address.empty() ? "this host's bus" : address,
               whole(words_.callers), whole(words_.outstanding), 0});
    buses_.clear();
    return status;
  }

  const Invocation& invocation_;
  const Words& words_;
  net::IoLoop loop_;
  LoadRun run_;
  ProgressLine progress_;
  std::vector<std::unique_ptr<Bus>> buses_;
  int quit_ = 0;  // the exit status of somebody who does not want to wait
  Time shown_at_{};
  uint64_t shown_count_ = 0;
};

int run(const Invocation& invocation, const Words& words) {
  const bool service = !words.service.empty();
  if (service && words.method.empty())
    return invocation.fail(
        "bench", "a service needs a method; `xbus describe " + words.service + "` shows them",
        exit_usage);
  if (service && (!words.nats.empty() || words.idle > 0))
    return invocation.fail("bench", "--nats and --idle are for the server, not for a service",
                           exit_usage);
  ::signal(SIGPIPE, SIG_IGN);
  take_all_descriptors();
  try {
    return Bench(invocation, words).run();
  } catch (const Fault& fault) {
    return invocation.fail("bench", fault.message(), exit_usage);
  }
}

}  // namespace

Verb bench_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line =
      program.verb("bench", "how many calls a second, how fast, and what the server pays for them");
  const auto words = std::make_shared<Words>();
  line.text("SERVICE", words->service, "load on this service; without it on the bus itself");
  line.text("METHOD", words->method, "called again and again");
  line.texts("ARGS", words->arguments, "one a parameter, as `xbus call` takes them");
  line.number("--callers", words->callers, 1, 4096, "connections that call (1)");
  line.number("--outstanding", words->outstanding, 1, 65'536, "calls in flight of each (1)");
  line.seconds("--time", words->time, 0.01, 86'400, "seconds that are measured (5)");
  line.seconds("--warm-up", words->warm_up, 0, 3600, "seconds before that (0.5)");
  line.number("--payload", words->payload, 0, 200'000,
              "bytes that a call to the echo carries there and back (100)");
  line.number("--echoes", words->echoes, 1, 1024,
              "connections of our own that answer, where there is no SERVICE (2)");
  line.number("--accounts", words->accounts, 0, 1'000'000,
              "log in as the account's name followed by 0, 1, 2 and so on, so many of them in "
              "turn; all have one password");
  line.number(
      "--idle", words->idle, 0, 1'000'000,
      "open so many sessions that do nothing, and measure the server's memory after --time");
  line.texts("--server-pid", words->server,
             "a process whose CPU is measured, with all below it; may be repeated");
  line.text("--nats", words->nats,
            "a NATS server in place of a bus: nats://HOST[:PORT], on loopback only, or "
            "tls://HOST[:PORT]");
  line.details(
          "Without SERVICE both ends of each call are connections of this program, so what is "
          "measured is the "
          "server between them. It makes and matches stanzas without the library's work for a "
          "call. With SERVICE a "
          "call is all that `xbus call` does, and its caller's and its service's work counts.")
      .details(
          "A terminal shows a bar while it runs and the latencies drawn at the end, a pipe gets "
          "JSON. Ctrl-C ends the "
          "measured time early. A call that fails is never counted as done; the exit status is "
          "that of the first that "
          "failed. --timeout is for each call and for the login.")
      .example("xbus bench --time 0.3", "What the bus does with one caller and one call at a time.")
      .example("xbus bench --callers 8 --outstanding 16 --time 0.3", "At its full speed.")
      .example("xbus bench agent load --outstanding 4 --time 0.3", "A method of a service.")
      .example("xbus bench --idle 100 --time 0.2",
               "Sessions that do nothing; with --server-pid what each costs.");
  return {&line, [&invocation, words] { return run(invocation, *words); }};
}

}  // namespace xbus::cli
