// The scanner, the tree and the writer beside Expat's bare callbacks, in one run, over one stream:
// calls, presence and events in chunks as a socket delivers them.
#include <benchmark/benchmark.h>
#include <expat.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"

namespace {

using namespace xbus;

constexpr std::string_view open_stream =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "version='1.0'>";

std::string call(size_t id, size_t text) {
  return "<iq type='set' to='u1@localhost/responder" + std::to_string(id % 8) + "' id='" +
         std::to_string(id) +
         "'><query "
         "xmlns='jabber:iq:rpc'><methodCall><methodName>echo</"
         "methodName><params><param><value><string>" +
         std::string(text, 'x') + "</string></value></param></params></methodCall></query></iq>";
}

std::string presence(size_t id) {
  return "<presence from='forecast@services.localhost/" + std::to_string(100000 + id % 1000) +
         "' to='u1@localhost/x'><c xmlns='http://jabber.org/protocol/caps' ver='abc'/></presence>";
}

std::string event(size_t id) {
  std::string fields;
  for (const char* name :
       {"rx_bytes", "tx_bytes", "rx_packets", "tx_packets", "rx_errors", "tx_errors", "carrier"}) {
    fields += std::string("<field name='") + name + "' unit='count'><value>" +
              std::to_string(id * 7919) + "</value></field>";
  }
  return "<message from='pubsub.localhost' to='watcher@localhost/42' type='headline' id='e" +
         std::to_string(id) +
         "'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='agent/link'><item "
         "id='" +
         std::to_string(id) + "'><link xmlns='urn:xbus:agent:0' name='eth0' state='up'>" + fields +
         "</link></item></items></event></message>";
}

// 40,000 stanzas: 60 % calls, 20 % presence, 20 % events.
const std::string& stream() {
  static const std::string bytes = [] {
    std::string all(open_stream);
    for (size_t i = 0; i < 40000; ++i)
      all += i % 5 < 3 ? call(i, 250) : i % 5 == 3 ? presence(i) : event(i);
    return all;
  }();
  return bytes;
}

// The ends of chunks of 4 to 16 KiB.
const std::vector<size_t>& chunk_ends() {
  static const std::vector<size_t> ends = [] {
    std::mt19937 random(1);
    std::vector<size_t> all;
    for (size_t at = 0; at < stream().size(); all.push_back(at)) {
      at = std::min(stream().size(), at + 4096 + random() % 12289);
    }
    return all;
  }();
  return ends;
}

// Reads the stream as a connection does: what is not consumed is moved to the front of the buffer.
template <class OnStanza>
size_t scan_stream(OnStanza on_stanza) {
  xml::Scanner scanner({.stanza_bytes_max = limits::stanza_bytes_max});
  std::vector<char> buffer(64 * 1024);
  size_t held = 0, from = 0, stanzas = 0;
  for (const size_t end : chunk_ends()) {
    std::copy(stream().data() + from, stream().data() + end, buffer.data() + held);
    held += end - from;
    from = end;
    std::string_view window(buffer.data(), held);
    for (;;) {
      const xml::Scanner::Step step = scanner.next(window);
      if (step.event == xml::Scanner::Event::stanza) {
        ++stanzas;
        on_stanza(scanner);
      }
      window.remove_prefix(step.consumed);
      if (step.event == xml::Scanner::Event::more) break;
      if (step.event == xml::Scanner::Event::error) return 0;
    }
    std::copy(window.begin(), window.end(), buffer.data());
    held = window.size();
  }
  return stanzas;
}

void count(benchmark::State& state, size_t stanzas) {
  if (stanzas != 40000) state.SkipWithError("the stream was not understood");
  const auto rounds = static_cast<int64_t>(state.iterations());
  state.SetBytesProcessed(rounds * static_cast<int64_t>(stream().size()));
  state.SetItemsProcessed(rounds * static_cast<int64_t>(stanzas));
}

void scanner(benchmark::State& state) {
  size_t stanzas = 0;
  for (auto _ : state) {
    stanzas = scan_stream(
        [](const xml::Scanner& s) { benchmark::DoNotOptimize(s.stanza().to.value.data()); });
  }
  count(state, stanzas);
}
BENCHMARK(scanner)->Unit(benchmark::kMillisecond);

// Expat with handlers that do nothing but count what must be the first level.
size_t expat_stream() {
  struct Depth {
    size_t now = 0, stanzas = 0;
  } depth;
  const XML_Parser p = XML_ParserCreateNS("UTF-8", '|');
  XML_SetUserData(p, &depth);
  XML_SetElementHandler(
      p, [](void* d, const char*, const char**) { ++static_cast<Depth*>(d)->now; },
      [](void* d, const char*) {
        if (--static_cast<Depth*>(d)->now == 1) ++static_cast<Depth*>(d)->stanzas;
      });
  XML_SetCharacterDataHandler(p, [](void*, const char*, int) {});
  size_t from = 0;
  for (const size_t end : chunk_ends()) {
    XML_Parse(p, stream().data() + from, static_cast<int>(end - from), 0);
    from = end;
  }
  XML_ParserFree(p);
  return depth.stanzas;
}

void expat(benchmark::State& state) {
  size_t stanzas = 0;
  for (auto _ : state) stanzas = expat_stream();
  count(state, stanzas);
}
BENCHMARK(expat)->Unit(benchmark::kMillisecond);

void scanner_and_tree(benchmark::State& state) {
  size_t stanzas = 0;
  for (auto _ : state) {
    stanzas = scan_stream([](const xml::Scanner& s) {
      const xml::Element e = xml::build(s.stanza(), s.header());
      benchmark::DoNotOptimize(e.name().data());
    });
  }
  count(state, stanzas);
}
BENCHMARK(scanner_and_tree)->Unit(benchmark::kMillisecond);

void writer(benchmark::State& state) {
  std::vector<xml::Element> trees;
  scan_stream([&](const xml::Scanner& s) {
    if (trees.size() < 1000) trees.push_back(xml::build(s.stanza(), s.header()));
  });
  std::string out;
  size_t bytes = 0;
  for (auto _ : state) {
    out.clear();
    for (const xml::Element& e : trees) xml::write_to(out, e, xml::ns_client);
    bytes += out.size();
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * trees.size()));
}
BENCHMARK(writer)->Unit(benchmark::kMicrosecond);

// One call, alone in its window as when a client waits for each answer: nanoseconds a stanza.
void one_call(benchmark::State& state) {
  const std::string bytes = call(12, static_cast<size_t>(state.range(0)));
  xml::Scanner s({.stanza_bytes_max = limits::stanza_bytes_max});
  s.next(open_stream);
  for (auto _ : state) {
    if (s.next(bytes).event != xml::Scanner::Event::stanza) state.SkipWithError("not a stanza");
    benchmark::DoNotOptimize(s.stanza().to.value.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes.size()));
  state.SetLabel(std::to_string(bytes.size()) + " bytes");
}
BENCHMARK(one_call)->Arg(16)->Arg(36)->Arg(100)->Arg(200);

double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// The two by turns, so that a machine whose speed wanders is the same for both. `ratio` is the
// median of the turns.
void scanner_to_expat(benchmark::State& state) {
  std::vector<double> ratios;
  for (auto _ : state) {
    const double start = cpu_seconds();
    benchmark::DoNotOptimize(expat_stream());
    const double between = cpu_seconds();
    for (int i = 0; i < 4; ++i) benchmark::DoNotOptimize(scan_stream([](const xml::Scanner&) {}));
    ratios.push_back(4 * (between - start) / (cpu_seconds() - between));
  }
  std::sort(ratios.begin(), ratios.end());
  state.counters["ratio"] = ratios[ratios.size() / 2];
}
BENCHMARK(scanner_to_expat)->Unit(benchmark::kMillisecond)->Iterations(11);

}  // namespace
