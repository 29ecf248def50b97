// The scanner beside expat with bare callbacks, over the same stream in the same chunks.
#include <benchmark/benchmark.h>
#include <expat.h>

#include <algorithm>

#include "bus/xml/scanner.hpp"
#include "tests/bench/workload.hpp"

namespace {

constexpr size_t chunk = 16 * 1024;

void scanner(benchmark::State& state) {
  const std::string text = xbus::bench::stanzas(1 << 20);
  for (auto _ : state) {
    xbus::xml::Scanner scanner;
    if (scanner.next(xbus::bench::header).event != xbus::xml::Scanner::Event::header)
      state.SkipWithError("header");
    size_t begin = 0, end = 0, found = 0;
    while (end < text.size()) {
      end = std::min(end + chunk, text.size());
      for (;;) {
        const auto step = scanner.next(std::string_view(text).substr(begin, end - begin));
        begin += step.consumed;
        if (step.event == xbus::xml::Scanner::Event::error) return state.SkipWithError("refused");
        if (step.event != xbus::xml::Scanner::Event::stanza) break;
        benchmark::DoNotOptimize(scanner.stanza());
        ++found;
      }
    }
    benchmark::DoNotOptimize(found);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(text.size()));
}
BENCHMARK(scanner)->Unit(benchmark::kMillisecond);

void expat(benchmark::State& state) {
  const std::string text = xbus::bench::stanzas(1 << 20);
  for (auto _ : state) {
    XML_Parser parser = XML_ParserCreateNS("UTF-8", '|');
    size_t found = 0;
    XML_SetUserData(parser, &found);
    XML_SetElementHandler(
        parser,
        [](void* data, const XML_Char*, const XML_Char**) { ++*static_cast<size_t*>(data); },
        [](void*, const XML_Char*) {});
    XML_SetCharacterDataHandler(parser, [](void*, const XML_Char*, int) {});
    const auto feed = [&](std::string_view piece) {
      if (XML_Parse(parser, piece.data(), static_cast<int>(piece.size()), 0) != XML_STATUS_OK) {
        state.SkipWithError("refused");
      }
    };
    feed(xbus::bench::header);
    for (size_t at = 0; at < text.size(); at += chunk)
      feed(std::string_view(text).substr(at, chunk));
    benchmark::DoNotOptimize(found);
    XML_ParserFree(parser);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(text.size()));
}
BENCHMARK(expat)->Unit(benchmark::kMillisecond);

}  // namespace
