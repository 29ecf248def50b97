// The Jabber-RPC codec: one call from its element into values, and from values into an element.
#include <benchmark/benchmark.h>

#include "rpc/jabber_rpc.hpp"
#include "tests/bench/workload.hpp"

namespace {

void rpc_read_call(benchmark::State& state) {
  const auto iq = xbus::xml::parse(xbus::bench::call, "jabber:client");
  for (auto _ : state) benchmark::DoNotOptimize(xbus::jabber_rpc::read_call(*iq));
}
BENCHMARK(rpc_read_call);

void rpc_write_call(benchmark::State& state) {
  const auto iq = xbus::xml::parse(xbus::bench::call, "jabber:client");
  const auto request = xbus::jabber_rpc::read_call(*iq);
  for (auto _ : state) benchmark::DoNotOptimize(xbus::jabber_rpc::write_call(*request));
}
BENCHMARK(rpc_write_call);

}  // namespace
