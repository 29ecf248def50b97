// A handler that calls another service: it suspends, it never blocks, and the caller's deadline stays in force.
#include <xbus/xbus.hpp>

int main() {
  return xbus::run([](xbus::Bus& bus) -> xbus::Task<void> {
    xbus::Service average("average");
    average
        .method("of_two", {"a", "b"},
                [&bus](xbus::Call& call, int a, int b) -> xbus::Task<double> {
                  xbus::CallOptions options;
                  options.timeout = call.deadline - bus.loop().now();
                  const int sum = co_await bus.service("calc").with(options).call<int>("add", a, b);
                  co_return sum / 2.0;
                })
        .doc("The mean of two integers, by way of calc.");
    co_await bus.serve(average);
    const double mean = co_await bus.service("average").call<double>("of_two", 2, 4);
    if (mean != 3.0) throw xbus::Fault(xbus::Fault::Kind::failed, "arithmetic is not what it was");
    co_await bus.leave(average);
  });
}
