#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "bus/xmpp/ping.hpp"
#include "rpc/printable.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

Task<double> round_trip(Bus& bus, xmpp::Jid peer, Duration patience) {
  const auto before = std::chrono::steady_clock::now();
  const client::Answer answer = co_await bus.client().request(peer, "get", xmpp::ping(), patience);
  const auto after = std::chrono::steady_clock::now();
  payload_or_fault(answer);
  co_return std::chrono::duration<double, std::milli>(after - before).count();
}

bool print(const Invocation& invocation, const xmpp::Jid& peer, double milliseconds) {
  if (invocation.wants_json())
    return invocation.print(
        Value::structure({{"jid", peer.str()}, {"milliseconds", milliseconds}}));
  std::array<char, 64> time{};
  std::snprintf(time.data(), time.size(), "%.3f ms", milliseconds);
  return invocation.print_text(printable(peer.str()) + " answers in " + time.data() + "\n");
}

// Whom a word means: a JID, else the instances of the service of this name, else an entity without
// an account (a domain).
Task<std::vector<xmpp::Jid>> peers_of(Bus& bus, std::string word) {
  std::vector<xmpp::Jid> peers;
  if (word.empty()) {
    peers.push_back(jid_or_fault(bus.client().domain()));
    co_return peers;
  }
  if (word.find_first_of("@/") == std::string::npos && word != bus.client().domain()) try {
      const auto instances = co_await bus.instances(word);
      for (const registry::InstanceInfo& each : instances) peers.push_back(each.jid);
    } catch (const Fault&) {
      // No service of this name, or no registry to ask.
    }
  if (peers.empty()) peers.push_back(jid_or_fault(word));
  co_return peers;
}

Task<int> ping(Bus& bus, const Invocation& invocation, const std::string& word) {
  const auto peers = co_await peers_of(bus, word);
  int status = 0;
  bool written = true;
  for (const xmpp::Jid& peer : peers) {
    std::optional<Fault> fault;
    double milliseconds = 0;
    try {
      milliseconds = co_await round_trip(bus, peer, invocation.time_max());
    } catch (const Fault& caught) {
      fault = caught;
    }
    if (fault && peers.size() == 1) throw std::move(*fault);
    if (fault) {
      const int failure = invocation.fail("ping " + peer.str(), *fault);
      if (status == 0) status = failure;
    } else {
      written = print(invocation, peer, milliseconds) && written;
    }
  }
  co_return written ? status : exit_local_trouble;
}

}  // namespace

Verb ping_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("ping", "ask an entity, or the bus itself, whether it is there");
  const auto word = std::make_shared<std::string>();
  line.text("PEER", *word, "a service, whose instances are asked, or a JID; without it the bus");
  line.example("xbus ping", "Whether the bus answers, and how fast.")
      .example("xbus ping agent", "Each instance of a service.")
      .example("xbus ping localhost", "An entity by its JID: a server, a component, an instance.");
  return {&line, [&invocation, word] {
            return with_bus(invocation, word->empty() ? "ping" : "ping " + *word,
                            [&](Bus& bus) { return ping(bus, invocation, *word); });
          }};
}

}  // namespace xbus::cli
