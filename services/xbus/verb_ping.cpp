#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "bus/limits.hpp"
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

// How an attempt has ended that is one of several.
enum class Attempt { told, too_early, in_vain };

// What is starting has no socket yet, or no instance in the registry, or takes connections and does not answer.
bool may_be_starting(Fault::Kind kind) {
  return kind == Fault::Kind::unavailable || kind == Fault::Kind::no_such_domain || kind == Fault::Kind::timeout;
}

Task<int> attempt(Bus& bus, const Invocation& invocation, const std::string& word, Attempt& ending) {
  try {
    co_await bus.connect();
    const int status = co_await ping(bus, invocation, word);
    ending = Attempt::told;
    co_return status;
  } catch (const Fault& fault) {
    ending = may_be_starting(fault.kind()) ? Attempt::too_early : Attempt::in_vain;
  }
  co_return 0;
}

constexpr auto attempts_apart = std::chrono::milliseconds(50);

// Each attempt is a connection of its own; the last one tells what is wrong.
int run(const Invocation& invocation, const std::string& word, double wait) {
  const std::string doing = word.empty() ? "ping" : "ping " + word;
  std::string password;
  if (wait > 0) {
    const auto options = invocation.connection.options();
    if (!options) return invocation.fail(doing, options.error());
    if (invocation.connection.password_file.empty()) password = options->password;
  }
  // Who is asked for a password is asked once; the environment's is taken out of it by each attempt.
  const auto give_password = [&] {
    if (!password.empty()) ::setenv("XBUS_PASSWORD", password.c_str(), 1);
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(wait);
  while (std::chrono::steady_clock::now() < until) {
    Attempt ending = Attempt::in_vain;
    give_password();
    const int status = with_unconnected_bus(
        invocation, doing, [&](Bus& bus) { return attempt(bus, invocation, word, ending); });
    if (ending == Attempt::told) return status;
    if (ending == Attempt::in_vain) break;
    std::this_thread::sleep_for(attempts_apart);
  }
  give_password();
  return with_bus(invocation, doing, [&](Bus& bus) { return ping(bus, invocation, word); });
}

}  // namespace

Verb ping_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("ping", "ask an entity, or the bus itself, whether it is there");
  struct Words {
    std::string peer;
    double wait = 0;
  };
  const auto words = std::make_shared<Words>();
  line.text("PEER", words->peer, "a service, whose instances are asked, or a JID; without it the bus");
  line.seconds("--wait", words->wait, 0, std::chrono::duration<double>(limits::call_time_max).count(),
               "as long as nobody is there, ask again for so many seconds (0): for what is starting");
  line.details(
          "With --wait a script goes on as soon as what it has started is there. The bus itself may be starting too. "
          "What waiting does not mend, as a wrong password, ends it at once; --timeout is for each attempt.")
      .example("xbus ping", "Whether the bus answers, and how fast.")
      .example("xbus ping agent", "Each instance of a service.")
      .example("xbus ping agent --wait 10", "As soon as the bus is there and the agent on it.")
      .example("xbus ping localhost", "An entity by its JID: a server, a component, an instance.");
  return {&line, [&invocation, words] { return run(invocation, words->peer, words->wait); }};
}

}  // namespace xbus::cli
