#include "services/common/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

#include "rpc/printable.hpp"
#include "services/common/similar.hpp"

namespace xbus::common {
namespace {

// Put before values that the parser would not take as they are (-5 for an option, [1,2] for a
// list, ++ for the end of a verb's words), and taken off again.
constexpr char guard = '\x01';

// What stands for "--": the parser's own "--" ends a verb's words where none of them is due any more.
constexpr const char* behind_dashes = "--behind-two-dashes";

bool looks_like_number(std::string_view word) {
  return word.size() > 1 && word[0] == '-' &&
         ((word[1] >= '0' && word[1] <= '9') || word[1] == '.');
}

std::string guarded(std::string word) {
  if (word.empty() || looks_like_number(word) || word.starts_with('[') || word == "++")
    return guard + word;
  const size_t equals = word.find("=[");
  if (word.starts_with("--") && equals != std::string::npos) word.insert(equals + 1, 1, guard);
  return word;
}

// A word behind "--", where nothing is an option.
std::string guarded_value(std::string word) {
  return word.starts_with('-') ? guard + word : guarded(std::move(word));
}

void take_guard_off(std::string& word) {
  if (!word.empty() && word.front() == guard) word.erase(0, 1);
}

// The check with a message of ours: "\"x\" is WHAT". Help shows what the check says of itself.
CLI::Validator told(const CLI::Validator& check, const std::string& what) {
  const auto message = [check, what](std::string& word) {
    return check(word).empty() ? std::string() : "\"" + word + "\" is " + what;
  };
  return CLI::Validator(message, check.get_description());
}

// Without the zeros at its end.
std::string short_text(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", number);
  return text.data();
}

// Onto standard output; the exit status.
int written(const std::string& text) {
  return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}

constexpr size_t help_columns = 100;

// Lines of at most help_columns, each behind `indent` spaces and with its line feed.
std::string wrapped(std::string_view text, size_t indent) {
  std::string out, line;
  const auto flush = [&] {
    out += std::string(indent, ' ') + line + "\n";
    line.clear();
  };
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (!line.empty() && indent + line.size() + 1 + end > help_columns) flush();
    line += (line.empty() ? "" : " ") + std::string(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  flush();
  return out;
}

}  // namespace

struct CommandLine::Impl {
  CLI::App* app = nullptr;
  std::unique_ptr<CLI::App> owned;  // of the program itself
  std::string program, version, man_section = "1";
  CommandShape shape;  // its verbs stand in `verbs`
  std::vector<ManPage> pages;
  std::vector<std::unique_ptr<CommandLine>> verbs;
  std::vector<std::function<void()>> after;  // run when parsing has succeeded
  bool dashes = false;                       // "--" was given

  void finish() {
    for (const auto& step : after) step();
    for (const auto& verb : verbs) verb->impl_->finish();
  }

  using Takes = OptionShape::Takes;
  CLI::Option* note(CLI::Option* option, const std::string& name, const std::string& help,
                    Takes takes, bool required = false, std::vector<std::string> words = {}) {
    shape.options.push_back({name, help, takes, std::move(words), required});
    return option;
  }
  // What is said of the first word that nobody takes, with what was probably meant.
  std::string not_taken() const {
    const auto left = app->remaining(true);
    const std::string word = left.empty() ? "" : left.front();
    const bool option = word.starts_with('-');
    std::vector<std::string> known;
    if (option) {
      for (const Impl* line : given_lines()) line->add_options(known);
    } else {
      for (const auto& each : given_lines().back()->verbs)
        if (!each->impl_->shape.hidden) known.push_back(each->impl_->shape.name);
      if (known.empty()) return "\"" + word + "\" is one word too many";
    }
    const std::string near = similar(word.substr(0, word.find('=')), known);
    return "there is no " + std::string(option ? "option " : "verb ") + word +
           (near.empty() ? "" : "; did you mean " + near + "?");
  }
  // The program, and the verbs that were given: `account`, `add`.
  std::vector<const Impl*> given_lines() const {
    std::vector<const Impl*> lines = {this};
    for (bool more = true; more;) {
      more = false;
      for (const auto& verb : lines.back()->verbs) {
        if (!verb->given()) continue;
        lines.push_back(verb->impl_.get());
        more = true;
        break;
      }
    }
    return lines;
  }
  std::string given_verbs() const {
    std::string out;
    for (const Impl* line : given_lines())
      if (line != this) out += " " + line->shape.name;
    return out;
  }
  // What the parser says, in words of ours.
  std::string said(const CLI::ParseError& error) const {
    const std::string what = error.what();
    // The longest option whose name stands in the text.
    std::vector<std::string> known;
    for (const Impl* line : given_lines()) line->add_options(known);
    std::string name = "an option";
    size_t length = 0;
    for (const std::string& each : known)
      if (each.size() > length && what.find(each) != what.npos) {
        name = each;
        length = each.size();
      }
    switch (static_cast<CLI::ExitCodes>(error.get_exit_code())) {
      case CLI::ExitCodes::ExtrasError: return not_taken();
      case CLI::ExitCodes::ArgumentMismatch:
        return name + (what.ends_with(" missing") ? " needs a value" : " is given more than once");
      case CLI::ExitCodes::ConversionError: return name + " takes no value";
      case CLI::ExitCodes::RequiredError:
      case CLI::ExitCodes::ValidationError: return what;  // "NAME is required", and what told() says
      default: return "the options do not go together";
    }
  }
  // The names of its options: "-o,--output" has two.
  void add_options(std::vector<std::string>& names) const {
    for (const OptionShape& option : shape.options) {
      if (option.is_position()) continue;
      for (size_t at = 0; at <= option.name.size();) {
        const size_t end = std::min(option.name.find(',', at), option.name.size());
        names.push_back(option.name.substr(at, end - at));
        at = end + 1;
      }
    }
  }
  // What --help shows behind the options.
  void add_footers() {
    std::string footer;
    for (const std::string& paragraph : shape.details) footer += "\n" + wrapped(paragraph, 0);
    for (const SectionShape& section : shape.sections) {
      footer += "\n" + section.title + ":\n";
      for (const auto& [term, text] : section.entries) {
        const std::string pad(term.size() < 20 ? 20 - term.size() : 1, ' ');
        footer += "  " + term + pad + wrapped(text, 22).substr(22);
      }
    }
    if (!shape.examples.empty()) footer += "\nExamples:\n";
    for (const Example& example : shape.examples)
      footer += "  " + example.command + "\n" + wrapped(example.says, 6);
    if (!footer.empty()) app->footer(footer.substr(1, footer.size() - 2));
    for (const auto& verb : verbs) verb->impl_->add_footers();
  }
};

CommandLine::CommandLine(const std::string& program, const std::string& about,
                         const std::string& version)
    : impl_(std::make_unique<Impl>()) {
  impl_->owned = std::make_unique<CLI::App>(about, program);
  impl_->app = impl_->owned.get();
  impl_->program = program;
  impl_->version = program + " " + version;
  impl_->shape.name = program;
  impl_->shape.about = about;
  impl_->app->set_version_flag("--version", program + " " + version);
  impl_->app->set_help_flag("-h,--help", "show this help");
  impl_->app->add_flag(behind_dashes, impl_->dashes, "")->group("");  // hidden
}

CommandLine::CommandLine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CommandLine::~CommandLine() = default;
CommandLine::CommandLine(CommandLine&&) noexcept = default;

CommandLine& CommandLine::verb(const std::string& name, const std::string& about) {
  auto impl = std::make_unique<Impl>();
  impl->app = impl_->app->add_subcommand(name, about);
  impl->app->fallthrough();
  impl->program = impl_->program;
  impl->shape.name = name;
  impl->shape.about = about;
  impl_->app->require_subcommand(0, 1);
  impl_->verbs.push_back(std::unique_ptr<CommandLine>(new CommandLine(std::move(impl))));
  return *impl_->verbs.back();
}

bool CommandLine::given() const { return impl_->app->parsed(); }
void CommandLine::verb_required() { impl_->app->require_subcommand(1); }

CommandLine& CommandLine::details(const std::string& paragraph) {
  impl_->shape.details.push_back(paragraph);
  return *this;
}

CommandLine& CommandLine::example(const std::string& command, const std::string& says) {
  impl_->shape.examples.push_back({command, says});
  return *this;
}

CommandLine& CommandLine::section(const std::string& title,
                                  std::vector<SectionShape::Entry> entries) {
  impl_->shape.sections.push_back({title, std::move(entries)});
  return *this;
}

CommandLine& CommandLine::hide() {
  impl_->app->group("");
  impl_->shape.hidden = true;
  return *this;
}

void CommandLine::man_section(const std::string& section) { impl_->man_section = section; }
void CommandLine::man_page(ManPage page) { impl_->pages.push_back(std::move(page)); }

CommandShape CommandLine::shape() const {
  CommandShape out = impl_->shape;
  for (const auto& verb : impl_->verbs) out.verbs.push_back(verb->shape());
  return out;
}

std::optional<std::string> CommandLine::help(const std::vector<std::string>& verbs) const {
  impl_->add_footers();
  const CommandLine* line = this;
  std::string command = impl_->program;
  for (const std::string& word : verbs) {
    const auto& all = line->impl_->verbs;
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const auto& verb) { return verb->impl_->shape.name == word; });
    if (found == all.end()) return std::nullopt;
    line = found->get();
    command += " " + word;
  }
  // By the formatter: help() of an app shows the verb that was parsed instead.
  const CLI::App* app = line->impl_->app;
  return app->get_formatter()->make_help(app, command, CLI::AppFormatMode::Normal);
}

void CommandLine::text(const std::string& name, std::string& target, const std::string& help,
                       Need need) {
  const bool required = need == Need::required;
  impl_->note(impl_->app->add_option(name, target, help)->required(required), name, help,
              Impl::Takes::one, required);
  impl_->after.push_back([&target] { take_guard_off(target); });
}

void CommandLine::texts(const std::string& name, std::vector<std::string>& target,
                        const std::string& help, Need need) {
  const bool required = need == Need::required;
  CLI::Option* option = impl_->note(impl_->app->add_option(name, target, help)->required(required),
                                    name, help, Impl::Takes::many, required);
  if (name.starts_with('-')) option->expected(1)->take_all();
  impl_->after.push_back([&target] {
    for (std::string& word : target) take_guard_off(word);
  });
}

void CommandLine::text_if_any(const std::string& name, std::optional<std::string>& target,
                              bool& given_too, const std::string& help) {
  const auto text = std::make_shared<std::string>();
  CLI::Option* option = impl_->note(impl_->app->add_option(name, *text, help)->expected(0, 1),
                                    name, help, Impl::Takes::maybe);
  impl_->after.push_back([&target, &given_too, option, text] {
    given_too = option->count() > 0;
    if (text->empty()) return;  // a word without letters comes behind a guard
    take_guard_off(*text);
    target = *text;
  });
}

void CommandLine::choice(const std::string& name, std::string& target,
                         const std::vector<std::string>& words, const std::string& help,
                         Need need) {
  const bool required = need == Need::required;
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  impl_->note(impl_->app->add_option(name, target, help)
                  ->required(required)
                  ->check(told(CLI::IsMember(words), "none of " + all)),
              name, help, Impl::Takes::one, required, words);
}

void CommandLine::number(const std::string& name, int64_t& target, int64_t least, int64_t most,
                         const std::string& help) {
  const std::string range = most == INT64_MAX
                                ? std::to_string(least) + " on"
                                : std::to_string(least) + " to " + std::to_string(most);
  impl_->note(impl_->app->add_option(name, target, help)
                  ->check(told(CLI::Range(least, most), "no whole number from " + range)),
              name, help, Impl::Takes::one);
}

void CommandLine::seconds(const std::string& name, double& target, double least, double most,
                          const std::string& help) {
  // The range alone takes "nan".
  const CLI::Validator range = CLI::Range(least, most);
  const auto check = [range](std::string& word) {
    const bool number = word.find_first_not_of("0123456789.+-eE") == std::string::npos;
    return number ? range(word) : std::string("no number");
  };
  impl_->note(impl_->app->add_option(name, target, help)
                  ->check(told(CLI::Validator(check, range.get_description()),
                               "no number of seconds from " + short_text(least) + " to " +
                                   short_text(most))),
              name, help, Impl::Takes::one);
}

void CommandLine::flag(const std::string& name, bool& target, const std::string& help) {
  impl_->note(impl_->app->add_flag(name, target, help), name, help, Impl::Takes::nothing);
}

std::optional<int> CommandLine::parse(int argc, const char* const* argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--man-pages") {
    auto pages = man_pages(shape(), impl_->man_section, impl_->version);
    pages.insert(pages.end(), impl_->pages.begin(), impl_->pages.end());
    const std::string error = write_pages(pages, argv[2]);
    if (error.empty()) return 0;
    std::fprintf(stderr, "%s: %s\n", impl_->program.c_str(), printable(error).c_str());
    return 1;
  }
  impl_->add_footers();
  // The parser takes its words in reverse order.
  std::vector<std::string> words;
  bool open = true;  // not behind "--" yet
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (open && word == "--") {
      open = false;
      words.push_back(behind_dashes);
    } else {
      words.push_back(open ? guarded(word) : guarded_value(word));
    }
  }
  std::reverse(words.begin(), words.end());
  try {
    impl_->app->parse(words);
  } catch (const CLI::CallForHelp&) {
    // The help of the verb that was asked for, else of the program.
    const auto verbs = impl_->app->get_subcommands();
    return written(verbs.empty() ? impl_->app->help() : verbs.back()->help(impl_->program));
  } catch (const CLI::CallForVersion& version) {
    return written(std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    const std::string verb = impl_->given_verbs();
    std::string what = impl_->said(error);
    std::erase(what, guard);
    std::fprintf(stderr, "%s:%s%s %s; see %s%s --help\n", impl_->program.c_str(), verb.c_str(),
                 verb.empty() ? "" : ":", printable(what).c_str(), impl_->program.c_str(),
                 verb.c_str());
    return 2;
  }
  impl_->finish();
  return std::nullopt;
}

}  // namespace xbus::common
