#include "services/xbus/load_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "rpc/printable.hpp"
#include "services/common/counted.hpp"

namespace xbus::cli {
namespace {

double micros(Duration time) { return std::chrono::duration<double, std::micro>(time).count(); }
double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

double rate_of(const LoadRun& run) {
  const double time = seconds(run.measured());
  return time > 0 ? static_cast<double>(run.latencies().count()) / time : 0;
}

std::string number(double value, const char* form) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), form, value);
  return text.data();
}

// "850 ns", "12.3 us", "1.25 ms", "2.5 s".
std::string time_text(Duration time) {
  const double us = micros(time);
  if (us < 1) return number(us * 1000, "%.0f ns");
  if (us < 1000) return number(us, "%.4g us");
  if (us < 1e6) return number(us / 1000, "%.4g ms");
  return number(us / 1e6, "%.4g s");
}

// With a comma between thousands.
std::string count_text(double count) {
  std::string digits = number(count, "%.0f");
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string errors_text(uint64_t count) {
  return count_text(static_cast<double>(count)) + (count == 1 ? " error" : " errors");
}

std::string padded(std::string text, size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

double per_call(Duration cpu, const LoadRun& run) {
  const auto calls = static_cast<double>(run.latencies().count());
  return calls > 0 ? micros(cpu) / calls : 0;
}

std::string histogram(const Latencies& latencies, const Terminal& terminal) {
  const auto bars = latencies.bars();
  uint64_t most = 1;
  for (const auto& bar : bars) most = std::max(most, bar.count);
  constexpr size_t words = 34;
  const size_t room =
      terminal.width > words + 10 ? std::min<size_t>(terminal.width - words, 60) : 10;
  std::string out;
  for (const auto& bar : bars) {
    const double share = static_cast<double>(bar.count) / static_cast<double>(most);
    auto length = static_cast<size_t>(share * static_cast<double>(room));
    if (bar.count > 0) length = std::max<size_t>(length, 1);
    out += padded(time_text(bar.from), 9) + " to " + padded(time_text(bar.to), 9) + " |" +
           std::string(length, '#') + (length > 0 ? " " : "") +
           count_text(static_cast<double>(bar.count)) + "\n";
  }
  return out;
}

}  // namespace

Value load_value(const LoadWork& work, const LoadRun& run) {
  const Latencies& latencies = run.latencies();
  const auto whole = [](uint64_t count) { return Value(static_cast<int64_t>(count)); };
  Value outcomes = Value::structure({});
  for (const auto& [outcome, count] : run.failures()) outcomes.set(name_of(outcome), whole(count));
  Value out = Value::structure({{"work", work.work},
                                {"address", work.address},
                                {"callers", whole(work.callers)},
                                {"outstanding", whole(work.outstanding)},
                                {"payload_bytes", whole(work.payload_bytes)},
                                {"seconds", seconds(run.measured())},
                                {"stopped", run.stopped()},
                                {"calls", whole(latencies.count())},
                                {"rate", rate_of(run)},
                                {"errors", whole(run.failed())},
                                {"outcomes", std::move(outcomes)}});
  out.set("latency_us", Value::structure({{"least", micros(latencies.least())},
                                          {"p50", micros(latencies.at(0.5))},
                                          {"p90", micros(latencies.at(0.9))},
                                          {"p99", micros(latencies.at(0.99))},
                                          {"p999", micros(latencies.at(0.999))},
                                          {"most", micros(latencies.most())},
                                          {"mean", micros(latencies.mean())}}));
  if (const auto cpu = run.server_cpu())
    out.set("server",
            Value::structure({{"cpu_seconds", seconds(*cpu)},
                              {"cpu_us_per_call", per_call(*cpu, run)},
                              {"resident_kib", whole(run.server_bytes().value_or(0) / 1024)}}));
  out.set("own_cpu_us_per_call", per_call(run.own_cpu(), run));
  return out;
}

std::string load_text(const LoadWork& work, const LoadRun& run, const Terminal& terminal) {
  const Latencies& latencies = run.latencies();
  std::string out = terminal.bold(printable(work.work + " at " + work.address)) + ", " +
                    common::counted(work.callers, "caller") + " x " +
                    std::to_string(work.outstanding) + " in flight";
  if (work.payload_bytes > 0) out += ", " + common::counted(work.payload_bytes, "byte");
  out += run.stopped() ? ", stopped\n" : "\n";
  out += count_text(static_cast<double>(latencies.count())) + (latencies.count() == 1 ? " call in " : " calls in ") +
         number(seconds(run.measured()), "%.2f s") + ", " + count_text(rate_of(run)) +
         " a second, ";
  out += run.failed() == 0
             ? "no errors\n"
             : terminal.red(errors_text(run.failed())) + "\n";
  for (const auto& [outcome, count] : run.failures())
    out +=
        "  " + std::string(name_of(outcome)) + ": " + count_text(static_cast<double>(count)) + "\n";
  if (const auto cpu = run.server_cpu())
    out += "server: " + number(per_call(*cpu, run), "%.2f us of CPU a call, ") +
           number(static_cast<double>(run.server_bytes().value_or(0)) / 1048576, "%.1f MiB\n");
  out += terminal.dim("this generator: " +
                      number(per_call(run.own_cpu(), run), "%.2f us of CPU a call")) +
         "\n";
  if (latencies.count() == 0) return out;
  out += "\nlatency";
  for (const auto& [name, share] :
       {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}})
    out += std::string("  ") + name + " " + time_text(latencies.at(share));
  out += "  max " + time_text(latencies.most()) + "\n\n";
  return out + histogram(latencies, terminal);
}

std::string load_progress(const LoadRun& run, double rate, size_t width) {
  const bool measuring = run.phase() == LoadRun::Phase::measuring;
  std::string words = "  " + count_text(rate) + " calls/s";
  if (measuring) words += "  p50 " + time_text(run.latencies().at(0.5));
  if (run.failed() > 0) words += "  " + errors_text(run.failed());
  const std::string name = measuring ? "measuring " : "warming up ";
  const size_t taken = name.size() + words.size() + 3;
  const size_t room = width > taken + 10 ? std::min<size_t>(width - taken, 40) : 10;
  const auto full = std::min(room, static_cast<size_t>(run.progress() * static_cast<double>(room)));
  return fitted(name + "[" + std::string(full, '#') + std::string(room - full, '.') + "]" + words,
                width > 1 ? width - 1 : 1);
}

}  // namespace xbus::cli
