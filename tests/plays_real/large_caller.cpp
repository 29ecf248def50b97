// The caller of the plays about large calls: sends and asks for so many bytes and for more than may travel, and says
// what came of it.
#include <xbus/xbus.hpp>

#include "bus/limits.hpp"
#include "tests/plays_real/told.hpp"

namespace {

// "1000000", or the kind of the fault.
xbus::Task<std::string> size_of(xbus::Remote store, size_t bytes) {
  try {
    auto call = store.call<int64_t>("size", std::string(bytes, 'x'));
    const int64_t size = co_await std::move(call);
    co_return std::to_string(size);
  } catch (const xbus::Fault& fault) {
    co_return std::string(fault.kind_name());
  }
}

xbus::Task<std::string> text_of(xbus::Remote store, size_t bytes) {
  try {
    auto call = store.call<std::string>("text", static_cast<int>(bytes));
    const std::string text = co_await std::move(call);
    co_return std::to_string(text.size());
  } catch (const xbus::Fault& fault) {
    co_return std::string(fault.kind_name());
  }
}

}  // namespace

int main() {
  const std::string to = xbus::interop::told("TO");  // a JID; else the service by its name
  const size_t bytes = std::stoul(xbus::interop::told("BYTES"));
  return xbus::run(
      [&](xbus::Bus& bus) -> xbus::Task<void> {
        xbus::CallOptions options;
        options.timeout = std::chrono::seconds(60);
        const xbus::Remote store = (to.empty() ? bus.service("store") : bus.entity(to)).with(options);
        auto who = store.call<std::string>("who");
        xbus::interop::say("who " + co_await std::move(who));
        auto size = size_of(store, bytes);
        xbus::interop::say("size " + co_await std::move(size));
        auto text = text_of(store, bytes);
        xbus::interop::say("text " + co_await std::move(text));
        auto beyond = size_of(store, xbus::limits::message_bytes_max);
        xbus::interop::say("beyond " + co_await std::move(beyond));
        auto after = size_of(store, 10);
        xbus::interop::say("after " + co_await std::move(after));
        xbus::interop::say("done");
      },
      xbus::plays::bus_options());
}
