#include <algorithm>
#include <deque>
#include <memory>

#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/registry/protocol.hpp"
#include "services/xbus/hop.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

using Role = Hop::Role;

// How long one entity may take to answer one question.
constexpr Duration patience = std::chrono::seconds(3);
constexpr std::string_view ns_roster = "jabber:iq:roster";

struct Words {
  std::string target;
  int64_t count = 1;
};

std::string identities_text(const xmpp::DiscoInfo& info) {
  std::string out;
  for (const xmpp::Identity& identity : info.identities) {
    out += (out.empty() ? "" : ", ") + identity.category + "/" + identity.type;
    if (!identity.name.empty()) out += " \"" + identity.name + "\"";
  }
  return out;
}

class Tracing {
 public:
  Tracing(Bus& bus, const Invocation& invocation, const Words& words)
      : bus_(bus),
        invocation_(invocation),
        words_(words),
        until_(bus.loop().clock() + invocation.time_max()) {}

  Task<int> run() {
    const xmpp::Jid own = jid_or_fault(bus_.client().domain());
    auto looking = look(Role::server, own);
    const bool there = co_await std::move(looking);
    if (!there) co_return status();
    const bool is_jid = words_.target.find_first_of("@/") != std::string::npos;
    const bool of_server = words_.target == own.str() || words_.target.ends_with("." + own.str());
    auto going = is_jid || of_server ? to_jid(jid_or_fault(words_.target), own)
                                     : to_service(words_.target, own);
    co_await std::move(going);
    co_return status();
  }

 private:
  int status() const { return written_ ? exit_status(kind_) : exit_local_trouble; }

  // False when the way ends here.
  bool tell(const Hop& hop) {
    written_ = written_ &&
               (invocation_.wants_json() ? invocation_.print_line(hop_value(hop))
                                         : invocation_.print_text(hop_line(hop, invocation_.out)));
    if (hop.fault && kind_ == FaultKind::ok) kind_ = hop.fault->kind();
    return hop.well();
  }

  Task<client::Answer> ask(xmpp::Jid to, xml::Element payload, Duration& took) {
    const Time begun = bus_.loop().clock();
    const Duration left = std::max(Duration::zero(), until_ - begun);
    auto asking =
        bus_.client().request(std::move(to), "get", std::move(payload), std::min(patience, left));
    client::Answer answer = co_await std::move(asking);
    took = bus_.loop().clock() - begun;
    co_return answer;
  }

  // Asks an entity who it is.
  Task<Hop> identify(Role role, xmpp::Jid jid) {
    Hop hop{.role = role, .name = jid.str()};
    Duration took{};
    auto asking = ask(std::move(jid), xmpp::disco_info_query(), took);
    const client::Answer answer = co_await std::move(asking);
    hop.note(answer, took);
    learn(hop, answer);
    co_return hop;
  }

  static void learn(Hop& hop, const client::Answer& answer) {
    if (answer.kind != client::Answer::Kind::result) return;
    const xml::Element* query = answer.stanza.first("query", xmpp::ns_disco_info);
    if (query == nullptr) return;
    if (const auto info = xmpp::disco_info_from(*query)) hop.is = identities_text(*info);
  }

  Task<bool> look(Role role, xmpp::Jid jid) {
    auto identifying = identify(role, std::move(jid));
    const Hop hop = co_await std::move(identifying);
    co_return tell(hop);
  }

  // Pings an entity, as often as asked for; whoever answers is asked who it is, too.
  Task<Hop> measure(Role role, xmpp::Jid jid) {
    Hop hop{.role = role, .name = jid.str()};
    for (int64_t i = 0; i < words_.count; ++i) {
      Duration took{};
      auto asking = ask(jid, xmpp::ping(), took);
      const client::Answer answer = co_await std::move(asking);
      hop.note(answer, took);
      if (answer.kind != client::Answer::Kind::result &&
          answer.kind != client::Answer::Kind::timed_out)
        break;  // the same will be said each time
    }
    if (hop.answered == 0) co_return hop;
    Duration took{};
    auto asking = ask(std::move(jid), xmpp::disco_info_query(), took);
    const client::Answer answer = co_await std::move(asking);
    learn(hop, answer);
    co_return hop;
  }

  // All at once, told in their order: one that hangs holds up no other.
  Task<void> measure_all(Role role, std::vector<xmpp::Jid> jids) {
    std::deque<std::optional<Hop>> hops(jids.size());
    size_t open = jids.size();
    const Completion<bool> done;
    for (size_t i = 0; i < jids.size(); ++i)
      spawn(measure_into(role, jids[i], hops[i], open, done));
    if (open > 0) co_await done;
    for (const auto& hop : hops) tell(*hop);
  }

  Task<void> measure_into(Role role, xmpp::Jid jid, std::optional<Hop>& into, size_t& open,
                          Completion<bool> done) {
    auto measuring = measure(role, std::move(jid));
    into = co_await std::move(measuring);
    if (--open == 0) done.complete(true);
  }

  // ---- Services ----

  Task<void> to_service(std::string name, xmpp::Jid own) {
    const xmpp::Jid registry = jid_or_fault(bus_.registry_domain());
    const auto address = registry::service_address(name, bus_.registry_domain());
    if (!address) throw Fault(Fault::Kind::invalid, "\"" + name + "\" is no name of a service");
    auto identifying = identify(Role::registry, registry);
    const Hop at_registry = co_await std::move(identifying);
    auto asking = identify(Role::service, *address);
    const Hop service = co_await std::move(asking);
    // A word with a dot that is no service is a domain.
    if (!service.well() && name.find('.') != std::string::npos) {
      if (const auto domain = xmpp::Jid::parse(name)) {
        auto going = to_jid(*domain, own);
        co_await std::move(going);
        co_return;
      }
    }
    if (!tell(at_registry) || !tell(service)) co_return;
    auto listing = bus_.instances(name);
    std::vector<xmpp::Jid> jids;
    const auto instances = co_await std::move(listing);
    for (const registry::InstanceInfo& instance : instances) jids.push_back(instance.jid);
    auto measuring = measure_all(Role::instance, std::move(jids));
    co_await std::move(measuring);
  }

  // ---- Addresses ----

  Task<void> to_jid(xmpp::Jid jid, xmpp::Jid own) {
    const std::string domain(jid.domain());
    if (domain == bus_.registry_domain() && !jid.local().empty() && jid.resource().empty()) {
      auto going = to_service(registry::name_of_address(jid), own);
      co_await std::move(going);
      co_return;
    }
    if (domain != own.str()) {
      const Role role = domain == bus_.registry_domain() ? Role::registry : Role::domain;
      auto looking = look(role, jid_or_fault(domain));
      const bool there = co_await std::move(looking);
      if (!there) co_return;
    }
    if (!jid.local().empty() && jid.is_bare()) {
      auto going = to_account(jid, own);
      co_await std::move(going);
      co_return;
    }
    const Role end = !jid.is_domain()      ? Role::resource
                     : domain == own.str() ? Role::server
                                           : Role::domain;
    if (end != Role::resource && words_.count == 1) co_return;
    auto measuring = measure_all(end, std::vector<xmpp::Jid>(1, jid));
    co_await std::move(measuring);
  }

  // Its server answers for an account; its resources are shown to whoever has its presence.
  Task<void> to_account(xmpp::Jid jid, xmpp::Jid own) {
    auto looking = look(Role::account, jid);
    const bool there = co_await std::move(looking);
    if (!there) co_return;
    auto seeing = resources_of(jid, own);
    auto resources = co_await std::move(seeing);
    if (resources.empty()) co_return;
    auto measuring = measure_all(Role::resource, std::move(resources));
    co_await std::move(measuring);
  }

  Task<bool> shows_presence(xmpp::Jid jid) {
    if (jid == bus_.jid().bare()) co_return true;
    Duration took{};
    auto asking = ask(xmpp::Jid(), xml::Element("query", std::string(ns_roster)), took);
    const client::Answer answer = co_await std::move(asking);
    const xml::Element* roster = answer.kind == client::Answer::Kind::result
                                     ? answer.stanza.first("query", ns_roster)
                                     : nullptr;
    if (roster == nullptr) co_return false;
    for (const xml::Element* item : roster->elements("item", ns_roster)) {
      const auto subscription = item->attr_or("subscription", "none");
      const auto who = xmpp::Jid::parse(item->attr_or("jid", ""));
      if (who && *who == jid && (subscription == "to" || subscription == "both")) co_return true;
    }
    co_return false;
  }

  // A server tells presence only to those who are available themselves, so we are for a moment.
  Task<std::vector<xmpp::Jid>> resources_of(xmpp::Jid jid, xmpp::Jid own) {
    const auto seen = std::make_shared<std::vector<xmpp::Jid>>();
    auto showing = shows_presence(jid);
    const bool shows = co_await std::move(showing);
    if (!shows) co_return *seen;
    bus_.client().on_presence([seen, jid](const xml::Element& presence) {
      const auto from = xmpp::address(presence, "from");
      if (!from || !from->is_full() || from->bare() != jid) return;
      std::erase(*seen, *from);
      if (xmpp::presence_type(presence) == xmpp::PresenceType::available) seen->push_back(*from);
    });
    xml::Element available = xmpp::presence(xmpp::PresenceType::available, {});
    available.add("priority").add_text("-128");  // nothing is to be sent to us meanwhile
    bus_.client().send(available);
    // What the server says of presence stands before its answer to what was sent later.
    Duration took{};
    auto asking = ask(std::move(own), xmpp::ping(), took);
    co_await std::move(asking);
    bus_.client().send(xmpp::presence(xmpp::PresenceType::unavailable, {}));
    std::vector<xmpp::Jid> out = *seen;
    std::erase(out, bus_.jid());
    co_return out;
  }

  Bus& bus_;
  const Invocation& invocation_;
  const Words& words_;
  Time until_;
  FaultKind kind_ = FaultKind::ok;
  bool written_ = true;
};

Task<int> trace(Bus& bus, const Invocation& invocation, const Words& words) {
  Tracing tracing(bus, invocation, words);
  auto running = tracing.run();
  co_return co_await std::move(running);
}

}  // namespace

Verb trace_verb(common::CommandLine& program, const Invocation& invocation) {
  using Need = common::CommandLine::Need;
  auto& line = program.verb("trace", "where a stanza goes, and where it stops");
  const auto words = std::make_shared<Words>();
  line.text("PEER", words->target, "a JID, a domain, or the name of a service", Need::required);
  line.number("--count", words->count, 1, 1000, "pings to each entity at the end of the way (1)");
  line.details(
          "A line a hop: the own server, the domain, the registry, the service's address, its "
          "instances or the account and its resources. Each says what it is, and how long it took "
          "to answer; or which error came back, and what that means. A pipe gets a JSON object a "
          "line. To find the resources of an account that shows you its presence, the own account "
          "is available for a moment. The exit status is that of the first error.")
      .example("xbus trace agent", "From the server by the registry to every instance.")
      .example("xbus trace localhost --count 5", "How fast the server answers, five times.")
      .example("xbus trace services.localhost --json", "The registry, for a program.");
  return {&line, [&invocation, words] {
            return with_bus(invocation, "trace " + words->target,
                            [&](Bus& bus) { return trace(bus, invocation, *words); });
          }};
}

}  // namespace xbus::cli
