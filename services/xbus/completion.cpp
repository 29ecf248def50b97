#include "services/xbus/completion.hpp"

#include <algorithm>
#include <array>

#include "rpc/printable.hpp"

namespace xbus::cli {
namespace {

using common::CommandShape;
using common::OptionShape;
using Kind = Type::Kind;

std::string first_line(std::string_view text) { return printable(text.substr(0, text.find('\n'))); }

constexpr std::array<std::string_view, 9> file_options = {
    "--password-file", "--new-password-file", "--ca",      "--certificate",
    "--key",           "--exec",              "--capture", "--replay",
    "--state"};

bool takes_file(const TypedLine& line) {
  if (line.pending == nullptr) return false;
  // `call --key` is an idempotency key.
  if (line.pending->name == "--key" && line.path.size() > 1 &&
      std::any_of(line.shape().options.begin(), line.shape().options.end(),
                  [](const OptionShape& option) { return option.name == "--key"; }))
    return false;
  return std::find(file_options.begin(), file_options.end(), line.pending->name) !=
         file_options.end();
}

class Completer {
 public:
  Completer(const TypedLine& line, const Known& known, const Contexts& contexts)
      : line_(line), known_(known), contexts_(contexts) {}

  Completion run() {
    if (takes_file(line_)) {
      out_.files = true;
    } else if (line_.pending != nullptr) {
      value_of(*line_.pending);
    } else if (!line_.only_positions && line_.last.starts_with("-")) {
      options();
    } else {
      if (line_.positions.empty()) verbs(line_.shape());
      if (const OptionShape* position = line_.position()) value_of(*position);
    }
    return std::move(out_);
  }

 private:
  void add(const std::string& text, std::string says = {}) {
    if (!text.starts_with(line_.last) || text.empty() || printable(text) != text) return;
    const bool there = std::any_of(out_.candidates.begin(), out_.candidates.end(),
                                   [&](const Candidate& other) { return other.text == text; });
    if (!there) out_.candidates.push_back({text, std::move(says)});
  }

  void verbs(const CommandShape& shape) {
    for (const CommandShape& verb : shape.verbs)
      if (!verb.hidden) add(verb.name, first_line(verb.about));
  }

  void options() {
    for (auto shape = line_.path.rbegin(); shape != line_.path.rend(); ++shape)
      for (const OptionShape& option : (*shape)->options)
        if (!option.is_position())
          add(option.name.substr(option.name.rfind(',') + 1), first_line(option.help));
    add("--help", "show the help of this");
  }

  void value_of(const OptionShape& option) {
    for (const std::string& word : option.words) add(word);
    const std::string& name = option.name;
    const bool named = name == "NAME" && line_.shape().name != "serve";
    if (name == "SERVICE" || name == "--service" || named) {
      services();
    } else if (name == "TOPIC") {
      for (const std::string& topic : known_.topics) add(topic);
    } else if (name == "METHOD") {
      methods();
    } else if (name == "ARGS") {
      argument();
    } else if (name == "PEER") {
      services();
      jids();
    } else if (name == "--from" || name == "--to") {
      jids();
    } else if (name == "VERB") {
      helped_verbs();
    } else if (name == "--instance") {
      instances();
    } else if (name == "--context") {
      for (const Context& context : contexts_.all) add(context.name, first_line(context.bus));
    } else if (name == "--as") {
      accounts();
    }
  }

  const KnownService* service() const { return known_.find(line_.at("SERVICE")); }

  void services() {
    // An account's name is not a service's.
    if (line_.path.size() > 2 && line_.path[1]->name == "account") return;
    for (const KnownService& each : known_.services)
      add(each.name, each.description ? first_line(each.description->doc) : std::string());
  }

  void methods() {
    const KnownService* found = service();
    if (found == nullptr) return;
    if (found->description) {
      for (const MethodDescription& method : found->description->methods)
        add(method.name, first_line(method.doc));
      return;
    }
    for (const std::string& method : found->methods)
      if (!method.starts_with("system.")) add(method);
  }

  void argument() {
    const KnownService* found = service();
    if (found == nullptr || !found->description) return;
    const MethodDescription* method = found->description->find(line_.at("METHOD"));
    // SERVICE and METHOD stand before the arguments.
    const size_t index = line_.positions.size() - 2;
    if (method == nullptr || index >= method->params.size()) return;
    const Field& param = method->params[index];
    const Type* type = &param.type;
    while (type->is_optional()) type = &type->element.at(0);
    const std::string says = first_line(param.name + ": " + param.type.text());
    if (type->kind == Kind::boolean) {
      add("true", says);
      add("false", says);
    } else if (type->kind == Kind::enumeration) {
      if (const NamedType* named = found->description->types.find(type->name))
        for (const std::string& value : named->values) add(value, says);
    }
  }

  void instances() {
    const KnownService* found = service();
    if (found == nullptr) return;
    for (const std::string& instance : found->instances) add(instance);
  }

  void jids() {
    add(known_.domain, "the bus");
    for (const KnownService& each : known_.services)
      for (const std::string& jid : each.jids) add(jid, first_line(each.name));
  }

  void helped_verbs() {
    const CommandShape* shape = line_.path.front();
    for (const std::string& word : line_.positions) {
      shape = shape->find(word);
      if (shape == nullptr) return;
    }
    verbs(*shape);
  }

  void accounts() {
    const auto given = line_.options.find("--context");
    const Context* context =
        contexts_.find(given == line_.options.end() ? contexts_.chosen : given->second);
    if (context == nullptr) return;
    for (const Credentials& other : context->others) add(other.account);
  }

  const TypedLine& line_;
  const Known& known_;
  const Contexts& contexts_;
  Completion out_;
};

// As bash puts it into the line: with a backslash before what the shell would read.
std::string escaped(const std::string& text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,:/@%+=-";
  std::string out;
  for (const char c : text) {
    // Bytes above ASCII mean nothing to a shell.
    if (plain.find(c) == std::string_view::npos && static_cast<unsigned char>(c) < 0x80)
      out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

bool asks_the_bus(const TypedLine& line) {
  constexpr std::array<std::string_view, 4> options = {"--instance", "--service", "--from", "--to"};
  if (line.pending != nullptr)
    return std::find(options.begin(), options.end(), line.pending->name) != options.end();
  if (!line.only_positions && line.last.starts_with("-")) return false;
  const OptionShape* position = line.position();
  if (position == nullptr) return false;
  constexpr std::array<std::string_view, 6> names = {"SERVICE", "METHOD", "ARGS", "PEER", "NAME", "TOPIC"};
  return std::find(names.begin(), names.end(), position->name) != names.end();
}

Completion complete(const TypedLine& line, const Known& known, const Contexts& contexts) {
  return Completer(line, known, contexts).run();
}

std::string shell_lines(const Completion& completion, const std::string& shell,
                        const TypedLine& line, const std::string& word) {
  if (completion.files) return ":files\n";
  std::string out;
  const std::string typed = line.before + line.last;
  const size_t cut = typed.ends_with(word) ? typed.size() - word.size() : 0;
  for (const Candidate& candidate : completion.candidates) {
    if (shell == "bash") {
      out += escaped((line.before + candidate.text).substr(cut)) + "\n";
    } else {
      // A tab ends the text, so none may be in it.
      out += line.before + candidate.text + "\t" + candidate.says + "\n";
    }
  }
  return out;
}

}  // namespace xbus::cli
