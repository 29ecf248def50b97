// Trees: parsing one call into an element and writing it again.
#include <benchmark/benchmark.h>

#include "bus/xml/element.hpp"
#include "tests/bench/workload.hpp"

namespace {

void element_parse(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(xbus::xml::parse(xbus::bench::call, "jabber:client"));
}
BENCHMARK(element_parse);

void element_write(benchmark::State& state) {
  const auto element = xbus::xml::parse(xbus::bench::call, "jabber:client");
  std::string out;
  for (auto _ : state) {
    out.clear();
    xbus::xml::write_to(out, *element, "jabber:client");
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(element_write);

}  // namespace
