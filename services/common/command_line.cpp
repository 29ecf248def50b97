#include "services/common/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "services/common/printable.hpp"

namespace xbus::common {
namespace {

// Put before values that the parser would not take as they are (-5 for an option, [1,2] for a
// list), and taken off again.
constexpr char guard = '\x01';

bool looks_like_number(std::string_view word) {
  return word.size() > 1 && word[0] == '-' &&
         ((word[1] >= '0' && word[1] <= '9') || word[1] == '.');
}

std::string guarded(std::string word) {
  if (looks_like_number(word) || word.starts_with('[')) return guard + word;
  const size_t equals = word.find("=[");
  if (word.starts_with("--") && equals != std::string::npos) word.insert(equals + 1, 1, guard);
  return word;
}

void take_guard_off(std::string& word) {
  if (!word.empty() && word.front() == guard) word.erase(0, 1);
}

}  // namespace

struct CommandLine::Impl {
  CLI::App* app = nullptr;
  std::unique_ptr<CLI::App> owned;  // of the program itself
  std::string program;
  std::vector<std::unique_ptr<CommandLine>> verbs;
  std::vector<std::function<void()>> after;  // run when parsing has succeeded

  void finish() {
    for (const auto& step : after) step();
    for (const auto& verb : verbs) verb->impl_->finish();
  }
};

CommandLine::CommandLine(const std::string& program, const std::string& about,
                         const std::string& version)
    : impl_(std::make_unique<Impl>()) {
  impl_->owned = std::make_unique<CLI::App>(about, program);
  impl_->app = impl_->owned.get();
  impl_->program = program;
  impl_->app->set_version_flag("--version", program + " " + version);
  impl_->app->set_help_flag("-h,--help", "show this help");
}

CommandLine::CommandLine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CommandLine::~CommandLine() = default;
CommandLine::CommandLine(CommandLine&&) noexcept = default;

CommandLine& CommandLine::verb(const std::string& name, const std::string& about) {
  auto impl = std::make_unique<Impl>();
  impl->app = impl_->app->add_subcommand(name, about);
  impl->app->fallthrough();
  impl->program = impl_->program;
  impl_->app->require_subcommand(0, 1);
  impl_->verbs.push_back(std::unique_ptr<CommandLine>(new CommandLine(std::move(impl))));
  return *impl_->verbs.back();
}

bool CommandLine::given() const { return impl_->app->parsed(); }
void CommandLine::verb_required() { impl_->app->require_subcommand(1); }
void CommandLine::footer(const std::string& text) { impl_->app->footer(text); }

void CommandLine::text(const std::string& name, std::string& target, const std::string& help,
                       Need need) {
  impl_->app->add_option(name, target, help)->required(need == Need::required);
  impl_->after.push_back([&target] { take_guard_off(target); });
}

void CommandLine::texts(const std::string& name, std::vector<std::string>& target,
                        const std::string& help, Need need) {
  CLI::Option* option =
      impl_->app->add_option(name, target, help)->required(need == Need::required);
  if (name.starts_with('-')) option->expected(1)->take_all();
  impl_->after.push_back([&target] {
    for (std::string& word : target) take_guard_off(word);
  });
}

void CommandLine::text_if_any(const std::string& name, std::string& target, bool& given_too,
                              const std::string& help) {
  CLI::Option* option = impl_->app->add_option(name, target, help)->expected(0, 1);
  impl_->after.push_back([&target, &given_too, option] {
    take_guard_off(target);
    given_too = option->count() > 0;
  });
}

void CommandLine::choice(const std::string& name, std::string& target,
                         const std::vector<std::string>& words, const std::string& help) {
  impl_->app->add_option(name, target, help)->check(CLI::IsMember(words));
}

void CommandLine::number(const std::string& name, int64_t& target, int64_t least, int64_t most,
                         const std::string& help) {
  impl_->app->add_option(name, target, help)->check(CLI::Range(least, most));
}

void CommandLine::seconds(const std::string& name, double& target, double least, double most,
                          const std::string& help) {
  impl_->app->add_option(name, target, help)->check(CLI::Range(least, most));
}

void CommandLine::flag(const std::string& name, bool& target, const std::string& help) {
  impl_->app->add_flag(name, target, help);
}

std::optional<int> CommandLine::parse(int argc, const char* const* argv) {
  // The parser takes its words in reverse order.
  std::vector<std::string> words;
  bool open = true;  // not behind "--" yet
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (open && word == "--") {
      open = false;
      words.push_back(word);
    } else {
      words.push_back(open || word.starts_with('[') ? guarded(word) : word);
    }
  }
  std::reverse(words.begin(), words.end());
  try {
    impl_->app->parse(words);
  } catch (const CLI::CallForHelp&) {
    // The help of the verb that was asked for, else of the program.
    const auto verbs = impl_->app->get_subcommands();
    std::fputs(
        (verbs.empty() ? impl_->app : verbs.back())->help("", CLI::AppFormatMode::Normal).c_str(),
        stdout);
    return 0;
  } catch (const CLI::CallForVersion& version) {
    std::puts(version.what());
    return 0;
  } catch (const CLI::ParseError& error) {
    const auto verbs = impl_->app->get_subcommands();
    const std::string verb = verbs.empty() ? "" : " " + verbs.back()->get_name();
    std::string what = error.what();
    std::erase(what, guard);
    std::fprintf(stderr, "%s:%s %s; see %s%s --help\n", impl_->program.c_str(), verb.c_str(),
                 printable(what).c_str(), impl_->program.c_str(), verb.c_str());
    return 2;
  }
  impl_->finish();
  return std::nullopt;
}

}  // namespace xbus::common
