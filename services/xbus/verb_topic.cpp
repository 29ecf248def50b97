#include <memory>

#include "rpc/topic.hpp"
#include "services/xbus/table.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

using Line = common::CommandLine;

struct Words {
  std::string topic, access, publish, title, service, keep;
  std::vector<std::string> fields;
  int64_t max_items = 0;
};

TopicOptions options_of(const Invocation& invocation, const Words& words) {
  TopicOptions options;
  options.service = words.service;
  options.timeout = invocation.time_max();
  return options;
}

// The words of the command line are those of the form.
TopicConfig config_of(const Words& words) {
  TopicConfig config;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) config.fields.emplace_back("pubsub#" + name, value);
  };
  add("access_model", words.access);
  add("title", words.title);
  add("persist_items", words.keep.empty() ? "" : words.keep == "yes" ? "1" : "0");
  if (words.max_items > 0) config.max_items = static_cast<uint32_t>(words.max_items);
  constexpr xmpp::PublishModel models[] = {xmpp::PublishModel::publishers, xmpp::PublishModel::subscribers,
                                           xmpp::PublishModel::open};
  for (const xmpp::PublishModel model : models)
    if (words.publish == name_of(model)) config.publish_model = model;
  for (const std::string& field : words.fields) {
    const size_t sign = field.find('=');
    if (sign == std::string::npos || sign == 0)
      throw Fault(Fault::Kind::invalid, "\"" + field + "\" is not FIELD=VALUE");
    const std::string name = field.substr(0, sign);
    config.fields.emplace_back(name.find('#') == std::string::npos ? "pubsub#" + name : name, field.substr(sign + 1));
  }
  return config;
}

Task<int> list(Bus& bus, const Invocation& invocation, const Words& words) {
  auto listing = topics(bus, options_of(invocation, words));
  const std::vector<std::string> names = co_await std::move(listing);
  bool written = false;
  if (invocation.wants_json()) {
    written = invocation.print(Value(Value::Array(names.begin(), names.end())));
  } else {
    Table table({{"TOPIC"}});
    for (const std::string& name : names) table.add({name});
    written = invocation.print_text(table.text(invocation.out));
  }
  co_return written ? 0 : exit_local_trouble;
}

// {"topic": ..., "max_items": "1000", "owner": ["a@b", ...]}: the names of the form without pubsub#.
Value value_of_fields(const std::string& topic, const Topic::Fields& fields) {
  Value out = Value::structure({{"topic", topic}});
  for (const auto& [field, value] : fields) {
    const std::string name = field.starts_with("pubsub#") ? field.substr(7) : field;
    const Value* there = out.find(name);
    if (there == nullptr) {
      out.set(name, value);
      continue;
    }
    Value more = *there;
    if (!more.is(Value::Type::array)) more = Value(Value::Array{more});
    more.push(value);
    out.set(name, std::move(more));
  }
  return out;
}

// An owner sees how it is configured beside what all may see.
Task<int> describe(Bus& bus, const Invocation& invocation, const Words& words) {
  Topic topic(bus, words.topic, options_of(invocation, words));
  auto asking = topic.metadata();
  Topic::Fields fields = co_await std::move(asking);
  if (fields.empty()) {
    auto asking_owner = topic.configuration();
    fields = co_await std::move(asking_owner);
  }
  co_return invocation.print(value_of_fields(words.topic, fields)) ? 0 : exit_local_trouble;
}

enum class Change { create, configure, remove, purge };

Task<int> change(Bus& bus, const Invocation& invocation, const Words& words, Change what) {
  Topic topic(bus, words.topic, options_of(invocation, words));
  Task<void> doing;
  switch (what) {
    case Change::create: doing = topic.create(config_of(words)); break;
    case Change::configure: doing = topic.configure(config_of(words)); break;
    case Change::remove: doing = topic.remove(); break;
    case Change::purge: doing = topic.purge(); break;
  }
  co_await std::move(doing);
  co_return 0;
}

void add_topic(Line& line, Words& words) {
  line.text("TOPIC", words.topic, "the topic", Line::Need::required);
}

void add_config(Line& line, Words& words) {
  line.choice("--access", words.access, {"open", "whitelist", "authorize", "presence", "roster"},
              "who may subscribe and read");
  line.choice("--publish", words.publish, {"publishers", "subscribers", "open"}, "who may publish");
  line.number("--max-items", words.max_items, 1, 1'000'000, "how many items are kept");
  line.choice("--keep", words.keep, {"yes", "no"}, "whether items are kept at all");
  line.text("--title", words.title, "a name for people");
  line.texts("--set", words.fields, "FIELD=VALUE: any field of the form, as `describe` shows them");
}

struct Action {
  Line* line;
  Change what;
  std::string name;
};

int run(const Invocation& invocation, const Words& words, const Line& described, const std::vector<Action>& actions) {
  if (described.given())
    return with_bus(invocation, "topic describe " + words.topic,
                    [&](Bus& bus) { return describe(bus, invocation, words); });
  for (const Action& action : actions)
    if (action.line->given())
      return with_bus(invocation, "topic " + action.name + " " + words.topic,
                      [&](Bus& bus) { return change(bus, invocation, words, action.what); });
  return with_bus(invocation, "topic list", [&](Bus& bus) { return list(bus, invocation, words); });
}

}  // namespace

Verb topic_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("topic", "the topics of the bus, and how they are configured");
  const auto words = std::make_shared<Words>();
  line.example("xbus topic create alerts --max-items 100 --title 'What went wrong'", "A topic that keeps 100 items.")
      .example("xbus topic", "The topics that you may see.")
      .example("xbus topic describe alerts", "Its configuration, owners, subscribers and items.")
      .example("xbus topic configure alerts --publish open --set notify_retract=1", "Change what is said, nothing else.")
      .example("xbus topic purge alerts", "Take all items out.")
      .example("xbus topic delete alerts", "Take the topic away; its subscribers are told.");
  line.text("--pubsub", words->service, "the JID of the pubsub service, else the one of the bus");
  line.verb("list", "all that you may see; also without an action");
  auto& create = line.verb("create", "make a topic, or take one that is yours already");
  auto& configure = line.verb("configure", "change its configuration (owners)");
  auto& remove = line.verb("delete", "take it away with its items (owners)");
  auto& purge = line.verb("purge", "take all its items out (owners)");
  auto& described = line.verb("describe", "how it is configured, who owns it, how many items it keeps");
  for (Line* each : {&create, &configure, &remove, &purge, &described}) add_topic(*each, *words);
  for (Line* each : {&create, &configure}) add_config(*each, *words);
  const std::vector<Action> actions = {{&create, Change::create, "create"},
                                       {&configure, Change::configure, "configure"},
                                       {&remove, Change::remove, "delete"},
                                       {&purge, Change::purge, "purge"}};
  return {&line, [&invocation, words, &described, actions] { return run(invocation, *words, described, actions); }};
}

}  // namespace xbus::cli
