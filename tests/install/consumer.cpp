// A program of somebody else's: a service and a call of it, with nothing but an installed xbus.
#include <xbus/xbus.hpp>

#include <cstdio>

int main() {
  xbus::Service calc("calc");
  calc.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
  xbus::LocalBus bus;
  bus.serve(calc);
  std::printf("2 + 3 = %d\n", bus.call<int>("calc", "add", 2, 3));
}
