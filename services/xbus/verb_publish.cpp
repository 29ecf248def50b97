#include <memory>

#include "bus/limits_events.hpp"
#include "rpc/json.hpp"
#include "rpc/topic.hpp"
#include "services/xbus/input_lines.hpp"
#include "services/xbus/progress_line.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string topic, json, id, form = "xml", type, service;
};

Value value_or_fault(const std::string& text) {
  auto value = json_value(text);
  if (!value) throw Fault(Fault::Kind::invalid, "no JSON: " + value.error().what);
  return std::move(*value);
}

TopicOptions options_of(const Invocation& invocation, const Words& words) {
  TopicOptions options;
  options.service = words.service;
  options.form = words.form == "json" ? PayloadForm::json : PayloadForm::xml;
  options.type = words.type;
  options.timeout = invocation.time_max();
  return options;
}

Task<int> publish_one(Bus& bus, const Invocation& invocation, const Words& words) {
  Topic topic(bus, words.topic, options_of(invocation, words));
  auto publishing = topic.publish(value_or_fault(words.json), {.id = words.id});
  const std::string id = co_await std::move(publishing);
  const bool written = invocation.print(Value::structure({{"topic", words.topic}, {"id", id}}));
  co_return written ? 0 : exit_local_trouble;
}

// Lines on their way, in their order: the bus takes them in the order in which they are sent.
struct Stream {
  size_t sent = 0, acknowledged = 0, under_way = 0;
  std::optional<std::pair<size_t, Fault>> failed;  // the first line that did
  std::optional<Completion<bool>> waiting;         // until one more has ended
};

Task<void> publish_line(Topic topic, Value value, std::shared_ptr<Stream> stream, size_t line) {
  std::optional<Fault> fault;
  try {
    auto publishing = topic.publish(std::move(value));
    co_await std::move(publishing);
  } catch (const Fault& caught) {
    fault = caught;
  }
  --stream->under_way;
  if (!fault) ++stream->acknowledged;
  if (fault && (!stream->failed || line < stream->failed->first)) stream->failed.emplace(line, *fault);
  if (const auto waiting = std::exchange(stream->waiting, {})) waiting->complete(true);
}

Task<void> one_ended(std::shared_ptr<Stream> stream) {
  const Completion<bool> done;
  stream->waiting = done;
  co_await done;
}

void show(ProgressLine& progress, const Stream& stream) {
  if (progress.on())
    progress.show(std::to_string(stream.acknowledged) + " acknowledged, " + std::to_string(stream.under_way) +
                  " under way");
}

// Sends lines until there are no more, one fails or somebody has seen enough.
Task<void> send_lines(Topic topic, InputLines& input, Interrupt& interrupt, std::shared_ptr<Stream> stream,
                      ProgressLine& progress) {
  for (size_t line = 1; !interrupt.given() && !stream->failed; ++line) {
    auto reading = input.next();
    const auto text = co_await std::move(reading);
    if (!text) {
      if (!stream->failed) stream->failed.emplace(line, Fault(Fault::Kind::invalid, text.error()));
      break;
    }
    if (!*text) break;
    if ((*text)->find_first_not_of(" \t\r") == std::string::npos) continue;
    auto value = json_value(**text);
    if (!value) {
      if (!stream->failed) stream->failed.emplace(line, Fault(Fault::Kind::invalid, "no JSON: " + value.error().what));
      break;
    }
    ++stream->sent;
    ++stream->under_way;
    spawn(publish_line(topic, std::move(*value), stream, line));
    while (stream->under_way >= limits::publish_under_way_max) {
      auto waiting = one_ended(stream);
      co_await std::move(waiting);
    }
    show(progress, *stream);
  }
}

Task<int> publish_lines(Bus& bus, Interrupt& interrupt, const Invocation& invocation, const Words& words) {
  const auto stream = std::make_shared<Stream>();
  Topic topic(bus, words.topic, options_of(invocation, words));
  ProgressLine progress(invocation.err);
  InputLines input(bus.loop(), 0, limits::publish_line_bytes_max);
  spawn([](Interrupt& until, InputLines& lines) -> Task<void> {
    while (!until.given()) co_await until.pause(limits::call_time_max);
    lines.stop();
  }(interrupt, input));
  auto sending = send_lines(topic, input, interrupt, stream, progress);
  co_await std::move(sending);
  while (stream->under_way > 0) {
    auto waiting = one_ended(stream);
    co_await std::move(waiting);
    show(progress, *stream);
  }
  progress.clear();
  const auto acknowledged = static_cast<int64_t>(stream->acknowledged);
  const bool written = invocation.print(Value::structure({{"topic", words.topic}, {"acknowledged", acknowledged}}));
  // What waits for it is not to see the input go.
  interrupt.give();
  if (stream->failed) {
    const Fault& fault = stream->failed->second;
    throw Fault(fault.kind(), "line " + std::to_string(stream->failed->first) + ": " + fault.message());
  }
  co_return written ? 0 : exit_local_trouble;
}

int run(const Invocation& invocation, const Words& words) {
  const std::string doing = "publish " + words.topic;
  if (words.json != "-")
    return with_bus(invocation, doing, [&](Bus& bus) { return publish_one(bus, invocation, words); });
  if (!words.id.empty()) return invocation.fail(doing, "--id is for one item", exit_usage);
  return with_bus(invocation, doing, [&](Bus& bus, Interrupt& interrupt) {
    return publish_lines(bus, interrupt, invocation, words);
  });
}

}  // namespace

Verb publish_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("publish", "publish items to a topic");
  const auto words = std::make_shared<Words>();
  line.text("TOPIC", words->topic, "the topic: SERVICE/NAME belongs to the owner of SERVICE, and a name without a slash to whoever made it",
            common::CommandLine::Need::required);
  line.text("JSON", words->json, "the item; - for many on standard input, one a line",
            common::CommandLine::Need::required);
  line.text("--id", words->id, "the item's id, which replaces the item that has it; else the bus makes one");
  line.choice("--form", words->form, {"xml", "json"},
              "how it travels: XML that any client can read, or the text of the JSON (XEP-0335)");
  line.text("--type", words->type, "the namespace of the XML");
  line.text("--pubsub", words->service, "the JID of the pubsub service, else the one of the bus");
  line.details(
          "An item is acknowledged when the bus has it on disk. A topic that is not there is made. From standard input "
          "items go out in their order, some before the ones ahead of them are acknowledged; the first that fails ends "
          "it, and the count says how many were acknowledged.")
      .example("xbus publish weather '{\"city\": \"Berlin\", \"degrees\": 21}'", "One item; its id is printed.")
      .example("printf '1\\n2\\n3\\n' | xbus publish counts -", "Many, one a line.");
  return {&line, [&invocation, words] { return run(invocation, *words); }};
}

}  // namespace xbus::cli
