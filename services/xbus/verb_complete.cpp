#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "services/xbus/completion.hpp"
#include "services/xbus/known_file.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

constexpr auto fresh = std::chrono::seconds(5);  // younger knowledge is not asked for again
constexpr int patience = 25;                     // milliseconds that a tab waits for the bus
constexpr unsigned asking = 5;  // seconds after which whoever asks in the background gives up

struct Words {
  std::vector<std::string> words;
  std::string shell = "fish", word;
};

std::string option_of(const TypedLine& line, const std::string& name) {
  const auto found = line.options.find(name);
  return found == line.options.end() ? std::string() : found->second;
}

// Where the line that is being typed would go. False where it would not: then nothing is asked.
bool connection_of(const TypedLine& line, const Contexts& contexts,
                   common::Connection& connection) {
  connection.bus = option_of(line, "--bus");
  connection.account = option_of(line, "--account");
  connection.password_file = option_of(line, "--password-file");
  connection.ca = option_of(line, "--ca");
  connection.pin = option_of(line, "--pin");
  connection.certificate = option_of(line, "--certificate");
  // `template --as` is the form, not an account; the account stands before the verb then.
  const bool form = line.path.size() > 1 && line.path[1]->name == "template";
  return apply_context(contexts,
                       {option_of(line, "--context"), form ? "" : option_of(line, "--as")},
                       connection)
      .ok();
}

// A process of its own asks the bus and writes down what it learns; this one waits for a moment,
// since a bus on the same host has answered by then.
void ask_in_background(const Invocation& invocation, const common::Connection& connection,
                       const KnownFile& file) {
  // One at a time: each tab pressed meanwhile makes do with what is known.
  const auto claim = file.claim();
  std::array<int, 2> ends{};
  if (!claim || ::pipe2(ends.data(), O_CLOEXEC) != 0) return;
  const pid_t pid = ::fork();
  if (pid == 0) {
    // Without a terminal nobody is asked for a password.
    ::setsid();
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3; ++fd) ::dup2(nothing, fd);
    ::alarm(asking);
    Invocation asker = invocation;
    asker.connection = connection;
    asker.timeout = asking;
    asker.knowledge = Invocation::Knowledge::only;
    with_bus(asker, "complete", [](Bus&) -> Task<int> { co_return 0; });
    ::_exit(0);
  }
  ::close(*claim);
  ::close(ends[1]);
  if (pid > 0) {
    pollfd ended{ends[0], POLLIN, 0};
    ::poll(&ended, 1, patience);
  }
  ::close(ends[0]);
}

int run(const common::CommandLine& program, const Invocation& invocation, const Words& words) {
  const common::CommandShape shape = program.shape();
  std::vector<std::string> typed = words.words;
  if (words.shell == "bash" && typed.size() == 1) {
    // The whole line: what stands before the program's name is not ours.
    typed = words_of_line(typed.front());
    const auto name = std::find_if(typed.begin(), typed.end(), [](const std::string& word) {
      return word == "xbus" || word.ends_with("/xbus");
    });
    if (name != typed.end()) typed.erase(typed.begin(), name + 1);
  }
  if (typed.empty()) typed.emplace_back();
  const TypedLine line = typed_line(shape, typed);
  const auto contexts = read_contexts(contexts_path());
  Known known;
  if (asks_the_bus(line)) {
    common::Connection connection;
    const bool reachable = connection_of(line, contexts.value_or(Contexts()), connection);
    const KnownFile file(connection);
    const auto age = file.age();
    if (reachable && (!age || *age > fresh)) ask_in_background(invocation, connection, file);
    known = file.read();
  }
  const Completion found = complete(line, known, contexts.value_or(Contexts()));
  return invocation.print_text(shell_lines(found, words.shell, line, words.word))
             ? 0
             : exit_local_trouble;
}

}  // namespace

Verb complete_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("complete", "what may stand where a word is being typed, for shells");
  line.hide();
  const auto words = std::make_shared<Words>();
  line.choice("--shell", words->shell, {"bash", "zsh", "fish"}, "whose script asks");
  line.text("--word", words->word, "bash: the word as bash splits it");
  line.texts("WORDS", words->words,
             "behind --: the words behind the program's name, the last one being typed; bash: the "
             "line up to the cursor as one word");
  return {&line, [&program, &invocation, words] { return run(program, invocation, *words); },
          Verb::Bus::no};
}

}  // namespace xbus::cli
