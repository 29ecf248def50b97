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

struct Meant {
  std::vector<xmpp::Jid> peers;
  bool no_service = false;  // it could be one's name, and none has it
};

// Whom a word means: a JID, else the instances of the service of this name, else an entity without
// an account (a domain).
Task<Meant> meant_by(Bus& bus, std::string word) {
  Meant meant;
  if (word.empty()) {
    meant.peers.push_back(jid_or_fault(bus.client().domain()));
    co_return meant;
  }
  if (word.find_first_of("@/") == std::string::npos && word != bus.client().domain()) try {
      const auto instances = co_await bus.instances(word);
      for (const registry::InstanceInfo& each : instances) meant.peers.push_back(each.jid);
      meant.no_service = meant.peers.empty();
    } catch (const Fault&) {
      // No name of a service, or no registry to ask.
    }
  if (meant.peers.empty()) meant.peers.push_back(jid_or_fault(word));
  co_return meant;
}

// Servers have many errors for a domain that they do not reach: for a word that named no service they
// all say that nobody is there.
Fault of_whom(const Fault& fault, const Meant& meant) {
  using Kind = Fault::Kind;
  const bool nobody = fault.kind() == Kind::no_such_domain || fault.kind() == Kind::unavailable ||
                      fault.kind() == Kind::forbidden;
  if (!meant.no_service || !nobody) return fault;
  return Fault(Kind::unavailable, "there is no service of this name, and no domain that can be reached");
}

Task<int> ping(Bus& bus, const Invocation& invocation, const std::string& word) {
  auto asking = meant_by(bus, word);
  const Meant meant = co_await std::move(asking);
  int status = 0;
  bool written = true;
  for (const xmpp::Jid& peer : meant.peers) {
    std::optional<Fault> fault;
    double milliseconds = 0;
    try {
      milliseconds = co_await round_trip(bus, peer, invocation.time_max());
    } catch (const Fault& caught) {
      fault = caught;
    }
    if (fault && meant.peers.size() == 1) throw of_whom(*fault, meant);
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
