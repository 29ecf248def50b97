// The verbs of `xbus`: each adds itself to the command line, one file a verb (verb_NAME.cpp).
#pragma once
#include <functional>
#include <string>

#include "services/common/command_line.hpp"
#include "services/xbus/invocation.hpp"

namespace xbus::cli {

struct Verb {
  enum class Bus { no, yes };
  const common::CommandLine* line = nullptr;
  std::function<int()> run;  // returns the exit status
  Bus bus = Bus::yes;        // whether it goes to a bus, so that contexts count
};

// `invocation` outlives the verbs. Those with several forms (`account add`) are one verb with an
// action.
Verb list_verb(common::CommandLine& program, const Invocation& invocation);
Verb describe_verb(common::CommandLine& program, const Invocation& invocation);
Verb call_verb(common::CommandLine& program, const Invocation& invocation);
Verb ping_verb(common::CommandLine& program, const Invocation& invocation);
Verb account_verb(common::CommandLine& program, const Invocation& invocation);
Verb name_verb(common::CommandLine& program, const Invocation& invocation);
Verb serve_verb(common::CommandLine& program, const Invocation& invocation);
Verb scatter_verb(common::CommandLine& program, const Invocation& invocation);
Verb doctor_verb(common::CommandLine& program, const Invocation& invocation);
Verb trace_verb(common::CommandLine& program, const Invocation& invocation);
Verb stats_verb(common::CommandLine& program, const Invocation& invocation);
Verb drain_verb(common::CommandLine& program, const Invocation& invocation);
Verb log_level_verb(common::CommandLine& program, const Invocation& invocation);
Verb top_verb(common::CommandLine& program, const Invocation& invocation);
Verb template_verb(common::CommandLine& program, const Invocation& invocation);
Verb monitor_verb(common::CommandLine& program, const Invocation& invocation);
Verb publish_verb(common::CommandLine& program, const Invocation& invocation);
Verb watch_verb(common::CommandLine& program, const Invocation& invocation);
Verb topic_verb(common::CommandLine& program, const Invocation& invocation);
Verb context_verb(common::CommandLine& program, const Invocation& invocation);
Verb complete_verb(common::CommandLine& program, const Invocation& invocation);
Verb bench_verb(common::CommandLine& program, const Invocation& invocation);
Verb help_verb(common::CommandLine& program, const Invocation& invocation);

// The services's remote for a name, or for a JID where the word has an @.
Remote remote_for(Bus& bus, const std::string& word);
// The JID that a word spells, or a Fault of kind invalid.
xmpp::Jid jid_or_fault(const std::string& word);
// Everything on standard input, at most limits::input_bytes_max; beyond it a Fault of kind too_big.
std::string read_input();

}  // namespace xbus::cli
