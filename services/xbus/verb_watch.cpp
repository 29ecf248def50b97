#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

#include "bus/limits_events.hpp"
#include "rpc/json.hpp"
#include "rpc/last_item.hpp"
#include "rpc/thread_pool.hpp"
#include "rpc/topic.hpp"
#include "rpc/watch.hpp"
#include "services/xbus/exec.hpp"
#include "services/xbus/program_file.hpp"
#include "services/xbus/served_command.hpp"
#include "services/xbus/topic_pattern.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::vector<std::string> topics, arguments;
  std::string since, command, state, service;
  int64_t count = 0;
  double command_seconds = 0;
};

// How often a pattern is looked up again.
constexpr auto patterns_fresh = std::chrono::seconds(2);

// What goes on while topics are watched.
struct Watching {
  Watching(Bus& on, Interrupt& by, const Invocation& with, const Words& of)
      : bus(on), interrupt(by), invocation(with), words(of) {
    if (::pipe2(stop.data(), O_CLOEXEC) != 0) throw Fault(Fault::Kind::failed, "no pipe can be made");
  }
  ~Watching() {
    for (const int end : stop)
      if (end >= 0) ::close(end);
  }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

  Task<void> show(WatchItem item);
  Task<Ending> run_command(WatchItem item, std::string json);
  // When no command runs any more; the one that does is killed.
  Task<void> commands_end();
  Watch& add(const std::string& topic, Since since);
  Since since_of(const std::string& topic) const;
  void end(int with) {
    if (!over) status = with;
    over = true;
    interrupt.give();
  }

  Bus& bus;
  Interrupt& interrupt;
  const Invocation& invocation;
  const Words& words;
  std::optional<LastItem> last;
  std::map<std::string, std::unique_ptr<Watch>> watches;
  std::set<std::string> gone;  // of a pattern, until they come again
  int64_t shown = 0;
  int status = 0;
  bool over = false;
  std::array<int, 2> stop{-1, -1};  // closing the second kills the command that runs
  size_t running = 0;
  std::optional<Completion<bool>> idle;
  ThreadPool commands{1};  // one at a time, whatever the topic
};

Since Watching::since_of(const std::string& topic) const {
  if (last)
    if (const auto id = last->of(topic)) return Since::after(*id);
  if (words.since.empty()) return Since::now();
  return words.since == "all" ? Since::all() : Since::after(words.since);
}

Value value_of_item(const WatchItem& item) {
  Value out = Value::structure({{"topic", item.topic}, {"id", item.id}});
  if (!item.publisher.empty()) out.set("publisher", item.publisher);
  out.set("item", value_of(item.payload));
  return out;
}

Task<Ending> Watching::run_command(WatchItem item, std::string json) {
  Command command;
  command.words = {words.command};
  command.words.insert(command.words.end(), words.arguments.begin(), words.arguments.end());
  command.input = std::move(json);
  command.environment = {{"XBUS_TOPIC", item.topic}, {"XBUS_ITEM", item.id}, {"XBUS_PUBLISHER", item.publisher},
                         {"XBUS_PASSWORD", ""}};
  command.time_max = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(words.command_seconds));
  const Completion<Ending> done;
  ++running;
  commands.submit([command, done, &loop = bus.loop(), fd = stop[0]] {
    loop.post([done, ending = cli::run_command(command, fd)] { done.complete(ending); });
  });
  Ending ending = co_await done;
  // From the loop: whoever waits takes all of this away.
  if (--running == 0 && idle) bus.loop().post([waiting = *idle] { waiting.complete(true); });
  co_return ending;
}

Task<void> Watching::commands_end() {
  ::close(std::exchange(stop[1], -1));
  if (running == 0) co_return;
  const Completion<bool> done;
  idle = done;
  co_await done;
}

Task<void> Watching::show(WatchItem item) {
  if (over) throw Fault(Fault::Kind::cancelled, "enough");
  const std::string topic = item.topic, id = item.id;
  const Value value = value_of_item(item);
  if (words.command.empty()) {
    if (!invocation.print_line(value)) {
      end(exit_local_trouble);
      throw Fault(Fault::Kind::cancelled, "nobody reads");
    }
  } else {
    auto run = run_command(std::move(item), json_text(value) + "\n");
    const Ending ending = co_await std::move(run);
    // Killed by whoever has seen enough: it comes again another time.
    if (ending.kind == Ending::Kind::stopped) throw Fault(Fault::Kind::cancelled, "enough");
    if (!ending.output.empty()) invocation.print_text(ending.output);
    if (ending.kind != Ending::Kind::exited || ending.status != 0)
      status = invocation.fail("watch " + topic, words.command + " " + text_of(ending));
  }
  if (last && !id.empty())
    if (const auto kept = last->set(topic, id); !kept.ok()) {
      invocation.fail("watch " + topic, kept.error());
      end(exit_local_trouble);
    }
  if (++shown == words.count) end(status);
}

Watch& Watching::add(const std::string& topic, Since since) {
  WatchOptions options;
  options.since = std::move(since);
  options.service = words.service;
  options.timeout = invocation.time_max();
  options.on_gap = [this](const WatchGap& gap) {
    const std::string how_many = gap.missed ? std::to_string(*gap.missed) + " items" : std::string("items");
    invocation.note("xbus: watch " + gap.topic + ": the topic does not keep " + how_many + " that were published after " +
                    (gap.after.empty() ? "the beginning" : gap.after));
  };
  options.on_end = [this, topic](const Fault& fault) {
    if (over) return;
    // A topic that a pattern has brought goes as it came.
    const bool asked_for = std::find(words.topics.begin(), words.topics.end(), topic) != words.topics.end();
    if (!asked_for && fault.kind() == Fault::Kind::not_found) {
      gone.insert(topic);
      return;
    }
    end(invocation.fail("watch " + topic, fault));
  };
  auto watch = std::make_unique<Watch>(
      bus, topic, [this](WatchItem item) { return show(std::move(item)); }, std::move(options));
  return *(watches[topic] = std::move(watch));
}

Task<void> begin(Watching& watching, std::string topic, Since since) {
  Watch& watch = watching.add(topic, std::move(since));
  auto starting = watch.start();
  co_await std::move(starting);
}

// The topics that match and are not watched yet; those that come later are watched from their first item on.
Task<void> look_up(Watching& watching, bool first) {
  TopicOptions options;
  options.service = watching.words.service;
  options.timeout = watching.invocation.time_max();
  auto listing = topics(watching.bus, options);
  const std::vector<std::string> all = co_await std::move(listing);
  for (const std::string& topic : all) {
    bool wanted = false;
    for (const std::string& pattern : watching.words.topics)
      wanted = wanted || (is_topic_pattern(pattern) && matches_topic(pattern, topic));
    const bool watched = watching.watches.contains(topic) && watching.gone.erase(topic) == 0;
    if (!wanted || watched || watching.over) continue;
    try {
      auto beginning = begin(watching, topic, first ? watching.since_of(topic) : Since::all());
      co_await std::move(beginning);
    } catch (const Fault& fault) {
      // One that may not be read is none of those that are meant; nor is one that has just gone.
      watching.watches.erase(topic);
      if (fault.kind() != Fault::Kind::forbidden && fault.kind() != Fault::Kind::not_found) throw;
    }
  }
}

Task<void> attend(Watching& watching) {
  bool patterns = false;
  for (const std::string& topic : watching.words.topics) {
    patterns = patterns || is_topic_pattern(topic);
    if (is_topic_pattern(topic) || watching.watches.contains(topic)) continue;
    auto beginning = begin(watching, topic, watching.since_of(topic));
    co_await std::move(beginning);
  }
  if (patterns) {
    auto looking = look_up(watching, true);
    co_await std::move(looking);
  }
  while (!watching.interrupt.given()) {
    co_await watching.interrupt.pause(patterns ? Duration(patterns_fresh) : Duration(limits::call_time_max));
    if (!patterns || watching.interrupt.given()) continue;
    try {
      auto looking = look_up(watching, false);
      co_await std::move(looking);
    } catch (const Fault&) {
      // While the bus is away there is nothing to look up.
    }
  }
}

Task<int> watch(Bus& bus, Interrupt& interrupt, const Invocation& invocation, const Words& words) {
  Watching watching(bus, interrupt, invocation, words);
  if (!words.state.empty()) {
    auto last = LastItem::open(words.state);
    if (!last) co_return invocation.fail("watch", last.error());
    watching.last.emplace(std::move(*last));
  }
  auto attending = attend(watching);
  co_await std::move(attending);
  watching.over = true;
  auto ending = watching.commands_end();
  co_await std::move(ending);
  for (auto& each : watching.watches) {
    if (bus.client().state() != client::State::online) break;
    auto stopping = each.second->stop();
    co_await std::move(stopping);
  }
  co_return watching.status;
}

int run(const Invocation& invocation, const Words& words) {
  if (!words.command.empty())
    if (const auto why = why_not_runnable(words.command))
      return invocation.fail("watch", "--exec " + *why, exit_usage);
  if (words.command.empty() && !words.arguments.empty())
    return invocation.fail("watch", "--arg is for --exec", exit_usage);
  Invocation watcher = invocation;
  watcher.reconnect = true;
  return with_bus(watcher, "watch " + words.topics.front(), [&](Bus& bus, Interrupt& interrupt) {
    return watch(bus, interrupt, watcher, words);
  });
}

void add_options(common::CommandLine& line, Words& words) {
  line.texts("TOPIC", words.topics, "a topic, or a pattern: + stands for one level, # at the end for all that follows",
             common::CommandLine::Need::required);
  line.text("--since", words.since,
            "begin behind the item with this id, or with `all` that the topic keeps; else with what comes now");
  line.number("--count", words.count, 1, 1'000'000'000, "so many items are enough");
  line.text("--exec", words.command,
            "run this program once an item, with the item as JSON on its input; never by a shell");
  line.texts("--arg", words.arguments, "an argument of the program; again for more");
  line.seconds("--exec-time", words.command_seconds, 0.001,
               std::chrono::duration<double>(limits::call_time_max).count(), "seconds that a run may take (60)");
  line.text("--state", words.state,
            "keep the id of the last item in this file, and begin behind it the next time");
  line.text("--pubsub", words.service, "the JID of the pubsub service, else the one of the bus");
}

}  // namespace

Verb watch_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("watch", "items of topics as they are published");
  const auto words = std::make_shared<Words>();
  words->command_seconds = 60;
  add_options(line, *words);
  line.details(
          "An item is a line of JSON: topic, id, publisher and the item itself. Each is printed once and in its order, "
          "also when the connection is lost or the bus is restarted meanwhile: what was missed is read from the topic. "
          "What the topic does not keep any more is told as a gap on standard error.")
      .details(
          "With --exec the items are dealt with one after the other; a program that fails is told on standard error, and "
          "the next item comes. It sees XBUS_TOPIC, XBUS_ITEM and XBUS_PUBLISHER. With --state an item counts as dealt "
          "with when it has been printed or its program has ended: whoever is killed before that gets it again.")
      .example("xbus publish counts 1 && xbus watch counts --since all --count 1", "What a topic keeps.")
      .example("xbus publish hall/door '\"open\"' && xbus watch 'hall/#' --since all --count 1", "Every topic below a name.")
      .example("xbus watch counts --since all --state counts.last --exec /bin/cat --count 1",
               "A program for each item; the next time behind the one dealt with last.");
  return {&line, [&invocation, words] { return run(invocation, *words); }};
}

}  // namespace xbus::cli
