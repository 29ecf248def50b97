// Addresses: parsing one that is ASCII and prepared already, and one that is not.
#include <benchmark/benchmark.h>

#include "bus/xmpp/jid.hpp"

namespace {

void jid_prepared(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(xbus::xmpp::Jid::parse("agent@services.localhost/host-a"));
}
BENCHMARK(jid_prepared);

void jid_to_prepare(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(xbus::xmpp::Jid::parse("Jürgen@Bücher.example/Büro"));
}
BENCHMARK(jid_to_prepare);

}  // namespace
