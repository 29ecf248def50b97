#include <memory>

#include "services/xbus/verbs.hpp"

namespace xbus::cli {

Verb help_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("help", "what a verb does, its options, and examples");
  const auto words = std::make_shared<std::vector<std::string>>();
  line.texts("VERB", *words, "which, and an action of it; without it all verbs");
  line.example("xbus help call", "How to call a method.")
      .example("xbus help account add", "One action of a verb.");
  return {&line,
          [&program, &invocation, words] {
            const auto text = program.help(*words);
            if (text) return invocation.print_text(*text) ? 0 : exit_local_trouble;
            std::string asked = "help";
            for (const std::string& word : *words) asked += " " + word;
            return invocation.fail(asked, "there is no such verb; `xbus help` shows all",
                                   exit_usage);
          },
          Verb::Bus::no};
}

}  // namespace xbus::cli
