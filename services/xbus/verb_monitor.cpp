#include <poll.h>

#include <memory>

#include "bus/xmpp/disco.hpp"
#include "rpc/printable.hpp"
#include "services/xbus/resend.hpp"
#include "services/xbus/verbs.hpp"
#include "services/xbus/watching.hpp"

namespace xbus::cli {
namespace {

struct Words {
  WatchWords watch;
  std::string capture, replay;
  double seconds = 0, speed = 0;  // 0: without end; as fast as it goes
  bool own = false, resend = false;
};

Duration seconds_of(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

// What goes on while the client calls back; it may outlive the verb by a callback.
struct Live {
  Live(const Invocation& invocation, const Words& words, server::TapFilter filter)
      : watching(invocation, words.watch, std::move(filter)) {}
  Watching watching;
  bool lost = false;
};

void end_when_over(Bus& bus, Interrupt& interrupt, const std::shared_ptr<Live>& live) {
  // Not from inside the client's own call.
  if (live->watching.over() || live->lost) bus.loop().post([&interrupt] { interrupt.give(); });
}

// What the server says is shown.
void attend_tap(Bus& bus, Interrupt& interrupt, const std::shared_ptr<Live>& live) {
  bus.client().on_message([&bus, &interrupt, live](const xml::Element& message) {
    if (live->watching.over() || message.attr_or("from", {}) != bus.client().domain()) return;
    auto tapped = server::tapped_from(message);
    if (!tapped) return;
    if (tapped->missed != 0) live->watching.missed(tapped->missed);
    if (tapped->forwarded) live->watching.show(std::move(*tapped->forwarded));
    end_when_over(bus, interrupt, live);
  });
}

// All that goes over this connection is shown.
void attend_own(Bus& bus, Interrupt& interrupt, const std::shared_ptr<Live>& live) {
  bus.client().on_trace([&bus, &interrupt, live](bool outbound, std::string_view text) {
    if (live->watching.over()) return;
    auto stanza = xml::parse(text, xml::ns_client);
    if (!stanza || server::seen_of(*stanza).kind == xml::StanzaView::Kind::other) return;
    if (outbound && stanza->attr("from") == nullptr) stanza->set("from", bus.jid().str());
    if (!live->watching.wants(*stanza)) return;
    const auto now =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    live->watching.show({std::move(*stanza), xmpp::Delay{now, {}, {}}});
    end_when_over(bus, interrupt, live);
  });
  // To be told of presence. The negative priority keeps messages to the account with who reads
  // them.
  xml::Element presence("presence", xml::ns_client);
  presence.add("priority").add_text("-1");
  bus.client().send(presence);
}

Task<bool> has_monitors(Bus& bus, const Invocation& invocation) {
  const auto domain = jid_or_fault(bus.client().domain());
  auto asking = bus.client().request(domain, "get", xml::Element("query", xmpp::ns_disco_info),
                                     invocation.time_max());
  const client::Answer answer = co_await std::move(asking);
  const auto info = xmpp::disco_info_from(payload_or_fault(answer));
  co_return info.ok() && info->has_feature(server::ns_monitor);
}

// Who stands for which service, its own address first.
Task<std::vector<CaptureItem::Instance>> known_instances(Bus& bus, const Invocation& invocation) {
  std::vector<CaptureItem::Instance> all;
  auto listing = bus.list(invocation.time_max());
  for (const registry::ServiceInfo& service : co_await std::move(listing)) {
    if (auto address = registry::service_address(service.name, bus.registry_domain()))
      all.push_back({service.name, std::move(*address)});
    for (const registry::InstanceInfo& instance : service.instances)
      all.push_back({service.name, instance.jid});
  }
  co_return all;
}

// <with/> for the service: its address, which its instances have told of their presence, and those
// that are components and tell nobody.
void ask_for_service(Bus& bus, const std::vector<CaptureItem::Instance>& known,
                     const std::string& service, std::vector<xmpp::Jid>& with) {
  const auto address = registry::service_address(service, bus.registry_domain());
  if (!address) throw Fault(Fault::Kind::invalid, "\"" + service + "\" is no name of a service");
  with.push_back(*address);
  for (const CaptureItem::Instance& each : known) {
    const bool local = each.jid.domain() == bus.client().domain();
    if (!local && each.jid != *address && with.size() < 64 &&
        registry::service_address(each.service, bus.registry_domain()) == address)
      with.push_back(each.jid);
  }
}

// The file that is asked for, with who stands for which service in it; the error is a line.
Result<void, std::string> begin_capture(Bus& bus, const std::string& path,
                                        const std::vector<CaptureItem::Instance>& known,
                                        Watching& watching) {
  auto file = CaptureFile::create(path, bus.client().domain(), bus.jid().str());
  if (!file) return Err{file.error()};
  for (const CaptureItem::Instance& instance : known) {
    CaptureItem item;
    item.instance = instance;
    if (auto written = file->add(item); !written) return written;
  }
  watching.capture_to(std::move(*file));
  return {};
}

Task<void> start_tap(Bus& bus, const Invocation& invocation, server::TapStart start) {
  const auto domain = jid_or_fault(bus.client().domain());
  auto asking =
      bus.client().request(domain, "set", server::to_element(start), invocation.time_max());
  const client::Answer answer = co_await std::move(asking);
  const auto scope = server::tap_scope_from(payload_or_fault(answer));
  if (!invocation.err.person) co_return;
  invocation.note(scope == server::TapScope::all ? "all stanzas of the bus; Ctrl-C ends"
                                                 : "stanzas of your account; Ctrl-C ends");
}

// What nothing came after that could have told it.
Task<void> stop_tap(Bus& bus, const Invocation& invocation) {
  const auto domain = jid_or_fault(bus.client().domain());
  auto asking = bus.client().request(domain, "set", xml::Element("stop", server::ns_monitor),
                                     std::chrono::seconds(1));
  const client::Answer answer = co_await std::move(asking);
  if (answer.kind != client::Answer::Kind::result) co_return;
  const xml::Element* stopped = answer.stanza.first("stopped", server::ns_monitor);
  const std::string missed(stopped == nullptr ? "0" : stopped->attr_or("missed", "0"));
  if (missed != "0") invocation.note(missed + (missed == "1" ? " stanza" : " stanzas") + " missed in all");
}

// Starts what was asked for, or says why not: then the exit status.
Task<std::optional<int>> begin(Bus& bus, Interrupt& interrupt, const Invocation& invocation,
                               const Words& words, std::shared_ptr<Live> live) {
  const bool there = words.own || co_await has_monitors(bus, invocation);
  if (!there)
    co_return invocation.fail("monitor",
                              bus.client().domain() + " lacks monitors (" +
                                  std::string(server::ns_monitor) +
                                  "); --own shows what goes over this connection",
                              exit_status(FaultKind::no_such_method));
  std::vector<CaptureItem::Instance> known;
  if (!words.own && (!words.capture.empty() || !words.watch.service.empty()))
    known = co_await known_instances(bus, invocation);
  if (!words.capture.empty()) {
    const auto begun = begin_capture(bus, words.capture, known, live->watching);
    if (!begun) co_return invocation.fail("monitor", begun.error());
  }
  if (words.own) {
    attend_own(bus, interrupt, live);
    co_return std::nullopt;
  }
  server::TapStart start;
  start.filter = *filter_of(words.watch);
  if (!words.watch.service.empty())
    ask_for_service(bus, known, words.watch.service, start.filter.with);
  attend_tap(bus, interrupt, live);
  co_await start_tap(bus, invocation, std::move(start));
  co_return std::nullopt;
}

Task<int> watch(Bus& bus, Interrupt& interrupt, const Invocation& invocation, const Words& words) {
  const auto live = std::make_shared<Live>(invocation, words, *filter_of(words.watch));
  bus.client().on_state([&bus, &interrupt, live](client::State state) {
    if (state == client::State::online || live->watching.over()) return;
    live->lost = true;
    end_when_over(bus, interrupt, live);
  });
  const auto failed = co_await begin(bus, interrupt, invocation, words, live);
  if (failed) live->watching.end(*failed);
  if (words.seconds > 0 && !failed) co_await interrupt.pause(seconds_of(words.seconds));
  const bool endless = words.seconds <= 0 && !failed;
  while (endless && !interrupt.given()) co_await interrupt.pause(limits::call_time_max);
  const bool lost = live->lost && !live->watching.over();
  live->watching.end(0);
  if (lost) throw Fault(Fault::Kind::lost, "the connection ended");
  if (!words.own && !failed) co_await stop_tap(bus, invocation);
  co_return live->watching.status();
}

// ---- Captures ----

// Waits as long as there was between two stanzas, at the speed asked for.
class Pace {
 public:
  explicit Pace(double speed) : speed_(speed) {}
  Duration before(Timestamp at) {
    const Duration gap = last_ ? at - *last_ : Duration::zero();
    last_ = at;
    if (speed_ <= 0 || gap <= Duration::zero()) return Duration::zero();
    const double longest = std::chrono::duration<double>(limits::call_time_max).count();
    return seconds_of(std::min(longest, std::chrono::duration<double>(gap).count() / speed_));
  }

 private:
  double speed_;
  std::optional<Timestamp> last_;
};

int replay(const Invocation& invocation, const Words& words) {
  Watching watching(invocation, words.watch, *filter_of(words.watch));
  Pace pace(words.speed);
  const auto done = read_capture(words.replay, [&](const CaptureItem& item) {
    if (item.instance) watching.learn(*item.instance);
    if (item.missed != 0) watching.missed(item.missed);
    if (!item.seen || !watching.wants(item.seen->stanza)) return !watching.over();
    const auto wait =
        std::chrono::ceil<std::chrono::milliseconds>(pace.before(item.seen->delay->stamp));
    if (wait.count() > 0) ::poll(nullptr, 0, static_cast<int>(wait.count()));
    watching.show(*item.seen);
    return !watching.over();
  });
  if (!done) return invocation.fail("monitor", done.error());
  return watching.status();
}

Task<int> resend_all(Bus& bus, Interrupt& interrupt, const Invocation& invocation,
                     const Words& words, const std::vector<xmpp::Forwarded>& requests) {
  Pace pace(words.speed);
  int status = 0;
  for (const xmpp::Forwarded& request : requests) {
    const Duration wait = pace.before(request.delay->stamp);
    if (wait > Duration::zero()) co_await interrupt.pause(wait);
    if (interrupt.given()) break;
    auto sending = resend(bus.client(), invocation, request.stanza);
    const auto outcome = co_await std::move(sending);
    if (!outcome) co_return exit_local_trouble;
    if (status == 0) status = *outcome;
  }
  co_return status;
}

// The file is read before anything is sent: a broken one sends nothing.
int resend_file(const Invocation& invocation, const Words& words) {
  Watching watching(invocation, words.watch, *filter_of(words.watch));
  std::vector<xmpp::Forwarded> requests;
  size_t bytes = 0;
  const auto done = read_capture(words.replay, [&](const CaptureItem& item) {
    if (item.instance) watching.learn(*item.instance);
    if (!item.seen || !watching.wants(item.seen->stanza) || !is_resendable(item.seen->stanza))
      return true;
    bytes += xml::write(item.seen->stanza).size();
    requests.push_back(*item.seen);
    return bytes <= limits::input_bytes_max &&
           (words.watch.count == 0 || static_cast<int64_t>(requests.size()) < words.watch.count);
  });
  if (!done) return invocation.fail("monitor", done.error());
  if (bytes > limits::input_bytes_max)
    return invocation.fail("monitor", "more to send again than " +
                                          std::to_string(limits::input_bytes_max) +
                                          " bytes: narrow it down with filters");
  return with_bus(invocation, "monitor --resend", [&](Bus& bus, Interrupt& interrupt) {
    return resend_all(bus, interrupt, invocation, words, requests);
  });
}

// ---- The command line ----

std::string wrong_with(const Words& words) {
  const bool replay = !words.replay.empty();
  if (!replay && (words.resend || words.speed > 0)) return "--resend and --speed are for --replay";
  if (replay && (words.own || !words.capture.empty() || words.seconds > 0))
    return "--replay goes without --own, --capture and --for";
  if (words.watch.xml && words.resend)
    return "--resend tells outcomes, for which there is no --xml";
  const auto filter = filter_of(words.watch);
  return filter ? "" : filter.error();
}

int run(const Invocation& invocation, const Words& words) {
  if (const std::string wrong = wrong_with(words); !wrong.empty())
    return invocation.fail("monitor", wrong, exit_usage);
  if (words.resend) return resend_file(invocation, words);
  if (!words.replay.empty()) return replay(invocation, words);
  // What completion wants to know would be seen too.
  Invocation watcher = invocation;
  watcher.knowledge = Invocation::Knowledge::none;
  return with_bus(watcher, "monitor", [&](Bus& bus, Interrupt& interrupt) {
    return watch(bus, interrupt, watcher, words);
  });
}

void add_options(common::CommandLine& line, Words& words) {
  line.text("--service", words.watch.service,
            "stanzas from and to this service's address and instances");
  line.text("--from", words.watch.from,
            "from this JID: a full one, a bare one with all its resources, or a domain");
  line.text("--to", words.watch.to, "to this JID, likewise");
  line.choice("--kind", words.watch.kind, {"iq", "message", "presence"}, "only these stanzas");
  line.text("--payload", words.watch.payload, "whose first element has this namespace");
  line.flag("--errors", words.watch.errors, "only stanzas of type error");
  line.flag("--xml", words.watch.xml, "the whole of each stanza");
  line.number("--count", words.watch.count, 1, 1'000'000'000, "so many stanzas are enough");
  line.seconds("--for", words.seconds, 0.001,
               std::chrono::duration<double>(limits::call_time_max).count(),
               "end after so many seconds");
  line.text("--capture", words.capture, "write what is shown to this file too");
  line.flag("--own", words.own,
            "only what goes over this connection itself, which any server allows");
  line.text("--replay", words.replay, "show this capture in place of the bus");
  line.seconds("--speed", words.speed, 0.001, 1'000'000,
               "play the capture at so many times its own speed; else as fast as it goes");
  line.flag("--resend", words.resend,
            "send the capture's requests and messages again, as oneself, and tell the outcomes");
}

}  // namespace

Verb monitor_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("monitor", "stanzas as the bus passes them, live or from a capture");
  const auto words = std::make_shared<Words>();
  add_options(line, *words);
  line.details(
          "Shows what your account sends and receives on all its connections, and to an admin all "
          "that the bus passes; xbusd selects, so that only what is asked for is sent. A person "
          "gets a line a stanza: the time (UTC), kind and type, from whom to whom, what is in it, "
          "and with an answer how long it took. A pipe gets a JSON object a line. Payloads that "
          "carry passwords are left out for everybody. A monitor that does not keep up is told "
          "how many stanzas it missed; nobody else is slower for it. Other servers lack this: "
          "there --own is what there is.")
      .details(
          "A capture is one XML file: <capture xmlns='urn:xbus:capture:0' version='1' from='BUS' "
          "to='WHO'> holds, in the order of time, <instance service='NAME' jid='JID'/> for who "
          "stood for which service at the beginning, <missed stanzas='N'/>, and for each stanza "
          "<forwarded xmlns='urn:xmpp:forward:0'> (XEP-0297) with <delay/> (XEP-0203), which says "
          "when. It has mode 0600 and is whole at any time, also when the program is killed. "
          "--resend reads all of it first and leaves out what administers accounts, names or "
          "services.")
      .example("xbus monitor --for 1", "What passes within a second.")
      .example(
          "xbus call agent load --repeat 5 --every 0.3 > /dev/null & "
          "xbus monitor --service agent --payload jabber:iq:rpc --count 4",
          "Calls to a service and their answers.")
      .example("xbus monitor --errors --for 0.5", "Who is told that something does not work.")
      .example("xbus monitor --capture seen.xml --for 0.5", "Keep it in a file.")
      .example("xbus monitor --replay seen.xml --kind iq --xml", "Look at the file.")
      .example("xbus monitor --replay seen.xml --resend", "Ask once more what was asked then.");
  return {&line, [&invocation, words] { return run(invocation, *words); }};
}

}  // namespace xbus::cli
