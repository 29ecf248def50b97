#include <array>
#include <chrono>
#include <cstdio>
#include <memory>

#include "bus/xmpp/ping.hpp"
#include "rpc/printable.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

Task<int> ping(Bus& bus, const Invocation& invocation, const std::string& word) {
  const xmpp::Jid peer = jid_or_fault(word.empty() ? bus.client().domain() : word);
  const auto before = std::chrono::steady_clock::now();
  const client::Answer answer =
      co_await bus.client().request(peer, "get", xmpp::ping(), invocation.time_max());
  const auto after = std::chrono::steady_clock::now();
  payload_or_fault(answer);
  const double milliseconds = std::chrono::duration<double, std::milli>(after - before).count();
  bool written = false;
  if (invocation.wants_json()) {
    written =
        invocation.print(Value::structure({{"jid", peer.str()}, {"milliseconds", milliseconds}}));
  } else {
    std::array<char, 64> time{};
    std::snprintf(time.data(), time.size(), "%.3f ms", milliseconds);
    written = invocation.print_text(printable(peer.str()) + " answers in " + time.data() + "\n");
  }
  co_return written ? 0 : exit_local_trouble;
}

}  // namespace

Verb ping_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("ping", "ask an entity, or the bus itself, whether it is there");
  const auto word = std::make_shared<std::string>();
  line.text("JID", *word, "whom; without it the bus");
  line.example("xbus ping", "Whether the bus answers, and how fast.")
      .example("xbus ping localhost", "An entity by its JID: a server, a component, an instance.");
  return {&line, [&invocation, word] {
            return with_bus(invocation, word->empty() ? "ping" : "ping " + *word,
                            [&](Bus& bus) { return ping(bus, invocation, *word); });
          }};
}

}  // namespace xbus::cli
