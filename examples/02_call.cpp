// A caller: prints 5 when 01_service is on the bus.
#include <xbus/xbus.hpp>

#include <cstdio>

int main() {
  return xbus::run([](xbus::Bus& bus) -> xbus::Task<void> {
    const int sum = co_await bus.service("calc").call<int>("add", 2, 3);
    std::printf("%d\n", sum);
  });
}
